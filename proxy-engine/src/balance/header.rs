//! `balance hdr(<name>)`: the same value of a field leads to the same server.

use proxy_http::{Request, list};

use super::hashing::{ByHash, Hashable, Hashed};
use super::registry::no_expression;
use super::{Algorithm, ArgumentError, Requester};

inventory::submit! {
    Algorithm {
        name: "hdr",
        arguments: "<name> [use_domain_only]",
        help: "by a hash of a field of the request: hdr(<name>), or only of the main part of a domain name",
        since: "0.1",
        needs_request: true,
        expression: no_expression,
        make: |arguments, hashing| {
            let (name, domain_only) = match arguments {
                [name] => (name, false),
                [name, "use_domain_only"] => (name, true),
                [_, other, ..] => {
                    return Err(ArgumentError(format!("use_domain_only is expected, found '{other}'")));
                }
                [] => (&"", false),
            };
            if name.is_empty() {
                return Err(ArgumentError("the name of a field is expected: hdr(<name>)".to_owned()));
            }
            let name = name.to_ascii_lowercase().into_bytes();
            ByHash::made(Header { name, domain_only }, hashing)
        },
    }
}

#[derive(Debug)]
struct Header {
    /// The name of the field, in lower case.
    name: Vec<u8>,
    domain_only: bool,
}

impl Header {
    /// Returns the first value of the first field with this name, unless it is empty.
    fn key<'a>(&self, request: &'a Request) -> Option<&'a [u8]> {
        let value =
            list::values(request.fields().get(&self.name)?).next().filter(|value| !value.is_empty())?;
        Some(if self.domain_only { domain(value) } else { value })
    }
}

/// Returns what is between the last two dots, or before the last one, or the whole name if it has no dot. A dot at the
/// very start does not count.
fn domain(name: &[u8]) -> &[u8] {
    let Some(end) = name.iter().rposition(|byte| *byte == b'.').filter(|end| *end > 0) else { return name };
    // An empty label, between two dots in a row, is skipped.
    let start = name[..end - 1].iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
    &name[start..end]
}

impl Hashable for Header {
    fn hash(&self, requester: &Requester<'_>, servers: &Hashed) -> Option<u32> {
        Some(servers.hash(self.key(requester.request?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_part_of_a_domain() {
        for (name, expected) in [
            ("haproxy.1wt.eu", "1wt"),
            ("www.example.com", "example"),
            ("example.com", "example"),
            ("a.b.c.d", "c"),
            ("localhost", "localhost"),
            ("example.com:8080", "example"),
            (".org", ".org"),
            ("x.", "x"),
            ("a..b", "a."),
            ("www.a.b", "a"),
        ] {
            assert_eq!(domain(name.as_bytes()), expected.as_bytes(), "{name}");
        }
    }
}
