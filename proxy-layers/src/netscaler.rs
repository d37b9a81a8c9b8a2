//! The client IP header of NetScaler, which puts copies of the client's IP and TCP headers before the bytes of a
//! connection (`doc/netscaler-client-ip-insertion-protocol.txt` of HAProxy).
//!
//! ```text
//! before 10.5:  magic (4)  length (4)                          IP header, TCP header (length)
//! since 10.5:   magic (4)  all (4)  0 and type (2)  length (2)  IP header, TCP header (length)
//! ```
//!
//! The ninth byte distinguishes the two: it is the IP version or zero. Both sides have to be configured with the
//! same magic number.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::addresses::Addresses;
use crate::code::{ErrorCode, Refused};
use crate::progress::Progress;

/// The number of bytes that show the version and the length.
const FIXED: usize = 12;
/// The offset of the IP header, before 10.5 and since.
const LEGACY: usize = 8;
const STANDARD: usize = FIXED;
/// The fewest bytes from which HAProxy takes an IP header; with an IPv4 header, with an IPv6 header.
const WITH_IP: usize = 20;
const WITH_IPV4: usize = 40;
const WITH_IPV6: usize = 60;
/// The number of TCP among the protocols of IP.
const TCP: u8 = 6;

/// Reads the header at the beginning of `bytes`, which are all bytes received so far. At most the first `limit`
/// bytes are read, usually [`HEADER_MAX`](crate::HEADER_MAX).
///
/// # Errors
/// Returns [`Refused`] if no more bytes make these a valid header. What HAProxy calls truncated is
/// [`Progress::NeedMore`] unless the magic number is wrong already.
pub fn parse(bytes: &[u8], magic: u32, limit: usize) -> Result<Progress<Addresses>, Refused> {
    // With fewer bytes there can be no header, and the subtractions below cannot underflow.
    let limit = limit.max(FIXED);
    let seen = bytes.get(..limit).unwrap_or(bytes);
    match read(seen, magic, limit)? {
        Progress::NeedMore { .. } if seen.len() >= limit => Err(ErrorCode::CipTruncated.into()),
        progress => Ok(progress),
    }
}

/// Returns why a connection is refused that ended, or is not waited for, after `received`, when [`parse`] needs
/// more bytes.
pub fn ended(received: &[u8]) -> Refused {
    if received.is_empty() { ErrorCode::CipEmpty.into() } else { ErrorCode::CipTruncated.into() }
}

fn read(bytes: &[u8], magic: u32, limit: usize) -> Result<Progress<Addresses>, Refused> {
    let magic = magic.to_be_bytes();
    let right = magic.iter().zip(bytes).all(|(expected, byte)| expected == byte);
    let &[_, _, _, _, a, b, c, d, kind, _, high, low, ..] = bytes else {
        let missing = WITH_IP - bytes.len();
        return if right { Ok(Progress::need(missing)) } else { Err(ErrorCode::CipTruncated.into()) };
    };
    if !right {
        return Err(ErrorCode::CipBadMagic.into());
    }
    let (start, length) = match kind {
        // The IP versions 4 and 6.
        _ if kind & 0xd0 == 0x40 => (LEGACY, u32::from_be_bytes([a, b, c, d])),
        0 => (STANDARD, u32::from(u16::from_be_bytes([high, low]))),
        _ => return Err(ErrorCode::CipBadProto.into()),
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if bytes.len() < WITH_IP {
        return Ok(Progress::need(WITH_IP - bytes.len()));
    }
    let ip = &bytes[start..];
    let at_least = match ip[0] >> 4 {
        4 => WITH_IPV4,
        6 => WITH_IPV6,
        _ => return Err(ErrorCode::CipBadProto.into()),
    };
    if length > limit - start {
        return Err(ErrorCode::CipTruncated.into());
    }
    let wanted = at_least.max(length);
    if bytes.len() < wanted {
        return Ok(Progress::need(wanted - bytes.len()));
    }
    finish(ip, start, length)
}

/// Reads the header once there may be all bytes that its IP version needs; `start` bytes come before them.
fn finish(ip: &[u8], start: usize, length: usize) -> Result<Progress<Addresses>, Refused> {
    let (protocol, tcp) = match ip[0] >> 4 {
        4 => (ip[9], usize::from(ip[0] & 0x0f) * 4),
        _ => (ip[6], 40),
    };
    if protocol != TCP {
        return Err(ErrorCode::CipBadProto.into());
    }
    if ip.len() < length {
        return Ok(Progress::need(length - ip.len()));
    }
    // HAProxy takes the ports from where the length of the IP header points to, even if that is after the end of
    // the header.
    let Some(&[i, j, k, l]) = ip.get(tcp..).and_then(|tcp| tcp.first_chunk()) else {
        return Ok(Progress::need(tcp + 4 - ip.len()));
    };
    let ports = (u16::from_be_bytes([i, j]), u16::from_be_bytes([k, l]));
    let addresses = match ip[0] >> 4 {
        4 => {
            let address = |at: usize| Ipv4Addr::new(ip[at], ip[at + 1], ip[at + 2], ip[at + 3]);
            Addresses::new((address(12), ports.0), (address(16), ports.1))
        }
        _ => {
            let [mut source, mut destination] = [[0; 16]; 2];
            source.copy_from_slice(&ip[8..24]);
            destination.copy_from_slice(&ip[24..40]);
            Addresses::new((Ipv6Addr::from(source), ports.0), (Ipv6Addr::from(destination), ports.1))
        }
    };
    Ok(Progress::Done { length: start + length, header: addresses })
}
