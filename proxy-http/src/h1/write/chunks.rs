//! Chunks (RFC 9112, section 7.1).

use super::CaseMap;
use super::head::field;
use crate::fields::Fields;
use crate::hex::upper_digit;

/// The bytes after a chunk's data.
pub const CHUNK_END: &[u8] = b"\r\n";

/// The end of a chunked body without trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The line before a chunk's data.
#[derive(Clone, Copy, Debug)]
pub struct ChunkHead {
    bytes: [u8; ChunkHead::MOST],
    start: u8,
}

impl ChunkHead {
    /// The longest line in bytes: 16 digits, CR, LF.
    const MOST: usize = 18;

    /// Creates the line of a chunk with this many bytes of data. A chunk of 0 bytes would end the body.
    pub fn new(mut length: u64) -> ChunkHead {
        debug_assert!(length > 0, "a chunk of no bytes is the last one");
        let mut bytes = [0; ChunkHead::MOST];
        bytes[16..].copy_from_slice(b"\r\n");
        let mut start = 16_u8;
        loop {
            start -= 1;
            bytes[usize::from(start)] = upper_digit((length & 15) as u8);
            length >>= 4;
            if length == 0 {
                return ChunkHead { bytes, start };
            }
        }
    }

    /// Returns the bytes of the line.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[usize::from(self.start)..]
    }
}

/// Appends the end of a chunked body: the last chunk, trailers, the empty line.
pub fn last_chunk(trailers: &Fields, names: Option<&CaseMap>, buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(b"0\r\n");
    for trailer in trailers.iter() {
        field(buffer, names, trailer.name, trailer.value);
    }
    buffer.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_hexadecimal() {
        for length in [1, 15, 16, 255, 256, 0xabc_def0, u64::MAX] {
            assert_eq!(ChunkHead::new(length).as_bytes(), format!("{length:X}\r\n").as_bytes());
        }
    }

    #[test]
    fn trailers_follow_the_last_chunk() {
        let mut buffer = Vec::new();
        last_chunk(&Fields::default(), None, &mut buffer);
        assert_eq!(buffer, LAST_CHUNK);

        buffer.clear();
        let mut trailers = Fields::default();
        trailers.add(b"a", b"b").unwrap();
        last_chunk(&trailers, None, &mut buffer);
        assert_eq!(buffer, b"0\r\na: b\r\n\r\n");
    }
}
