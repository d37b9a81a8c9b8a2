//! The SSLv2-compatible hello (RFC 5246, appendix E.2): what clients of the nineties sent, so that servers of either
//! kind understood it.
//!
//! ```text
//! length (2, or 3 with padding)  1 (1)  version (2)  lengths of: suites (2) session (2) challenge (2)  then these
//! ```

use crate::cursor::Cursor;
use crate::progress::Progress;
use crate::version::Version;

/// The header of a hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The highest version that the client speaks.
    pub version: Version,
    /// The length of the whole hello, in bytes.
    pub length: usize,
}

/// The bytes of the message type, the version and three lengths.
const FIXED: usize = 9;
const CLIENT_HELLO: u8 = 1;

/// Reads the header of the hello at the beginning of `bytes`, without checking whether the rest has arrived.
pub fn read_header(bytes: &[u8]) -> Progress<Hello> {
    let mut rest = Cursor(bytes);
    let Some(first) = bytes.first() else { return Progress::NeedMore };
    // The first bit is zero if there is padding; the third byte is its length then.
    let (mask, size) = if first & 0x80 == 0 { (0x3f, 3) } else { (0x7f, 2) };
    let Some(prefix) = rest.take(size) else { return Progress::NeedMore };
    let length = usize::from(u16::from_be_bytes([prefix[0] & mask, prefix[1]]));
    let padding = prefix.get(2).map_or(0, |padding| usize::from(*padding));
    match rest.0.first() {
        None => return Progress::NeedMore,
        Some(kind) if *kind != CLIENT_HELLO => return Progress::Other,
        Some(_) => {}
    }
    let Some([_, major, minor, lengths @ ..]) = rest.array::<FIXED>() else { return Progress::NeedMore };
    let [suites, session, challenge] =
        [0, 2, 4].map(|at| usize::from(u16::from_be_bytes([lengths[at], lengths[at + 1]])));
    let is_sound = suites % 3 == 0
        && matches!(session, 0 | 16)
        && matches!(challenge, 16..=32)
        && length == FIXED + suites + session + challenge;
    if !is_sound {
        return Progress::Other;
    }
    let version = Version::from_bytes([*major, *minor]);
    Progress::Done(Hello { version, length: size + length + padding })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let short = [&b"\x80\x1c\x01\x03\x01\0\x03\0\0\0\x10"[..], &[7; 19]].concat();
        let long = [&b"\0\x1c\x05\x01\x03\0\0\x03\0\0\0\x10"[..], &[7; 24]].concat();
        for (bytes, minor, fixed) in [(&short, 1, 11), (&long, 0, 12)] {
            for end in 0..fixed {
                assert_eq!(read_header(&bytes[..end]), Progress::NeedMore, "{end}");
            }
            let version = Version { major: 3, minor };
            assert_eq!(read_header(bytes), Progress::Done(Hello { version, length: bytes.len() }));
        }
        for (at, wrong) in [(1, 0x1d), (2, 2), (6, 4), (8, 1), (10, 15)] {
            let mut bytes = short.clone();
            bytes[at] = wrong;
            assert_eq!(read_header(&bytes), Progress::Other, "{at}");
        }
    }
}
