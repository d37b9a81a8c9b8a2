//! The first line of a request.
//!
//! ```text
//!  Before ─► Method ─► MethodGap ─► Target ─► TargetGap ─► Version ─► LineLf ─► (done)
//!   │   ▲
//!   ▼   │
//!  BeforeLf
//! ```
//!
//! Empty lines before it are skipped. The words may be separated by several spaces or tabs; they are written with
//! one space.

use super::bytes::{is_line_end, is_space, is_target, is_token, is_version};
use super::error::{Fault, HeadErrorKind};
use crate::fields::Piece;
use crate::version::Version;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Before,
    BeforeLf,
    Method,
    MethodGap,
    Target,
    TargetGap,
    Version,
    LineLf,
    Done,
}

/// A request line that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RequestLine {
    state: State,
    /// The offset at which the current word begins.
    word: usize,
    pub(super) method: Piece,
    pub(super) target: Piece,
    pub(super) version: Option<Version>,
    /// Whether the line will be written in another form.
    pub(super) is_odd: bool,
}

impl RequestLine {
    /// Returns whether nothing but empty lines was read.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Before | State::BeforeLf)
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns the offset at which the line begins.
    pub(super) fn start(&self) -> usize {
        self.method.start()
    }

    /// Returns whether this is a request of HTTP/0.9, which consists of this line only. Its version is set to 1.0.
    pub(super) fn is_whole_request(&self) -> bool {
        self.state == State::Done && self.version.is_none()
    }

    /// Goes on at `at`. Returns whether the line is complete.
    pub(super) fn next(&mut self, bytes: &[u8], at: &mut usize, lax: bool) -> Result<bool, Fault> {
        while let Some(&byte) = bytes.get(*at) {
            match self.state {
                State::Before => match byte {
                    b'\r' => self.step(at, State::BeforeLf),
                    b'\n' => *at += 1,
                    _ if is_token(byte) => self.begin(*at, State::Method),
                    _ => return Err((kind_of_beginning(bytes, *at), *at)),
                },
                State::BeforeLf => self.feed(byte, at, State::Before)?,
                State::Method => {
                    let byte = skip(bytes, at, is_token);
                    match byte {
                        None => break,
                        Some(b' ' | b'\t') => {
                            self.method = Piece::new(self.word, *at);
                            self.gap(byte, at, State::MethodGap);
                        }
                        Some(b'\r' | b'\n') => return Err((HeadErrorKind::Version, *at)),
                        Some(_) => return Err((self.unless_proxy(bytes, HeadErrorKind::Method), *at)),
                    }
                }
                State::MethodGap if is_space(byte) => self.more_gap(at),
                State::MethodGap if is_line_end(byte) => return Err((HeadErrorKind::Version, *at)),
                State::MethodGap => self.begin(*at, State::Target),
                State::Target => {
                    let allowed = |byte| is_target(byte) || (lax && (byte == b'#' || byte >= 0x80));
                    let byte = skip(bytes, at, allowed);
                    match byte {
                        None => break,
                        Some(b' ' | b'\t') => {
                            self.target = Piece::new(self.word, *at);
                            self.gap(byte, at, State::TargetGap);
                        }
                        Some(b'\r' | b'\n') => {
                            self.target = Piece::new(self.word, *at);
                            self.short(bytes, at, lax)?;
                        }
                        Some(_) => return Err((self.unless_proxy(bytes, HeadErrorKind::Target), *at)),
                    }
                }
                State::TargetGap if is_space(byte) => self.more_gap(at),
                State::TargetGap if is_line_end(byte) => self.short(bytes, at, lax)?,
                State::TargetGap => self.begin(*at, State::Version),
                State::Version => match skip(bytes, at, is_version) {
                    None => break,
                    Some(byte) if is_line_end(byte) => {
                        let text = &bytes[self.word..*at];
                        let Some(version) = parse_version(text) else {
                            return Err((self.unless_proxy(bytes, HeadErrorKind::Version), self.word));
                        };
                        self.version = Some(version);
                        self.is_odd |= version.is_11() && version != Version::HTTP_11;
                        self.line_end(byte, at);
                    }
                    Some(_) => return Err((self.unless_proxy(bytes, HeadErrorKind::Version), *at)),
                },
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
        if state == State::Method {
            // Set from here on, so that an error can be reported relative to the beginning of the line.
            self.method = Piece::new(at, at);
        }
    }

    fn gap(&mut self, byte: Option<u8>, at: &mut usize, state: State) {
        self.is_odd |= byte != Some(b' ');
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

    fn line_end(&mut self, byte: u8, at: &mut usize) {
        self.is_odd |= byte == b'\n';
        self.step(at, if byte == b'\n' { State::Done } else { State::LineLf });
    }

    /// Handles a line without a version: only a GET may be one, and only with `accept_unsafe`.
    fn short(&mut self, bytes: &[u8], at: &mut usize, lax: bool) -> Result<(), Fault> {
        if !lax || self.method.of(bytes) != b"GET" {
            return Err((self.unless_proxy(bytes, HeadErrorKind::Version), *at));
        }
        self.is_odd = true;
        self.line_end(bytes[*at], at);
        Ok(())
    }

    fn unless_proxy(&self, bytes: &[u8], kind: HeadErrorKind) -> HeadErrorKind {
        if bytes[self.start()..].starts_with(b"PROXY ") { HeadErrorKind::ProxyLine } else { kind }
    }
}

/// Returns the first byte that does not belong to a word.
fn skip(bytes: &[u8], at: &mut usize, is_part: impl Fn(u8) -> bool) -> Option<u8> {
    let rest = &bytes[*at..];
    let length = rest.iter().position(|byte| !is_part(*byte)).unwrap_or(rest.len());
    *at += length;
    rest.get(length).copied()
}

fn kind_of_beginning(bytes: &[u8], at: usize) -> HeadErrorKind {
    match bytes[at] {
        0x16 if at == 0 => HeadErrorKind::TlsHello,
        0 if bytes[..at] == *b"\r\n\r\n" => HeadErrorKind::ProxyLine,
        _ => HeadErrorKind::Start,
    }
}

/// Parses `HTTP/`, a digit, a point, a digit, and nothing else.
pub(super) fn parse_version(text: &[u8]) -> Option<Version> {
    match *text.strip_prefix(b"HTTP/")? {
        [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => {
            Some(Version { major: major - b'0', minor: minor - b'0' })
        }
        _ => None,
    }
}
