//! Writes the fields of a head.

use super::{CaseMap, Connection};
use crate::fields::{Field, Fields};
use crate::list;
use crate::version::Version;

/// The options in a message's `connection` fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ConnectionOptions {
    pub(super) close: bool,
    pub(super) upgrade: bool,
}

impl ConnectionOptions {
    pub(super) fn by(fields: &Fields) -> ConnectionOptions {
        let mut options = ConnectionOptions::default();
        for element in fields.all(b"connection").flat_map(list::values) {
            options.close |= element.eq_ignore_ascii_case(b"close");
            options.upgrade |= element.eq_ignore_ascii_case(b"upgrade");
        }
        options
    }
}

/// The fields that delimit a body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Framed {
    /// Neither field is written.
    None,
    /// Both fields are written as the message has them.
    Unchanged,
    /// A `content-length` is written.
    Length(u64),
    /// `transfer-encoding: chunked` is written.
    Chunked,
}

/// Writes all fields of a message, the added ones, and the empty line.
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
                Framed::Unchanged => field(buffer, names, it.name, it.value),
                _ => {}
            },
            b"transfer-encoding" => match framed {
                Framed::Chunked if !is_framed => {
                    field(buffer, names, it.name, b"chunked");
                    is_framed = true;
                }
                Framed::Unchanged => field(buffer, names, it.name, it.value),
                _ => {}
            },
            b"connection" => connection_field(buffer, names, it),
            // Of the transfer codings that a peer accepts, only trailers are passed on.
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

/// Writes the options of `connection` that are not about this connection only.
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

/// Writes the version for a message's: a version later than 1.1 is written as 1.1.
pub(super) fn version(buffer: &mut Vec<u8>, version: Version) {
    let version = if version.is_11() { Version::HTTP_11 } else { version };
    buffer.extend_from_slice(b"HTTP/");
    buffer.extend_from_slice(&[b'0' + version.major % 10, b'.', b'0' + version.minor % 10]);
}

/// Returns `Close` if the message itself ends the connection.
pub(super) fn unless_closed(connection: Connection, close: bool) -> Connection {
    match connection {
        Connection::KeepAlive if close => Connection::Close,
        connection => connection,
    }
}
