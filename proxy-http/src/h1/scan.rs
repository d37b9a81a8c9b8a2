//! The lines of fields: finds names and values, byte by byte where necessary.
//!
//! ```text
//!  Line ─► Name ─► Lead ─► Value ─► ValueLf ─► ValueNext ─► Line (a field)
//!   │               │ ▲      ▲                     │
//!   ▼               ▼ │      └──── folded ─────────┘
//!  LastLf          LeadLf ─► LeadNext ─► Line (an empty field)
//! ```
//!
//! A line feed alone ends a line, a carriage return alone is an error. A line that begins with white space
//! continues the value before it (RFC 9112, section 5.2): the line end is replaced by spaces, in place. The scanner
//! does not check the meaning of names and values.

use super::bytes::{LOWER, is_space};
use super::error::{Fault, HeadErrorKind};
use crate::fields::{Entry, Piece};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// At the first byte of a line.
    #[default]
    Line,
    Name,
    /// After the colon.
    Lead,
    /// After the carriage return of a value that has not begun.
    LeadLf,
    /// At the first byte after such a line.
    LeadNext,
    Value,
    ValueLf,
    ValueNext,
    /// After the carriage return of the empty line.
    LastLf,
}

/// A scanner of field lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scanner {
    state: State,
    name: usize,
    colon: usize,
    value: usize,
    end: usize,
    /// Whether the name is a token so far.
    is_token: bool,
    /// Whether the field would be written unchanged.
    is_plain: bool,
}

/// The result of a scan.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scanned {
    /// More bytes are needed.
    More,
    /// A field was found.
    Field(Found),
    /// The empty line was found; it may be written unchanged or not.
    End { is_plain: bool },
}

/// The place of a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) entry: Entry,
    /// Whether the name is a token; other names are only accepted with `accept_unsafe`.
    pub(super) is_token: bool,
    /// Whether the field would be written unchanged.
    pub(super) is_plain: bool,
}

impl Scanner {
    /// Goes on at `at`, up to the next result.
    pub(super) fn next(&mut self, bytes: &mut [u8], at: &mut usize, lax: bool) -> Result<Scanned, Fault> {
        while let Some(&byte) = bytes.get(*at) {
            match self.state {
                State::Line => match byte {
                    b'\r' => self.step(at, State::LastLf),
                    b'\n' => return Ok(self.finish(at, false)),
                    _ => {
                        *self = Scanner {
                            state: State::Name,
                            name: *at,
                            is_token: true,
                            is_plain: true,
                            ..*self
                        };
                    }
                },
                State::Name => self.name(bytes, at, lax)?,
                State::Lead => match byte {
                    b' ' | b'\t' => *at += 1,
                    _ => {
                        self.value = *at;
                        self.is_plain &= self.value == self.colon + 2 && bytes[self.colon + 1] == b' ';
                        match byte {
                            b'\r' => self.step(at, State::LeadLf),
                            b'\n' => self.bare_feed(at, State::LeadNext),
                            _ => self.state = State::Value,
                        }
                    }
                },
                State::LeadLf => self.feed(byte, at, State::LeadNext)?,
                State::LeadNext if is_space(byte) => self.fold(bytes, self.value, *at, State::Lead),
                State::LeadNext => {
                    self.end = self.value;
                    return Ok(self.field(bytes));
                }
                State::Value => self.value(bytes, at, lax)?,
                State::ValueLf => self.feed(byte, at, State::ValueNext)?,
                State::ValueNext if is_space(byte) => self.fold(bytes, self.end, *at, State::Value),
                State::ValueNext => return Ok(self.field(bytes)),
                State::LastLf if byte == b'\n' => return Ok(self.finish(at, true)),
                State::LastLf => return Err((HeadErrorKind::LineEnd, *at)),
            }
        }
        Ok(Scanned::More)
    }

    fn step(&mut self, at: &mut usize, state: State) {
        *at += 1;
        self.state = state;
    }

    fn finish(&mut self, at: &mut usize, is_plain: bool) -> Scanned {
        self.step(at, State::Line);
        Scanned::End { is_plain }
    }

    /// Reads the line feed after a carriage return.
    fn feed(&mut self, byte: u8, at: &mut usize, state: State) -> Result<(), Fault> {
        if byte != b'\n' {
            return Err((HeadErrorKind::LineEnd, *at));
        }
        self.step(at, state);
        Ok(())
    }

    fn bare_feed(&mut self, at: &mut usize, state: State) {
        self.is_plain = false;
        self.step(at, state);
    }

    fn fold(&mut self, bytes: &mut [u8], from: usize, to: usize, state: State) {
        bytes[from..to].fill(b' ');
        self.is_plain = false;
        self.state = state;
    }

    fn name(&mut self, bytes: &mut [u8], at: &mut usize, lax: bool) -> Result<(), Fault> {
        let from = *at;
        *at = bytes.len();
        for (offset, byte) in bytes[from..].iter_mut().enumerate() {
            let lower = LOWER[usize::from(*byte)];
            if lower != 0 {
                *byte = lower;
                continue;
            }
            let place = from + offset;
            if *byte == b':' && place > self.name {
                self.colon = place;
                *at = place + 1;
                self.state = State::Lead;
                break;
            }
            if *byte == b':' || *byte == b'\n' || !lax {
                *at = place;
                return Err((HeadErrorKind::FieldName, place));
            }
            self.is_token = false;
        }
        Ok(())
    }

    fn value(&mut self, bytes: &[u8], at: &mut usize, lax: bool) -> Result<(), Fault> {
        while let Some(found) = memchr::memchr3(b'\r', b'\n', 0, &bytes[*at..]) {
            *at += found;
            self.end = *at;
            match bytes[*at] {
                b'\r' => self.step(at, State::ValueLf),
                b'\n' => self.bare_feed(at, State::ValueNext),
                _ if lax => {
                    *at += 1;
                    continue;
                }
                _ => return Err((HeadErrorKind::FieldValue, *at)),
            }
            return Ok(());
        }
        *at = bytes.len();
        Ok(())
    }

    fn field(&mut self, bytes: &[u8]) -> Scanned {
        self.state = State::Line;
        let (mut start, mut end) = (self.value, self.end);
        while start < end && is_space(bytes[start]) {
            start += 1;
        }
        while end > start && is_space(bytes[end - 1]) {
            end -= 1;
        }
        let entry = Entry { name: Piece::new(self.name, self.colon), value: Piece::new(start, end) };
        let is_plain = self.is_plain && (start, end) == (self.value, self.end);
        Scanned::Field(Found { entry, is_token: self.is_token, is_plain })
    }
}
