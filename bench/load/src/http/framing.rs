//! Finds the end of an incoming message's body (RFC 9112, section 6), and its bytes among those of the framing.

/// The longest line of a chunk or trailer section; no peer here sends a longer one.
const MAX_LINE: u64 = 8192;

/// The way in which the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

impl Framing {
    pub(crate) fn has_body(self) -> bool {
        self != Self::Length(0)
    }
}

/// The error of a malformed chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the framing of the body is wrong: {0}")]
pub struct FramingError(&'static str);

/// A decoder that separates the body from its framing, piece by piece.
#[derive(Debug)]
pub(crate) struct Unframer {
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The number of bytes left.
    Length(u64),
    UntilClose,
    /// The digits of a chunk's size that have arrived.
    Size {
        size: u64,
        digits: u8,
    },
    /// The rest of the size line: extensions, or only its end.
    SizeEnd {
        size: u64,
        length: u64,
        after_cr: bool,
    },
    Data {
        left: u64,
    },
    /// CR, then LF, after a chunk's data.
    DataEnd {
        after_cr: bool,
    },
    /// A line of the trailer section; an empty one ends the section.
    Trailer {
        length: u64,
        total: u64,
        after_cr: bool,
    },
    Done,
}

impl Unframer {
    pub(crate) fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(0) => State::Done,
            Framing::Length(bytes) => State::Length(bytes),
            Framing::Chunked => State::Size { size: 0, digits: 0 },
            Framing::UntilClose => State::UntilClose,
        };
        Self { state }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns whether the end of the stream is a valid end of the body here.
    pub(crate) fn may_end(&self) -> bool {
        matches!(self.state, State::Done | State::UntilClose)
    }

    /// Takes what belongs to the body from the front of `data`, passes its bytes to `body`, and returns the number
    /// of bytes taken, framing included. That is less than all of them only if the body is complete.
    pub(crate) fn take<E: From<FramingError>>(
        &mut self,
        data: &[u8],
        mut body: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut at = 0;
        while at < data.len() && self.state != State::Done {
            let rest = &data[at..];
            at += match &mut self.state {
                State::Length(left) | State::Data { left } => {
                    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= count as u64;
                    body(&rest[..count])?;
                    count
                }
                State::UntilClose => {
                    body(rest)?;
                    rest.len()
                }
                _ => {
                    self.state = self.state.next(rest[0])?;
                    1
                }
            };
            match self.state {
                State::Length(0) => self.state = State::Done,
                State::Data { left: 0 } => self.state = State::DataEnd { after_cr: false },
                _ => {}
            }
        }
        Ok(at)
    }
}

impl State {
    /// Reads one byte of the framing of chunks. Line ends are CR LF only.
    fn next(self, byte: u8) -> Result<Self, FramingError> {
        Ok(match (self, byte) {
            (Self::Size { size, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                if digits == 15 {
                    return Err(FramingError("the size of a chunk is too long"));
                }
                Self::Size { size: size * 16 + u64::from(digit), digits: digits + 1 }
            }
            (Self::Size { size, digits: 1.. }, b'\r') => Self::SizeEnd { size, length: 0, after_cr: true },
            (Self::Size { size, digits: 1.. }, b';') => Self::SizeEnd { size, length: 0, after_cr: false },
            (Self::Size { .. }, _) => return Err(FramingError("the size of a chunk is not a number")),
            (Self::SizeEnd { size: 0, after_cr: true, .. }, b'\n') => {
                Self::Trailer { length: 0, total: 0, after_cr: false }
            }
            (Self::SizeEnd { size, after_cr: true, .. }, b'\n') => Self::Data { left: size },
            (Self::SizeEnd { size, length: length @ 0..MAX_LINE, after_cr: false }, byte)
                if byte != b'\n' =>
            {
                Self::SizeEnd { size, length: length + 1, after_cr: byte == b'\r' }
            }
            (Self::SizeEnd { .. }, _) => return Err(FramingError("the line of a chunk's size does not end")),
            (Self::DataEnd { after_cr: false }, b'\r') => Self::DataEnd { after_cr: true },
            (Self::DataEnd { after_cr: true }, b'\n') => Self::Size { size: 0, digits: 0 },
            (Self::DataEnd { .. }, _) => return Err(FramingError("a chunk is longer than its size")),
            (Self::Trailer { length: 0, after_cr: true, .. }, b'\n') => Self::Done,
            (Self::Trailer { total, after_cr: true, .. }, b'\n') => {
                Self::Trailer { length: 0, total, after_cr: false }
            }
            (Self::Trailer { length, total, after_cr: false }, b'\r') => {
                Self::Trailer { length, total, after_cr: true }
            }
            (Self::Trailer { length, total: total @ 0..MAX_LINE, after_cr: false }, byte)
                if byte != b'\n' =>
            {
                Self::Trailer { length: length + 1, total: total + 1, after_cr: false }
            }
            (Self::Trailer { .. }, _) => return Err(FramingError("the trailer section does not end")),
            // The states without framing are handled by the caller.
            (state, _) => state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the body and the number of bytes taken, for data in pieces of `step` bytes.
    fn taken(framing: Framing, data: &[u8], step: usize) -> Result<(Vec<u8>, usize, bool), FramingError> {
        let (mut unframer, mut body, mut left) = (Unframer::new(framing), Vec::new(), data.len());
        for piece in data.chunks(step) {
            left -= unframer.take(piece, |bytes| {
                body.extend_from_slice(bytes);
                Ok::<(), FramingError>(())
            })?;
        }
        Ok((body, left, unframer.is_done()))
    }

    #[test]
    fn bodies_are_found_however_they_are_cut() {
        let cases: [(Framing, &[u8], &[u8], usize); 5] = [
            (Framing::Length(3), b"abcd", b"abc", 1),
            (Framing::Length(0), b"x", b"", 1),
            (Framing::Chunked, b"3\r\nabc\r\n0\r\n\r\nrest", b"abc", 4),
            (Framing::Chunked, b"1;x=y\r\na\r\n2\r\nbc\r\n000\r\nT: v\r\nU: w\r\n\r\n", b"abc", 0),
            (Framing::Chunked, b"0\r\n\r\n", b"", 0),
        ];
        for (framing, data, body, left) in cases {
            for step in 1..=data.len() {
                assert_eq!(
                    taken(framing, data, step),
                    Ok((body.to_vec(), left, true)),
                    "{framing:?} by {step}"
                );
            }
        }
        assert_eq!(taken(Framing::UntilClose, b"abc", 2), Ok((b"abc".to_vec(), 0, false)));
        assert_eq!(taken(Framing::Chunked, b"3\r\nabc\r\n0\r\n", 1), Ok((b"abc".to_vec(), 0, false)));
    }

    #[test]
    fn broken_chunks_are_refused() {
        for data in [
            &b"\r\n"[..],
            b"x\r\n",
            b"3\nabc",
            b"3\r\rabc",
            b"3\r\nabcd\r\n",
            b"3\r\nabc\n0\r\n\r\n",
            b"0000000000000003\r\nabc\r\n",
            b"0\r\nT: v\n\r\n",
        ] {
            assert!(taken(Framing::Chunked, data, 1).is_err(), "{:?}", String::from_utf8_lossy(data));
        }
    }
}
