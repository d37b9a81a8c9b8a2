//! `balance uri`: the same target leads to the same server, as caches need it.

use proxy_http::{Request, Target, TargetForm};

use super::hashing::{ByHash, Hashable, Hashed};
use super::registry::no_expression;
use super::{Algorithm, ArgumentError, Requester};

inventory::submit! {
    Algorithm {
        name: "uri",
        arguments: "[len <bytes>] [depth <directories>] [whole] [path-only]",
        help: "by a hash of the request's target up to the question mark, or of another part of it",
        since: "0.1",
        needs_request: true,
        expression: no_expression,
        make: |arguments, hashing| ByHash::made(part(arguments)?, hashing),
    }
}

/// The part of a target that is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct HashedPart {
    /// The most bytes from the start.
    length: Option<usize>,
    /// The number of directories: the part ends before the slash that follows them.
    depth: Option<usize>,
    /// Whether the query is included.
    whole: bool,
    /// Whether it begins at the path, also of an absolute target.
    path_only: bool,
}

fn part(mut arguments: &[&str]) -> Result<HashedPart, ArgumentError> {
    let mut part = HashedPart::default();
    loop {
        arguments = match arguments {
            [] => return Ok(part),
            ["whole", rest @ ..] => {
                part.whole = true;
                rest
            }
            ["path-only", rest @ ..] => {
                part.path_only = true;
                rest
            }
            [name @ ("len" | "depth"), rest @ ..] => {
                let number = rest.first().and_then(|word| word.parse().ok()).filter(|number| *number > 0);
                let Some(number) = number else {
                    return Err(ArgumentError(format!("'{name}' takes a number from 1 up")));
                };
                *(if *name == "len" { &mut part.length } else { &mut part.depth }) = Some(number);
                &rest[1..]
            }
            [other, ..] => {
                let message = format!("len, depth, whole or path-only is expected, found '{other}'");
                return Err(ArgumentError(message));
            }
        }
    }
}

impl HashedPart {
    fn of<'a>(&self, request: &'a Request) -> &'a [u8] {
        let target = match self.path_only {
            false => request.target(),
            true => match Target::parse(request.target()) {
                Target { form: TargetForm::Asterisk, .. } => b"",
                target => target.path_and_query,
            },
        };
        let target = &target[..self.length.unwrap_or(target.len()).min(target.len())];
        let mut slashes = 0;
        let end = target.iter().position(|byte| {
            slashes += usize::from(*byte == b'/');
            match byte {
                b'/' => self.depth.is_some_and(|depth| slashes > depth),
                b'?' => !self.whole,
                _ => false,
            }
        });
        &target[..end.unwrap_or(target.len())]
    }
}

impl Hashable for HashedPart {
    fn hash(&self, requester: &Requester<'_>, servers: &Hashed) -> Option<u32> {
        requester.request.map(|request| servers.hash(self.of(request)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str], target: &str) -> String {
        let mut request = Request::new();
        request.set_target(target.as_bytes()).expect("there is room");
        let part = part(arguments).expect("they are right");
        String::from_utf8(part.of(&request).to_vec()).expect("it is text")
    }

    #[test]
    fn the_part_that_counts() {
        for (arguments, target, expected) in [
            (&[][..], "/a/b?c=/d", "/a/b"),
            (&["whole"], "/a/b?c=/d", "/a/b?c=/d"),
            (&["len", "3"], "/a/b?c", "/a/"),
            (&["len", "9"], "/a/b", "/a/b"),
            (&["depth", "1"], "/a/b/c", "/a"),
            (&["depth", "2"], "/a/b/c", "/a/b"),
            (&["depth", "2"], "/a", "/a"),
            (&["depth", "2", "len", "2"], "/a/b/c", "/a"),
            (&["whole", "depth", "1"], "/a?b/c", "/a?b"),
            (&[], "http://host/a?b", "http://host/a"),
            (&["path-only"], "http://host/a?b", "/a"),
            (&["path-only", "whole"], "http://host/a?b", "/a?b"),
            (&["path-only"], "http://host", ""),
            (&["path-only"], "*", ""),
            (&[], "*", "*"),
            (&["path-only"], "host:80", ""),
        ] {
            assert_eq!(of(arguments, target), expected, "{arguments:?} {target}");
        }
    }

    #[test]
    fn wrong_arguments() {
        for wrong in [&["len"][..], &["len", "0"], &["depth", "x"], &["hole"], &["len", "-1"], &["3"]] {
            assert!(part(wrong).is_err(), "{wrong:?}");
        }
    }
}
