//! What client and origin send each other around the bytes that are measured.
//!
//! ```text
//! client -> origin   Request: 32 bytes, little endian: magic(8) mode(1) zero(7) bytes(8) seed(8)
//! down               origin sends `bytes` of the pattern, FIN; client closes
//!! up                 client sends `bytes` of the pattern, FIN; origin responds with a verdict line, FIN
//! echo               origin returns what it gets until FIN, FIN
//! hold               origin sends `bytes` of the pattern and keeps the connection until the client ends it
//! ```

use std::fmt;
use std::time::Duration;

use crate::pattern::Seed;

const MAGIC: &[u8; 8] = b"BRAIDLD1";

/// The task of the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Down,
    Up,
    Echo,
    Hold,
}

/// The direction of a bulk transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the origin to the client.
    Down,
    /// From the client to the origin.
    Up,
    /// In both directions at the same time.
    Echo,
}

impl Direction {
    pub const fn mode(self) -> Mode {
        match self {
            Self::Down => Mode::Down,
            Self::Up => Mode::Up,
            Self::Echo => Mode::Echo,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Up => "up",
            Self::Echo => "echo",
        }
    }
}

/// The fixed header at the beginning of each connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub mode: Mode,
    /// The length of the stream; only a hint for `echo`.
    pub bytes: u64,
    pub seed: Seed,
}

/// The error of a peer that does not use this protocol, or of a damaged response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("the request does not begin with the magic")]
    Magic,
    #[error("the request asks for the unknown mode {0}")]
    Mode(u8),
    #[error("the verdict is damaged: {0:?}")]
    Verdict(String),
}

impl Request {
    /// The length of the header in bytes.
    pub const LEN: usize = 32;

    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut header = [0; Self::LEN];
        header[..8].copy_from_slice(MAGIC);
        header[8] = match self.mode {
            Mode::Down => 1,
            Mode::Up => 2,
            Mode::Echo => 3,
            Mode::Hold => 4,
        };
        header[16..24].copy_from_slice(&self.bytes.to_le_bytes());
        header[24..].copy_from_slice(&self.seed.0.to_le_bytes());
        header
    }

    pub fn decode(header: &[u8; Self::LEN]) -> Result<Self, WireError> {
        let (words, _) = header.as_chunks::<8>();
        if &words[0] != MAGIC {
            return Err(WireError::Magic);
        }
        let mode = match header[8] {
            1 => Mode::Down,
            2 => Mode::Up,
            3 => Mode::Echo,
            4 => Mode::Hold,
            other => return Err(WireError::Mode(other)),
        };
        Ok(Self { mode, bytes: u64::from_le_bytes(words[2]), seed: Seed(u64::from_le_bytes(words[3])) })
    }
}

/// The result of an upload at the origin. On the wire one line, `ok bytes=5 stall_us=3` or `mismatch=4 bytes=5
/// stall_us=3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// All bytes received, right or wrong.
    pub bytes: u64,
    /// The offset of the first wrong byte.
    pub mismatch: Option<u64>,
    /// The longest gap between two reads: only the receiver of a stream knows it.
    pub stall: Duration,
}

impl Verdict {
    /// The longest verdict; anything longer has been damaged.
    pub const MAX_LEN: usize = 128;

    pub fn parse(line: &[u8]) -> Result<Self, WireError> {
        let damaged = || WireError::Verdict(String::from_utf8_lossy(line).into_owned());
        let text = str::from_utf8(line).ok().and_then(|text| text.strip_suffix('\n')).ok_or_else(damaged)?;
        let mut words = text.split(' ');
        let result = words.next().ok_or_else(damaged)?;
        let mut number = |key: &str| -> Option<u64> { words.next()?.strip_prefix(key)?.parse().ok() };
        let bytes = number("bytes=").ok_or_else(damaged)?;
        let stall = Duration::from_micros(number("stall_us=").ok_or_else(damaged)?);
        let mismatch = match result.strip_prefix("mismatch=") {
            Some(offset) => Some(offset.parse().map_err(|_| damaged())?),
            None if result == "ok" => None,
            None => return Err(damaged()),
        };
        if words.next().is_some() {
            return Err(damaged());
        }
        Ok(Self { bytes, mismatch, stall })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mismatch {
            None => write!(f, "ok")?,
            Some(offset) => write!(f, "mismatch={offset}")?,
        }
        writeln!(f, " bytes={} stall_us={}", self.bytes, self.stall.as_micros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_survive_the_wire() {
        for mode in [Mode::Down, Mode::Up, Mode::Echo, Mode::Hold] {
            let request = Request { mode, bytes: u64::MAX - 3, seed: Seed(0x0123_4567_89ab_cdef) };
            assert_eq!(Request::decode(&request.encode()), Ok(request));
        }
    }

    #[test]
    fn foreign_requests_are_refused() {
        assert_eq!(Request::decode(&[b'G'; Request::LEN]), Err(WireError::Magic));
        let mut header = Request { mode: Mode::Up, bytes: 0, seed: Seed(0) }.encode();
        header[8] = 99;
        assert_eq!(Request::decode(&header), Err(WireError::Mode(99)));
    }

    #[test]
    fn verdicts_survive_the_wire_and_damage_is_seen() {
        for mismatch in [None, Some(17)] {
            let verdict = Verdict { bytes: 42, mismatch, stall: Duration::from_micros(1234) };
            let line = verdict.to_string();
            assert!(line.len() <= Verdict::MAX_LEN);
            assert_eq!(Verdict::parse(line.as_bytes()), Ok(verdict));
            for end in 0..line.len() {
                assert!(Verdict::parse(&line.as_bytes()[..end]).is_err(), "cut at {end}");
            }
        }
        assert!(Verdict::parse(b"fine bytes=1 stall_us=1\n").is_err());
        assert!(Verdict::parse(b"ok bytes=1 stall_us=1 more\n").is_err());
    }
}
