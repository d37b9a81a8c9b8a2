//! Handshake messages in records (RFC 8446, 4 and 5.1).
//!
//! ```text
//! record:   22 (1)  version (2)  length (2)  fragment
//! message:  type (1)  length (3)  body       in as many fragments as the sender likes
//! ```

use std::borrow::Cow;

use crate::cursor::Cursor;
use crate::progress::Progress;
use crate::version::Version;

/// The most bytes of the body of a message. OpenSSL and rustls do not accept longer ones from a client.
pub const LONGEST: usize = 0xffff;

/// The content type of records that carry handshake messages.
const HANDSHAKE: u8 = 22;
/// The most bytes of a fragment: those of a record, and those that compression may have added before TLS 1.3.
const LONGEST_FRAGMENT: u16 = 16_384 + 2_048;
/// The bytes of the type and the length of a message.
const MESSAGE_HEADER: usize = 4;

/// A handshake message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The version in the header of its first record, which may not be that of the connection: TLS 1.3 has 1.0 or 1.2
    /// there.
    pub record_version: Version,
    /// Its type: 1 is a ClientHello, 2 a ServerHello.
    pub kind: u8,
    /// Its body; borrowed if it is in a single record.
    pub body: Cow<'a, [u8]>,
}

/// Reads the first message of a connection; `bytes` are all bytes so far.
pub fn read(bytes: &[u8]) -> Progress<Message<'_>> {
    let mut records = Records { rest: Cursor(bytes) };
    let (record_version, first) = match records.next() {
        Progress::Done(record) => record,
        Progress::NeedMore => return Progress::NeedMore,
        Progress::Other => return Progress::Other,
    };
    // The usual case: the whole message is in the first record.
    if let Some((kind, length, rest)) = header(first) {
        if length > LONGEST {
            return Progress::Other;
        }
        if let Some(body) = rest.get(..length) {
            return Progress::Done(Message { record_version, kind, body: body.into() });
        }
    }
    joined_length(first, records).map(|length| join(record_version, first, records, length))
}

/// Returns the type, the length and the rest of bytes that begin with a whole header.
fn header(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    let ([kind, length @ ..], rest) = bytes.split_first_chunk::<MESSAGE_HEADER>()?;
    Some((*kind, length_of(*length), rest))
}

fn length_of([high, middle, low]: [u8; 3]) -> usize {
    usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low)
}

/// Returns the length of a message in several records, including its header, once all of its bytes have arrived. It
/// copies nothing, since bytes may arrive one at a time.
fn joined_length(first: &[u8], mut records: Records<'_>) -> Progress<usize> {
    let (mut seen, mut header) = (0, [0; MESSAGE_HEADER]);
    let mut fragment = first;
    loop {
        for (to, byte) in header.iter_mut().skip(seen).zip(fragment) {
            *to = *byte;
        }
        seen += fragment.len();
        if seen >= MESSAGE_HEADER {
            let [_, length @ ..] = header;
            let length = length_of(length);
            if length > LONGEST {
                return Progress::Other;
            }
            if seen >= MESSAGE_HEADER + length {
                return Progress::Done(MESSAGE_HEADER + length);
            }
        }
        match records.next() {
            Progress::Done((_, next)) => fragment = next,
            Progress::NeedMore => return Progress::NeedMore,
            Progress::Other => return Progress::Other,
        }
    }
}

/// Joins the fragments of a message whose bytes have all arrived.
fn join<'a>(record_version: Version, first: &[u8], mut records: Records<'_>, length: usize) -> Message<'a> {
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(first);
    while bytes.len() < length
        && let Progress::Done((_, fragment)) = records.next()
    {
        bytes.extend_from_slice(&fragment[..fragment.len().min(length - bytes.len())]);
    }
    let kind = bytes[0];
    bytes.drain(..MESSAGE_HEADER);
    Message { record_version, kind, body: bytes.into() }
}

/// An iterator over the records of a handshake.
#[derive(Clone, Copy)]
struct Records<'a> {
    rest: Cursor<'a>,
}

impl<'a> Records<'a> {
    /// Returns the version and the fragment of the next record, as much of it as has arrived.
    fn next(&mut self) -> Progress<(Version, &'a [u8])> {
        match self.rest.0.get(..2) {
            Some([HANDSHAKE, major]) if *major >= Version::SSL_3_0.major => {}
            Some(_) => return Progress::Other,
            None if self.rest.0.first().is_none_or(|kind| *kind == HANDSHAKE) => return Progress::NeedMore,
            None => return Progress::Other,
        }
        let Some([_, major, minor, high, low]) = self.rest.array() else { return Progress::NeedMore };
        let length = u16::from_be_bytes([*high, *low]);
        // Empty fragments of a handshake are forbidden, and would allow a client to send records without end.
        if length == 0 || length > LONGEST_FRAGMENT {
            return Progress::Other;
        }
        let there = usize::from(length).min(self.rest.0.len());
        let Some(fragment) = self.rest.take(there).filter(|fragment| !fragment.is_empty()) else {
            return Progress::NeedMore;
        };
        Progress::Done((Version::from_bytes([*major, *minor]), fragment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fragment: &[u8]) -> Vec<u8> {
        let length = u16::try_from(fragment.len()).unwrap().to_be_bytes();
        [&[HANDSHAKE, 3, 1], &length[..], fragment].concat()
    }

    #[test]
    fn a_message_in_any_pieces() {
        let message = [&[1, 0, 0, 9][..], b"some text"].concat();
        for size in 1..=message.len() {
            let bytes: Vec<u8> = message.chunks(size).flat_map(record).collect();
            for end in 0..bytes.len() {
                assert_eq!(read(&bytes[..end]), Progress::NeedMore, "{end} of pieces of {size}");
            }
            let read = read(&bytes).done().unwrap();
            assert_eq!((read.kind, &*read.body), (1, &b"some text"[..]));
            assert_eq!(matches!(read.body, Cow::Borrowed(_)), size == message.len());
        }
    }

    #[test]
    fn other_bytes() {
        let too_long = record(&[1, 1, 0, 0]);
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"\x16\x02",
            b"\x17\x03",
            b"\x16\x03\x01\0\0",
            b"\x16\x03\x01\x48\x01",
            b"\x16\x03\x01\0\x01\x01\x15",
            &too_long,
        ] {
            assert_eq!(read(bytes), Progress::Other, "{bytes:x?}");
        }
        for bytes in
            [&b""[..], b"\x16", b"\x16\x03\x01\0", b"\x16\x03\x01\x48\0\x01\0", b"\x16\x03\x01\0\x01\x01\x16"]
        {
            assert_eq!(read(bytes), Progress::NeedMore, "{bytes:x?}");
        }
    }
}
