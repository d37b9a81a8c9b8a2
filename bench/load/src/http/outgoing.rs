//! An outgoing message, as a function from the offset on the wire to the bytes there.
//!
//! Head and pattern can be made again from any offset, so a message that is interrupted by a full socket needs a
//! number and no buffer: thousands of half-sent megabytes cost nothing.

use std::io::{self, Write};
use std::num::NonZeroU64;

use crate::pattern::{Pattern, Seed};

const CRLF: &[u8] = b"\r\n";
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The head, and any other short part, as bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefix {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl Prefix {
    const MAX: usize = 256;

    pub(crate) fn new() -> Self {
        Self { bytes: [0; Self::MAX], len: 0 }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Fails when it is full, as `write_all` does then.
impl Write for Prefix {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let count = (&mut self.bytes[self.len..]).write(data)?;
        self.len += count;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A prefix, and a body of the pattern.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    prefix: Prefix,
    pattern: Pattern,
    bytes: u64,
    chunk: Option<NonZeroU64>,
}

impl Outgoing {
    /// Creates a message without a body, or with one that is part of the prefix.
    pub(crate) fn short(prefix: Prefix) -> Self {
        Self { prefix, pattern: Pattern::new(Seed(0)), bytes: 0, chunk: None }
    }

    pub(crate) fn new(prefix: Prefix, seed: Seed, bytes: u64, chunk: Option<NonZeroU64>) -> Self {
        Self { prefix, pattern: Pattern::new(seed), bytes, chunk }
    }

    /// Fills `buffer` from `offset` of the message on, and returns the number of bytes; 0 at the end of the
    /// message.
    pub(crate) fn fill(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let mut done = 0;
        while done < buffer.len() {
            match self.piece(offset + done as u64, &mut buffer[done..]) {
                0 => break,
                count => done += count,
            }
        }
        done
    }

    /// Fills `buffer` with one piece: from the prefix, a chunk's frame or a chunk's data.
    fn piece(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let prefix = self.prefix.as_slice();
        match offset.checked_sub(prefix.len() as u64) {
            None => copy(&prefix[offset as usize..], buffer),
            Some(at) => match self.chunk {
                None => self.data(at, self.bytes, buffer),
                Some(chunk) => self.chunked(at, chunk.get(), buffer),
            },
        }
    }

    fn chunked(&self, at: u64, chunk: u64, buffer: &mut [u8]) -> usize {
        // All chunks but the last have the same length, framing included.
        let whole = SizeLine::new(chunk).len() + chunk + CRLF.len() as u64;
        let index = (at / whole).min(self.bytes / chunk);
        let (start, within) = (index * chunk, at - index * whole);
        let size = chunk.min(self.bytes - start);
        if size == 0 {
            return copy(LAST_CHUNK.get(within as usize..).unwrap_or_default(), buffer);
        }
        let line = SizeLine::new(size);
        let Some(in_data) = within.checked_sub(line.len()) else {
            return copy(&line.as_slice()[within as usize..], buffer);
        };
        let Some(after) = in_data.checked_sub(size) else {
            return self.data(start + in_data, start + size, buffer);
        };
        // Only the last, shorter chunk reaches its line end here.
        match CRLF.get(after as usize..).unwrap_or_default() {
            [] => copy(LAST_CHUNK.get(after as usize - CRLF.len()..).unwrap_or_default(), buffer),
            end => copy(end, buffer),
        }
    }

    fn data(&self, from: u64, to: u64, buffer: &mut [u8]) -> usize {
        let count = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX).min(buffer.len());
        self.pattern.fill(from, &mut buffer[..count]);
        count
    }
}

fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    to[..count].copy_from_slice(&from[..count]);
    count
}

/// A chunk's size line, made without an allocation: it is made again at every call.
struct SizeLine {
    /// Filled from the end.
    bytes: [u8; 18],
    from: usize,
}

impl SizeLine {
    fn new(mut size: u64) -> Self {
        let mut line = Self { bytes: [0; 18], from: 16 };
        line.bytes[16..].copy_from_slice(CRLF);
        loop {
            line.from -= 1;
            line.bytes[line.from] = b"0123456789abcdef"[(size % 16) as usize];
            size /= 16;
            if size == 0 {
                return line;
            }
        }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[self.from..]
    }

    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(message: &Outgoing, step: usize) -> Vec<u8> {
        let (mut bytes, mut buffer) = (Vec::new(), vec![0; step]);
        loop {
            match message.fill(bytes.len() as u64, &mut buffer) {
                0 => return bytes,
                count => bytes.extend_from_slice(&buffer[..count]),
            }
        }
    }

    fn message(bytes: u64, chunk: u64) -> Outgoing {
        let mut prefix = Prefix::new();
        prefix.write_all(b"head").expect("it is short");
        Outgoing::new(prefix, Seed(1), bytes, NonZeroU64::new(chunk))
    }

    /// Returns the message written the plain way, to compare with the function of the offset.
    fn expected(bytes: usize, chunk: usize) -> Vec<u8> {
        let mut body = vec![0; bytes];
        Pattern::new(Seed(1)).fill(0, &mut body);
        let mut wire = b"head".to_vec();
        if chunk == 0 {
            wire.extend(body);
            return wire;
        }
        for piece in body.chunks(chunk) {
            wire.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            wire.extend(piece);
            wire.extend(b"\r\n");
        }
        wire.extend(b"0\r\n\r\n");
        wire
    }

    #[test]
    fn a_message_is_the_same_from_whatever_offset_it_goes_on() {
        for (bytes, chunk) in [
            (0, 0),
            (5, 0),
            (5000, 0),
            (0, 4),
            (3, 4),
            (4, 4),
            (5, 4),
            (8, 4),
            (5000, 300),
            (4096, 4096),
            (17, 1),
        ] {
            let wire = expected(bytes, chunk);
            for step in [1, 2, 3, 7, 64, 10_000] {
                assert_eq!(
                    whole(&message(bytes as u64, chunk as u64), step),
                    wire,
                    "{bytes} in {chunk} by {step}"
                );
            }
        }
    }

    #[test]
    fn a_prefix_does_not_overflow() {
        assert!(Prefix::new().write_all(&[0; Prefix::MAX + 1]).is_err());
    }
}
