//! The bytes that a client sends before its request: a PROXY header for the proxy, and a ClientHello.
//!
//! The ClientHello is what a proxy reads to choose a server by its name. It is passed on, and the origin skips it: no
//! TLS follows.

use std::net::Ipv4Addr;

use crate::failure::Failure;
use crate::link::{Limit, Link};
use crate::wire::Request;

/// The signature of version 2 of the PROXY protocol.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The content type of TLS handshake records, which no request begins with.
const HANDSHAKE: u8 = 22;
/// The type, version and length of a record.
const RECORD_HEADER: usize = 5;

/// What a client sends first.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    bytes: Vec<u8>,
}

impl Opening {
    /// Makes one of a PROXY header (version 2, of a client at 192.0.2.1), if wanted, and a ClientHello with this server
    /// name, if there is one.
    pub fn new(proxy_header: bool, server_name: Option<&str>) -> Self {
        let mut bytes = Vec::new();
        if proxy_header {
            write_proxy_header(&mut bytes);
        }
        if let Some(name) = server_name {
            bytes.extend_from_slice(&client_hello(name));
        }
        Self { bytes }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn write_proxy_header(bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(SIGNATURE);
    // Version 2, PROXY; TCP over IPv4; 12 bytes of addresses.
    bytes.extend_from_slice(&[0x21, 0x11, 0, 12]);
    bytes.extend_from_slice(&Ipv4Addr::new(192, 0, 2, 1).octets());
    bytes.extend_from_slice(&Ipv4Addr::new(192, 0, 2, 2).octets());
    bytes.extend_from_slice(&40_000_u16.to_be_bytes());
    bytes.extend_from_slice(&443_u16.to_be_bytes());
}

/// Returns the record of a ClientHello of TLS 1.2 and 1.3 (RFC 8446, 4.1.2) with a server name and ALPN.
fn client_hello(name: &str) -> Vec<u8> {
    let server_name = vector(&[&[0], &vector(name.as_bytes())[..]].concat());
    let alpn = vector(b"\x02h2\x08http/1.1");
    let extensions = [
        extension(0, &server_name),
        extension(16, &alpn),
        extension(43, &[4, 3, 4, 3, 3]),
        extension(10, &vector(&[0, 0x1d, 0, 0x17])),
        extension(13, &vector(&[4, 3, 8, 4, 4, 1])),
    ]
    .concat();
    let mut body = vec![3, 3];
    body.extend_from_slice(&[0x5a; 32]);
    body.push(32);
    body.extend_from_slice(&[0xa5; 32]);
    body.extend_from_slice(&vector(&[0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2f]));
    body.extend_from_slice(&[1, 0]);
    body.extend_from_slice(&vector(&extensions));
    // The type and a length of three bytes, of which `vector` writes the lower two.
    let message = [&[1, 0], &vector(&body)[..]].concat();
    [&[HANDSHAKE, 3, 1], &vector(&message)[..]].concat()
}

fn extension(number: u16, content: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes(), &vector(content)[..]].concat()
}

/// Returns the bytes with their length before them, in two bytes.
fn vector(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("a server name is at most 255 bytes long");
    [&length.to_be_bytes(), content].concat()
}

/// Reads the request at the beginning of a connection, after a ClientHello if there is one.
pub(crate) fn read_request(link: &Link, limit: Limit<'_>) -> Result<[u8; Request::LEN], Failure> {
    let mut header = [0; Request::LEN];
    link.read_exact(&mut header, limit)?;
    if header[0] != HANDSHAKE {
        return Ok(header);
    }
    let record = RECORD_HEADER + usize::from(u16::from_be_bytes([header[3], header[4]]));
    // The rest of the record and the request, of which nothing was read unless the record is very short.
    let mut rest = vec![0; record];
    link.read_exact(&mut rest, limit)?;
    let all = [&header[..], &rest].concat();
    let mut request = [0; Request::LEN];
    request.copy_from_slice(&all[record..record + Request::LEN]);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_agree_with_what_follows_them() {
        let hello = client_hello("example.org");
        let number = |at: usize| usize::from(u16::from_be_bytes([hello[at], hello[at + 1]]));
        assert_eq!(number(3), hello.len() - RECORD_HEADER);
        assert_eq!((hello[5], hello[6], number(7)), (1, 0, hello.len() - RECORD_HEADER - 4));
        assert!(hello.windows(11).any(|bytes| bytes == b"example.org"));
        let opening = Opening::new(true, Some("example.org"));
        assert_eq!(opening.bytes().len(), 28 + hello.len());
        assert_eq!(opening.bytes()[28..], hello[..]);
    }
}
