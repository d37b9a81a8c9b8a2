//! The input of a client, read also while one of its commands waits.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt, ReadBuf};
use tokio::time::{Interval, interval};

/// The most bytes read at once, and kept of the input while a command waits. Lines are short, and there are few
/// clients.
const CHUNK: usize = 4096;
/// The bytes per read while a command waits. The buffer is on the stack.
const READ: usize = 512;
/// How often to check whether a client that has half-closed still reads answers.
const ASK: Duration = Duration::from_millis(500);

/// The bytes of a client that have not been parsed yet.
#[derive(Debug, Default)]
pub(crate) struct Input {
    bytes: Vec<u8>,
    has_ended: bool,
    /// Runs once the client has half-closed.
    ask: Option<Interval>,
}

impl Input {
    /// Returns the next bytes; none once the client has half-closed.
    pub(crate) async fn next(&mut self, stream: &mut dyn Stream) -> io::Result<Vec<u8>> {
        if self.bytes.is_empty() && !self.has_ended {
            let mut chunk = [0; CHUNK];
            let length = stream.read(&mut chunk).await?;
            self.has_ended = length == 0;
            return Ok(chunk[..length].to_vec());
        }
        Ok(std::mem::take(&mut self.bytes))
    }

    /// Becomes ready when the client has left while a command waits.
    ///
    /// Scripts half-close after their commands and wait for the answers, so an end of file does not mean that they
    /// have left. After one, an empty write tells: it fails if both directions are closed (UNIX) or after a reset
    /// (TCP). A TCP client that has just closed looks like one that waits until something is sent to it.
    pub(crate) fn poll_left(&mut self, stream: &mut dyn Stream, cx: &mut Context<'_>) -> Poll<io::Error> {
        while !self.has_ended {
            if self.bytes.len() >= CHUNK {
                // The client sends ahead of its answers. Reading on would take memory without bound.
                return Poll::Pending;
            }
            let mut bytes = [0; READ];
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut *stream).poll_read(cx, &mut buffer)) {
                Err(error) => return Poll::Ready(error),
                Ok(()) if buffer.filled().is_empty() => self.has_ended = true,
                Ok(()) => self.bytes.extend_from_slice(buffer.filled()),
            }
        }
        // The first tick is immediate.
        let ask = self.ask.get_or_insert_with(|| interval(ASK));
        loop {
            ready!(ask.poll_tick(cx));
            if let Err(error) = ready!(Pin::new(&mut *stream).poll_write(cx, &[])) {
                return Poll::Ready(error);
            }
        }
    }
}
