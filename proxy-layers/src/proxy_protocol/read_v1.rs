//! Reads version 1: `PROXY TCP4 source destination port port`, ended by CR and LF.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::header::{Header, Version};
use crate::addresses::Addresses;
use crate::code::{ErrorCode, Refused};
use crate::progress::Progress;

/// The first bytes of the line.
pub(super) const MAGIC: &[u8] = b"PROXY ";
/// The length of the shortest line, `PROXY UNKNOWN` with the end of the line.
pub(super) const SHORTEST: usize = 15;
/// The number of bytes from which on HAProxy looks at the protocol.
const WITH_PROTOCOL: usize = 9;
const TCP4: &[u8] = b"TCP4 ";
const TCP6: &[u8] = b"TCP6 ";
const UNKNOWN: &[u8] = b"UNKNOWN\r\n";

/// Reads bytes that begin with [`MAGIC`].
pub(super) fn read(bytes: &[u8]) -> Result<Progress<Header>, Refused> {
    let rest = &bytes[MAGIC.len()..];
    if let Some(line) = rest.strip_prefix(TCP4) {
        tcp4(Cursor { all: bytes, rest: line })
    } else if let Some(line) = rest.strip_prefix(TCP6) {
        tcp6(bytes, line)
    } else if let Some(after) = rest.strip_prefix(UNKNOWN) {
        Ok(done(bytes, after, None))
    } else if [TCP4, TCP6, UNKNOWN].iter().any(|protocol| protocol.starts_with(rest)) {
        Ok(Progress::need(SHORTEST.saturating_sub(bytes.len())))
    } else if bytes.len() < WITH_PROTOCOL {
        Err(ErrorCode::PrxTruncated.into())
    } else {
        Err(ErrorCode::PrxBadProto.into())
    }
}

/// Returns whether `bytes` end within the protocol although HAProxy compares it already.
pub(super) fn is_cut_in_protocol(bytes: &[u8]) -> bool {
    bytes.len() >= WITH_PROTOCOL
        && bytes.strip_prefix(MAGIC).is_some_and(|rest| {
            [TCP4, TCP6, UNKNOWN]
                .iter()
                .any(|protocol| protocol.starts_with(rest) && protocol.len() > rest.len())
        })
}

fn done(bytes: &[u8], after: &[u8], addresses: Option<Addresses>) -> Progress<Header> {
    let header = Header { version: Version::V1, addresses, tlvs: Box::default() };
    Progress::Done { length: bytes.len() - after.len(), header }
}

fn tcp4(mut line: Cursor<'_>) -> Result<Progress<Header>, Refused> {
    let source = line.ipv4();
    if line.rest.is_empty() {
        return Ok(Progress::need(1));
    }
    line.byte(b' ')?;
    let destination = line.ipv4();
    if line.rest.is_empty() {
        return Ok(Progress::need(1));
    }
    line.byte(b' ')?;
    let source_port = line.port();
    if line.rest.is_empty() {
        return Ok(Progress::need(1));
    }
    line.byte(b' ')?;
    let destination_port = line.port();
    match line.rest {
        [] => return Ok(Progress::need(2)),
        [b'\r'] => return Ok(Progress::need(1)),
        // Two bytes are read together, so a single one counts as truncated before it can be wrong.
        [_] => return Err(ErrorCode::PrxTruncated.into()),
        _ => {}
    }
    line.byte(b'\r')?;
    line.byte(b'\n')?;
    let addresses = Addresses::new((source, source_port), (destination, destination_port));
    Ok(done(line.all, line.rest, Some(addresses)))
}

fn tcp6(bytes: &[u8], line: &[u8]) -> Result<Progress<Header>, Refused> {
    let bad = || Refused::from(ErrorCode::PrxBadHdr);
    let Some(end) = line.iter().position(|&byte| byte == b'\r') else {
        return Ok(Progress::need(1));
    };
    let after = match &line[end + 1..] {
        [] => return Ok(Progress::need(1)),
        [b'\n', after @ ..] => after,
        _ => return Err(bad()),
    };
    // What follows a fifth blank is ignored.
    let mut words = line[..end].split(|&byte| byte == b' ');
    let mut word = || words.next().ok_or_else(bad).map(until_zero);
    let (source, destination, source_port, destination_port) = (word()?, word()?, word()?, word()?);
    let addresses = Addresses::new(
        (ipv6(source).ok_or_else(bad)?, whole_port(source_port).ok_or_else(bad)?),
        (ipv6(destination).ok_or_else(bad)?, whole_port(destination_port).ok_or_else(bad)?),
    );
    Ok(done(bytes, after, Some(addresses)))
}

/// Returns the word up to a zero byte, which ends a string in C.
fn until_zero(word: &[u8]) -> &[u8] {
    word.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn ipv6(word: &[u8]) -> Option<Ipv6Addr> {
    str::from_utf8(word).ok()?.parse().ok()
}

fn whole_port(word: &[u8]) -> Option<u16> {
    let mut cursor = Cursor { all: word, rest: word };
    let port = cursor.port();
    cursor.rest.is_empty().then_some(port)
}

/// A reader of numbers as HAProxy reads them: any count of digits, even none, which is 0, and a number that is too
/// large loses its upper bits.
struct Cursor<'a> {
    all: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn byte(&mut self, expected: u8) -> Result<(), ErrorCode> {
        match self.rest {
            [first, rest @ ..] if *first == expected => {
                self.rest = rest;
                Ok(())
            }
            _ => Err(ErrorCode::PrxBadHdr),
        }
    }

    fn digits(&mut self) -> &'a [u8] {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits
    }

    fn port(&mut self) -> u16 {
        let number = number(self.digits());
        // The lower 16 bits, whatever the upper ones are.
        (number & u32::from(u16::MAX)) as u16
    }

    /// Reads up to four numbers; missing ones are 0. Of each its last three digits count, and the part above 255 is
    /// carried into the one before it.
    fn ipv4(&mut self) -> Ipv4Addr {
        let mut bits = 0_u32;
        for shift in [24, 16, 8, 0] {
            let digits = self.digits();
            let last = &digits[digits.len().saturating_sub(3)..];
            bits = bits.wrapping_add(number(last) << shift);
            match self.rest {
                [b'.', rest @ ..] if shift > 0 => self.rest = rest,
                _ => break,
            }
        }
        Ipv4Addr::from_bits(bits)
    }
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number: u32, digit| {
        number.wrapping_mul(10).wrapping_add(u32::from(digit.wrapping_sub(b'0')))
    })
}
