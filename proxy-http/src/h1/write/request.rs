//! Writes the head of a request.

use super::head::{self, ConnectionOptions, Framed};
use super::{Connection, Head, Outbound, Written};
use crate::body::BodyLength;
use crate::h1::Framing;
use crate::request::Request;
use crate::version::Version;

/// Writes the head of a request: appends it to the buffer, unless it can be sent unchanged.
pub fn request<'a>(request: &'a Request, outbound: &Outbound<'_>, buffer: &mut Vec<u8>) -> Written<'a> {
    let framing = match outbound.body {
        BodyLength::Empty => Framing::None,
        BodyLength::Known(length) => Framing::Length(length),
        // The end of the connection cannot be the end of a request's body: the response comes on the connection.
        BodyLength::Unknown => Framing::Chunked,
    };
    let wire = request.unchanged_wire();
    let options = match wire {
        Some(wire) => ConnectionOptions { close: false, upgrade: wire.upgrade },
        None => ConnectionOptions::by(&request.fields),
    };
    // A server of HTTP/1.0 without support for chunks would read the rest as another request.
    let is_risky = framing == Framing::Chunked && !request.version.is_11();
    let connection = head::unless_closed(outbound.connection, options.close || is_risky);
    let added = if options.upgrade { None } else { added(connection, request.version) };

    if let (Some(wire), None) = (wire, added)
        && outbound.takes_wire(wire.body)
    {
        let bytes = wire.bytes.of(request.fields.arena());
        return Written { head: Head::Wire(bytes), body: framing, connection };
    }

    buffer.extend_from_slice(request.method_name());
    buffer.push(b' ');
    buffer.extend_from_slice(request.target());
    buffer.push(b' ');
    head::version(buffer, request.version);
    buffer.extend_from_slice(b"\r\n");
    let framed = match framing {
        Framing::Length(length) => Framed::Length(length),
        Framing::Chunked => Framed::Chunked,
        Framing::None | Framing::UntilClose => Framed::None,
    };
    head::fields(buffer, outbound.names, &request.fields, framed, added);
    Written { head: Head::Encoded, body: framing, connection }
}

/// Returns the `connection` field that the version does not imply.
fn added(connection: Connection, version: Version) -> Option<&'static [u8]> {
    match connection {
        Connection::KeepAlive if !version.is_11() => Some(b"keep-alive"),
        Connection::Close if version.is_11() => Some(b"close"),
        _ => None,
    }
}
