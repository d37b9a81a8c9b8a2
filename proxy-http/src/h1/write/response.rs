//! Writes the head of a response.

use super::head::{self, ConnectionOptions, Framed};
use super::{Connection, Head, Outbound, Written};
use crate::body::BodyLength;
use crate::h1::Framing;
use crate::reason::reason;
use crate::response::Response;
use crate::version::Version;

/// Writes the head of a response: appends it to the buffer, unless it can be sent unchanged.
///
/// A body of unknown length is sent in chunks to a peer that supports them, unless the connection is closed after
/// it anyway and the body was not in chunks before; then, and for other peers, it ends with the connection.
pub fn response<'a>(response: &'a Response, outbound: &Outbound<'_>, buffer: &mut Vec<u8>) -> Written<'a> {
    let wire = response.unchanged_wire();
    let options = match wire {
        Some(wire) => ConnectionOptions { close: false, upgrade: wire.upgrade },
        None => ConnectionOptions::by(&response.fields),
    };
    let is_coded = outbound.body == BodyLength::Unknown && response.fields.has(b"transfer-encoding");
    let asked =
        head::unless_closed(outbound.connection, options.close || (is_coded && !response.version.is_11()));
    let framing = framing(response, outbound, asked, is_coded);
    let connection = head::unless_closed(asked, framing == Framing::UntilClose);
    let is_silent = response.status < 200 || options.upgrade;
    let added = if is_silent { None } else { added(connection, response.version, outbound.peer) };

    if let (Some(wire), None) = (wire, added)
        && outbound.takes_wire(wire.body)
        && is_coded == (framing == Framing::Chunked)
    {
        let bytes = wire.bytes.of(response.fields.arena());
        return Written { head: Head::Wire(bytes), body: framing, connection };
    }

    head::version(buffer, response.version);
    let status = response.status;
    let digit = |unit: u16| b'0' + (status / unit % 10) as u8;
    buffer.extend_from_slice(&[b' ', digit(100), digit(10), digit(1), b' ']);
    match response.reason() {
        b"" => buffer.extend_from_slice(reason(status).as_bytes()),
        words => buffer.extend_from_slice(words),
    }
    buffer.extend_from_slice(b"\r\n");
    let framed = match framing {
        Framing::Length(length) => Framed::Length(length),
        Framing::Chunked => Framed::Chunked,
        // The length in a response to a HEAD, or in a 304, describes a body that is not sent.
        Framing::None if status >= 200 && status != 204 && outbound.connection != Connection::Upgrade => {
            Framed::Unchanged
        }
        Framing::None | Framing::UntilClose => Framed::None,
    };
    head::fields(buffer, outbound.names, &response.fields, framed, added);
    Written { head: Head::Encoded, body: framing, connection }
}

fn framing(response: &Response, outbound: &Outbound<'_>, connection: Connection, is_coded: bool) -> Framing {
    let may_chunk = response.version.is_11() && connection == Connection::KeepAlive;
    match outbound.body {
        _ if response.status < 200 || response.status == 204 => Framing::None,
        BodyLength::Empty => Framing::None,
        BodyLength::Known(length) => Framing::Length(length),
        BodyLength::Unknown if outbound.peer.is_11() && (is_coded || may_chunk) => Framing::Chunked,
        BodyLength::Unknown => Framing::UntilClose,
    }
}

/// Returns the `connection` field that the two versions do not imply.
fn added(connection: Connection, version: Version, peer: Version) -> Option<&'static [u8]> {
    match connection {
        Connection::KeepAlive if !version.is_11() || !peer.is_11() => Some(b"keep-alive"),
        Connection::Close if version.is_11() => Some(b"close"),
        _ => None,
    }
}
