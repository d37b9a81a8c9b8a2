//! The line before the data of a chunk (RFC 9112, section 7.1), read byte by byte.
//!
//! ```text
//!  Size ─► Space ─► Lf ─► (a size)
//!   │        │      ▲
//!   └────────┴► Extension
//! ```
//!
//! Stricter than other lines: a line feed alone does not end it, since other recipients would find the end of an
//! extension elsewhere; for the same reason quotes in an extension have to be closed.

use super::bytes::{is_control, is_space};
use super::error::BodyErrorKind;

/// The size that no chunk may reach: from here on a number is no longer exact as a floating-point number, which
/// some recipients use.
const SIZE_LIMIT: u64 = 1 << 52;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    Space,
    Extension { quoted: bool, escaped: bool },
    Lf,
}

/// The line of a chunk that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkLine {
    state: State,
    size: Option<u64>,
    length: usize,
}

impl ChunkLine {
    pub(super) const NEW: ChunkLine = ChunkLine { state: State::Size, size: None, length: 0 };

    /// Reads the next byte. Returns the size at the end of the line.
    pub(super) fn next(&mut self, byte: u8, limit: usize) -> Result<Option<u64>, BodyErrorKind> {
        self.length += 1;
        if self.length > limit {
            return Err(BodyErrorKind::ChunkLineTooLong);
        }
        match self.state {
            State::Size => {
                if let Some(digit) = char::from(byte).to_digit(16) {
                    let size = (self.size.unwrap_or(0) << 4) | u64::from(digit);
                    if size >= SIZE_LIMIT {
                        return Err(BodyErrorKind::ChunkSize);
                    }
                    self.size = Some(size);
                } else if self.size.is_none() {
                    return Err(BodyErrorKind::ChunkSize);
                } else {
                    self.after_size(byte)?;
                }
            }
            State::Space => self.after_size(byte)?,
            State::Extension { quoted, escaped } => self.extension(byte, quoted, escaped)?,
            State::Lf if byte == b'\n' => return Ok(self.size),
            State::Lf => return Err(BodyErrorKind::ChunkLineEnd),
        }
        Ok(None)
    }

    fn after_size(&mut self, byte: u8) -> Result<(), BodyErrorKind> {
        self.state = match byte {
            b'\r' => State::Lf,
            b'\n' => return Err(BodyErrorKind::ChunkLineEnd),
            b';' => State::Extension { quoted: false, escaped: false },
            _ if is_space(byte) => State::Space,
            _ => return Err(BodyErrorKind::ChunkSize),
        };
        Ok(())
    }

    fn extension(&mut self, byte: u8, quoted: bool, escaped: bool) -> Result<(), BodyErrorKind> {
        self.state = match byte {
            b'\r' if !quoted && !escaped => State::Lf,
            _ if is_control(byte) => return Err(BodyErrorKind::ChunkExtension),
            _ if escaped => State::Extension { quoted, escaped: false },
            b'\\' if !quoted => return Err(BodyErrorKind::ChunkExtension),
            b'\\' => State::Extension { quoted, escaped: true },
            b'"' => State::Extension { quoted: !quoted, escaped },
            _ => return Ok(()),
        };
        Ok(())
    }
}
