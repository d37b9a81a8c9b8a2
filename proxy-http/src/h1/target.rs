//! Checks targets against methods and against `host` (RFC 9112, section 3.2; RFC 9110, section 4.2).

use super::authority;
use super::block::Block;
use super::error::{Fault, HeadErrorKind};
use super::request_line::RequestLine;
use crate::fields::{Entry, Piece};
use crate::method::Method;
use crate::request::Request;
use crate::target::{Target, TargetForm};

/// An absolute target that has to be written without its default port, or with the path that it lacks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rewrite {
    /// The part before the port.
    before: Piece,
    /// The new value of `host`.
    host: Piece,
    /// The part from the path on.
    after: Piece,
    adds_path: bool,
}

/// Checks the target, and `host` if there is one.
pub(super) fn check(
    bytes: &[u8],
    index: &mut [Entry],
    line: &RequestLine,
    block: &mut Block,
    lax: bool,
) -> Result<Option<Rewrite>, Fault> {
    let (place, method) = (line.target, Method::of(line.method.of(bytes)));
    let text = place.of(bytes);
    let target = Target::parse(text);
    let wrong_form = Err((HeadErrorKind::TargetForm, place.start()));
    let host = block.facts.host;
    match (target.form, method) {
        (TargetForm::Asterisk, Method::Options | Method::Other) | (TargetForm::Origin, _)
            if method != Method::Connect =>
        {
            Ok(None)
        }
        (TargetForm::Authority, Method::Connect) if text.first() != Some(&b'*') => {
            let named = target.host_and_port().unwrap_or_default();
            let fits = host.is_none_or(|(host, _)| authority::matches_connect(named, host.of(bytes)));
            let (_, port) = authority::split(named);
            if !authority::is_allowed(named) && !lax {
                return Err((HeadErrorKind::Target, place.start()));
            }
            // Nothing may follow the authority: a recipient that reads a path there would read another target.
            if named.iter().any(|byte| matches!(byte, b'/' | b'?' | b'#')) {
                return wrong_form;
            }
            if !lax && port.is_none_or(<[u8]>::is_empty) {
                return wrong_form;
            }
            if let Some((value, at)) = host {
                if !lax && !fits {
                    return Err((HeadErrorKind::HostMismatch, value.start()));
                }
                shorten_host(bytes, &mut index[at], block);
            }
            Ok(None)
        }
        (TargetForm::Absolute, method) if method != Method::Connect => {
            let scheme = target.scheme.unwrap_or_default();
            let named = target.host_and_port().unwrap_or_default();
            if !lax && !authority::is_allowed(named) {
                return Err((HeadErrorKind::Target, place.start()));
            }
            if let Some((value, _)) = host
                && !lax
                && !authority::matches(scheme, named, value.of(bytes))
            {
                return Err((HeadErrorKind::HostMismatch, value.start()));
            }
            // An authority that was only accepted with `accept_unsafe` is not used for `host`.
            let rewrite = normalize(place, text, &target, named, method);
            Ok(rewrite.filter(|_| authority::is_allowed(named)))
        }
        _ => wrong_form,
    }
}

/// Removes the port from `host` of CONNECT if it is the default of any scheme.
fn shorten_host(bytes: &[u8], entry: &mut Entry, block: &mut Block) {
    let value = entry.value;
    if let (host, Some(port)) = authority::split(value.of(bytes))
        && !port.is_empty()
        && authority::is_default_port(None, port)
    {
        entry.value = Piece::new(value.start(), value.start() + host.len());
        block.is_plain = false;
    }
}

fn normalize(
    place: Piece,
    text: &[u8],
    target: &Target<'_>,
    named: &[u8],
    method: Method,
) -> Option<Rewrite> {
    let (host, port) = authority::split(named);
    let drops_port = port.is_some_and(|port| authority::is_default_port(target.scheme, port));
    let adds_path = target.path_and_query.is_empty() && method != Method::Options;
    if !drops_port && !adds_path {
        return None;
    }
    let end = place.start() + text.len() - target.path_and_query.len();
    let start = end - named.len();
    let host_end = if drops_port { start + host.len() } else { end };
    Some(Rewrite {
        before: Piece::new(place.start(), host_end),
        host: Piece::new(start, host_end),
        after: Piece::new(end, place.end()),
        adds_path,
    })
}

impl Rewrite {
    /// Writes the new target after everything else in the arena.
    pub(super) fn apply(self, request: &mut Request) {
        let (arena, index) = request.fields.parts_mut();
        for entry in index.iter_mut().filter(|entry| entry.name.of(arena) == b"host") {
            entry.value = self.host;
        }
        let start = arena.len();
        arena.extend_from_within(self.before.start()..self.before.end());
        arena.extend_from_within(self.after.start()..self.after.end());
        if self.adds_path {
            arena.push(b'/');
        }
        request.target = Piece::new(start, arena.len());
    }
}
