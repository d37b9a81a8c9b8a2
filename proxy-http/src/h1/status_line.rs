//! The first line of a response.
//!
//! ```text
//!  Before ─► Version ─► VersionGap ─► Code ─► CodeGap ─► Reason ─► LineLf ─► (done)
//!   │   ▲
//!   ▼   │
//!  BeforeLf
//! ```
//!
//! As lenient as the request line; the reason may be any text, or empty.

use super::bytes::{is_line_end, is_space, is_token, is_version};
use super::error::{Fault, HeadErrorKind};
use super::request_line::parse_version;
use crate::fields::Piece;
use crate::version::Version;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Before,
    BeforeLf,
    Version,
    VersionGap,
    Code,
    CodeGap,
    Reason,
    LineLf,
    Done,
}

/// A status line that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StatusLine {
    state: State,
    start: usize,
    word: usize,
    pub(super) version: Option<Version>,
    pub(super) status: u16,
    pub(super) reason: Piece,
    /// Whether the line will be written in another form.
    pub(super) is_odd: bool,
}

impl StatusLine {
    /// Returns whether nothing but empty lines was read.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Before | State::BeforeLf)
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns the offset at which the line begins.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Goes on at `at`. Returns whether the line is complete.
    pub(super) fn next(&mut self, bytes: &[u8], at: &mut usize) -> Result<bool, Fault> {
        while let Some(&byte) = bytes.get(*at) {
            match self.state {
                State::Before => match byte {
                    b'\r' => self.step(at, State::BeforeLf),
                    b'\n' => *at += 1,
                    _ if is_token(byte) => {
                        self.start = *at;
                        self.begin(*at, State::Version);
                    }
                    _ => return Err((HeadErrorKind::Start, *at)),
                },
                State::BeforeLf => self.feed(byte, at, State::Before)?,
                State::Version if is_version(byte) => *at += 1,
                State::Version if is_space(byte) => {
                    let version = parse_version(&bytes[self.word..*at]);
                    self.version = Some(version.ok_or((HeadErrorKind::Version, self.word))?);
                    self.is_odd |= self.version.is_some_and(|it| it.is_11() && it != Version::HTTP_11);
                    self.gap(byte, at, State::VersionGap);
                }
                State::Version => return Err((HeadErrorKind::Version, *at)),
                State::VersionGap if is_space(byte) => self.more_gap(at),
                State::VersionGap => self.begin(*at, State::Code),
                State::Code if byte.is_ascii_digit() && *at - self.word < 3 => {
                    self.status = self.status * 10 + u16::from(byte - b'0');
                    *at += 1;
                }
                // A status with fewer digits has no defined meaning.
                State::Code if *at - self.word != 3 || self.status < 100 => {
                    return Err((HeadErrorKind::Status, *at));
                }
                State::Code if is_space(byte) => self.gap(byte, at, State::CodeGap),
                State::Code if is_line_end(byte) => self.line_end(*at, byte, at),
                State::Code => return Err((HeadErrorKind::Status, *at)),
                State::CodeGap if is_space(byte) => self.more_gap(at),
                State::CodeGap if is_line_end(byte) => self.line_end(*at, byte, at),
                State::CodeGap => self.begin(*at, State::Reason),
                State::Reason => {
                    let Some(length) = memchr::memchr2(b'\r', b'\n', &bytes[*at..]) else {
                        *at = bytes.len();
                        break;
                    };
                    *at += length;
                    self.line_end(self.word, bytes[*at], at);
                }
                State::LineLf => self.feed(byte, at, State::Done)?,
                State::Done => break,
            }
        }
        Ok(self.is_done())
    }

    fn step(&mut self, at: &mut usize, state: State) {
        *at += 1;
        self.state = state;
    }

    fn begin(&mut self, at: usize, state: State) {
        (self.word, self.state) = (at, state);
    }

    fn gap(&mut self, byte: u8, at: &mut usize, state: State) {
        self.is_odd |= byte != b' ';
        self.step(at, state);
    }

    fn more_gap(&mut self, at: &mut usize) {
        self.is_odd = true;
        *at += 1;
    }

    fn feed(&mut self, byte: u8, at: &mut usize, state: State) -> Result<(), Fault> {
        if byte != b'\n' {
            return Err((HeadErrorKind::LineEnd, *at));
        }
        self.step(at, state);
        Ok(())
    }

    fn line_end(&mut self, reason: usize, byte: u8, at: &mut usize) {
        self.reason = Piece::new(reason, *at);
        // If the reason is empty, one is written.
        self.is_odd |= byte == b'\n' || self.reason.is_empty();
        self.step(at, if byte == b'\n' { State::Done } else { State::LineLf });
    }
}
