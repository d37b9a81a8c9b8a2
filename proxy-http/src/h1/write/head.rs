//! The fields of a head.

use super::{CaseMap, Connection};
use crate::fields::{Field, Fields};
use crate::list;
use crate::version::Version;

/// What a message's `connection` fields say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) close: bool,
    pub(super) upgrade: bool,
}

impl Said {
    pub(super) fn by(fields: &Fields) -> Said {
        let mut said = Said::default();
        for element in fields.all(b"connection").flat_map(list::values) {
            said.close |= element.eq_ignore_ascii_case(b"close");
            said.upgrade |= element.eq_ignore_ascii_case(b"upgrade");
        }
        said
    }
}

/// The fields that delimit a body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Framed {
    /// Neither is written.
    None,
    /// Both are written as the message has them.
    AsSaid,
    /// `content-length`.
    Length(u64),
    /// `transfer-encoding: chunked`.
    Chunked,
}

/// Writes all fields of a message, what is added to them, and the empty line.
pub(super) fn fields(
    buffer: &mut Vec<u8>,
    names: Option<&CaseMap>,
    fields: &Fields,
    framed: Framed,
    connection: Option<&[u8]>,
) {
    let mut is_framed = false;
    for it in fields.iter() {
        match it.name {
            b"content-length" => match framed {
                Framed::Length(length) if !is_framed => {
                    content_length(buffer, names, length);
                    is_framed = true;
                }
                Framed::AsSaid => field(buffer, names, it.name, it.value),
                _ => {}
            },
            b"transfer-encoding" => match framed {
                Framed::Chunked if !is_framed => {
                    field(buffer, names, it.name, b"chunked");
                    is_framed = true;
                }
                Framed::AsSaid => field(buffer, names, it.name, it.value),
                _ => {}
            },
            b"connection" => connection_field(buffer, names, it),
            // Of what a peer may send in a transfer coding only trailers are passed on.
            b"te" => {
                if list::values(it.value).any(|element| element.eq_ignore_ascii_case(b"trailers")) {
                    field(buffer, names, it.name, b"trailers");
                }
            }
            _ => field(buffer, names, it.name, it.value),
        }
    }
    if let (Framed::Length(length), false) = (framed, is_framed) {
        content_length(buffer, names, length);
    }
    if let Some(value) = connection {
        field(buffer, names, b"connection", value);
    }
    if let (Framed::Chunked, false) = (framed, is_framed) {
        field(buffer, names, b"transfer-encoding", b"chunked");
    }
    buffer.extend_from_slice(b"\r\n");
}

/// Writes one field.
pub(super) fn field(buffer: &mut Vec<u8>, names: Option<&CaseMap>, name: &[u8], value: &[u8]) {
    buffer.extend_from_slice(names.map_or(name, |names| names.written(name)));
    buffer.extend_from_slice(b": ");
    buffer.extend_from_slice(value);
    buffer.extend_from_slice(b"\r\n");
}

fn content_length(buffer: &mut Vec<u8>, names: Option<&CaseMap>, length: u64) {
    let mut digits = [0; 20];
    let (mut start, mut rest) = (digits.len(), length);
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    field(buffer, names, b"content-length", &digits[start..]);
}

/// What is said about this connection is not said about the next.
fn connection_field(buffer: &mut Vec<u8>, names: Option<&CaseMap>, it: Field<'_>) {
    let is_ours = |element: &[u8]| {
        element.eq_ignore_ascii_case(b"close") || element.eq_ignore_ascii_case(b"keep-alive")
    };
    if !list::values(it.value).any(is_ours) {
        if !it.value.is_empty() {
            field(buffer, names, it.name, it.value);
        }
        return;
    }
    let mut others = list::values(it.value).filter(|element| !element.is_empty() && !is_ours(element));
    let Some(first) = others.next() else { return };
    buffer.extend_from_slice(names.map_or(it.name, |names| names.written(it.name)));
    buffer.extend_from_slice(b": ");
    buffer.extend_from_slice(first);
    for other in others {
        buffer.push(b',');
        buffer.extend_from_slice(other);
    }
    buffer.extend_from_slice(b"\r\n");
}

/// The version that is written for a message's: whatever is later than 1.1 is spoken as 1.1 here.
pub(super) fn version(buffer: &mut Vec<u8>, version: Version) {
    let version = if version.is_11() { Version::HTTP_11 } else { version };
    buffer.extend_from_slice(b"HTTP/");
    buffer.extend_from_slice(&[b'0' + version.major % 10, b'.', b'0' + version.minor % 10]);
}

/// A connection that the message itself ends is not kept.
pub(super) fn unless_closed(connection: Connection, close: bool) -> Connection {
    match connection {
        Connection::KeepAlive if close => Connection::Close,
        connection => connection,
    }
}
