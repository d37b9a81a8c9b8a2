//! Sending and receiving one stream of the pattern: the two loops that client and origin share.

use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::link::{Limit, Link, PathState};
use crate::pattern::{Mismatch, Pattern};
use crate::progress::Progress;

/// The bytes per call: enough that the cost of calls is negligible, and few enough to stay in an L2 cache between
/// kernel and check.
const CHUNK: usize = 256 * 1024;

/// Allocates the buffer for one direction of one connection; its pages are only used once bytes flow.
pub(crate) fn buffer() -> Vec<u8> {
    vec![0; CHUNK]
}

/// Sends the first `bytes` of the pattern, without a FIN.
pub(crate) fn send(
    link: &Link,
    pattern: &Pattern,
    bytes: u64,
    limit: Limit<'_>,
    progress: Option<&Progress>,
    buffer: &mut [u8],
) -> Result<(), Failure> {
    let mut offset = 0;
    while offset < bytes {
        let len = usize::try_from(bytes - offset).unwrap_or(usize::MAX).min(buffer.len());
        let chunk = &mut buffer[..len];
        pattern.fill(offset, chunk);
        link.write_all(chunk, limit, |count| {
            if let Some(progress) = progress {
                progress.add(count as u64);
            }
        })?;
        offset += len as u64;
    }
    Ok(())
}

/// The result of receiving a stream.
#[derive(Debug)]
pub(crate) struct Received {
    /// All bytes, right or wrong.
    pub(crate) bytes: u64,
    /// The right bytes before the first wrong one, and not more than expected.
    pub(crate) verified: u64,
    pub(crate) mismatch: Option<Mismatch>,
    /// The longest gap between two reads, including the one that returned the end.
    pub(crate) stall: Duration,
    /// Read when the last expected byte had arrived (the peer's FIN closes subflows), or else at the end.
    pub(crate) path: Option<PathState>,
    /// How the stream ended, whatever its bytes were.
    pub(crate) end: Result<(), Failure>,
}

impl Received {
    /// Returns the verdict on a stream of which `expected` bytes were expected.
    pub(crate) fn verdict(self, expected: u64) -> Result<(), Failure> {
        match self.mismatch {
            Some(mismatch) => Err(mismatch.into()),
            None => self.end.and_then(|()| Failure::length(self.bytes, expected)),
        }
    }
}

/// Receives to the end of the stream and checks `due` bytes of it. Wrong bytes do not end it: the total number
/// distinguishes loss from duplication.
pub(crate) fn receive(
    link: &Link,
    pattern: &Pattern,
    due: u64,
    limit: Limit<'_>,
    progress: Option<&Progress>,
    buffer: &mut [u8],
) -> Received {
    let mut received =
        Received { bytes: 0, verified: 0, mismatch: None, stall: Duration::ZERO, path: None, end: Ok(()) };
    let mut last_read: Option<Instant> = None;
    loop {
        let read = link.read(buffer, limit);
        let now = Instant::now();
        let gap = last_read.replace(now).map_or(Duration::ZERO, |last| now - last);
        received.stall = received.stall.max(gap);
        match read {
            Ok(0) => break,
            Ok(count) => {
                received.take(pattern, due, &buffer[..count]);
                if let Some(progress) = progress {
                    progress.add(count as u64);
                }
            }
            Err(failure) => {
                received.end = Err(failure);
                break;
            }
        }
        if received.path.is_none() && received.bytes >= due {
            received.path = link.path();
        }
    }
    received.path = received.path.or_else(|| link.path());
    received
}

impl Received {
    fn take(&mut self, pattern: &Pattern, due: u64, data: &[u8]) {
        let left = usize::try_from(due.saturating_sub(self.bytes)).unwrap_or(usize::MAX);
        let checked = &data[..data.len().min(left)];
        if self.mismatch.is_none() {
            match pattern.check(self.bytes, checked) {
                Ok(()) => self.verified += checked.len() as u64,
                Err(mismatch) => {
                    self.verified = mismatch.offset;
                    self.mismatch = Some(mismatch);
                }
            }
        }
        self.bytes += data.len() as u64;
    }
}
