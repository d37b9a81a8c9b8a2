//! The origin's side of one connection.

use crate::failure::Failure;
use crate::link::{Limit, Link};
use crate::opening::read_request;
use crate::pattern::Pattern;
use crate::transfer::{receive, send};
use crate::wire::{Mode, Request, Verdict};

/// What is left to do with a connection that was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Close,
    /// The client ended it without sending a byte.
    Nothing,
    /// Keep it until the client ends it.
    Park,
}

pub(crate) fn serve(link: &Link, limit: Limit<'_>, buffer: &mut [u8]) -> Result<After, Failure> {
    let header = match read_request(link, limit) {
        Err(Failure::Short { got: 0, .. }) => return Ok(After::Nothing),
        read => read?,
    };
    let request = Request::decode(&header)?;
    let pattern = Pattern::new(request.seed);
    match request.mode {
        Mode::Down => {
            send(link, &pattern, request.bytes, limit, None, buffer)?;
            link.finish()?;
            // Closed only after the client has, which still reads the state of its subflows.
            drain(link, limit, buffer)?;
        }
        Mode::Up => up(link, request.bytes, &pattern, limit, buffer)?,
        Mode::Echo => echo(link, limit, buffer)?,
        Mode::Hold => {
            send(link, &pattern, request.bytes, limit, None, buffer)?;
            return Ok(After::Park);
        }
    }
    Ok(After::Close)
}

fn up(
    link: &Link,
    bytes: u64,
    pattern: &Pattern,
    limit: Limit<'_>,
    buffer: &mut [u8],
) -> Result<(), Failure> {
    let received = receive(link, pattern, bytes, limit, None, buffer);
    if received.end.is_ok() {
        let verdict = Verdict {
            bytes: received.bytes,
            mismatch: received.mismatch.map(|mismatch| mismatch.offset),
            stall: received.stall,
        };
        link.write_all(verdict.to_string().as_bytes(), limit, |_| {})?;
        link.finish()?;
    }
    received.verdict(bytes)
}

/// Waits for the FIN on its thread, so that a short connection is never handed over. That has a price in MPTCP
/// storms: the kernel's worker that handles their FINs (Linux 6.18) falls a fifth of a second behind when no core
/// is free, and threads pile up, in the worst case to the limit.
fn echo(link: &Link, limit: Limit<'_>, buffer: &mut [u8]) -> Result<(), Failure> {
    loop {
        match link.read(buffer, limit)? {
            0 => return link.finish(),
            count => link.write_all(&buffer[..count], limit, |_| {})?,
        }
    }
}

fn drain(link: &Link, limit: Limit<'_>, buffer: &mut [u8]) -> Result<(), Failure> {
    while link.read(buffer, limit)? > 0 {}
    Ok(())
}
