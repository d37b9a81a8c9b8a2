//! Bytes for the cases, in a pattern that shows loss and repetition; sending and receiving reports progress to the
//! watch.

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::harness::{moving, step};
use crate::stream::Stream;

/// The size of one read or write, in bytes; progress is reported after each.
const PIECE: usize = 64 * 1024;

/// The number of bytes in the pattern.
pub(super) const PLENTY: usize = 16 << 20;

/// Returns bytes without repeated sequences, so that loss and repetition show. They do not compress.
pub(super) fn pattern(length: usize) -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| {
        let (mut bytes, mut state) = (Vec::with_capacity(PLENTY), 0x9e37_79b9_7f4a_7c15_u64);
        while bytes.len() < PLENTY {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.extend_from_slice(&state.to_le_bytes());
        }
        bytes
    });
    &bytes[..length]
}

/// Writes all the bytes and flushes.
pub(super) async fn send(stream: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let written = stream.write(bytes).await.expect("it writes");
        assert!((1..=bytes.len()).contains(&written), "a write of {} bytes took {written}", bytes.len());
        bytes = &bytes[written..];
        moving();
    }
    stream.flush().await.expect("it flushes");
}

/// Reads this number of bytes.
pub(super) async fn receive(stream: &mut (impl AsyncRead + Unpin), length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    for part in bytes.chunks_mut(PIECE) {
        stream.read_exact(part).await.expect("it reads");
        moving();
    }
    bytes
}

/// Reads to end of file.
pub(super) async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        match stream.read(&mut piece).await.expect("it reads to the end") {
            0 => return bytes,
            length => bytes.extend_from_slice(&piece[..length]),
        }
        moving();
    }
}

/// Writes into a connection that is not read until it accepts no more, and returns the number of bytes it accepted.
pub(super) fn fill(stream: &mut dyn Stream, bytes: &[u8]) -> usize {
    let mut cx = Context::from_waker(Waker::noop());
    let mut taken = 0;
    while taken < bytes.len() {
        let piece = &bytes[taken..bytes.len().min(taken + PIECE)];
        match Pin::new(&mut *stream).poll_write(&mut cx, piece) {
            Poll::Ready(written) => taken += written.expect("it writes"),
            Poll::Pending => break,
        }
        moving();
    }
    taken
}

/// Makes one vectored write.
pub(super) async fn write_vectored(stream: &mut dyn Stream, bufs: &[IoSlice<'_>]) -> usize {
    std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_write_vectored(cx, bufs)).await.expect("it writes")
}

/// The number of bytes that a slow reader reads at a time.
const SLOW_READ: usize = 1000;

/// Polls the end of a connection until it is complete, with a peer that reads a little only if that is necessary.
pub(super) async fn with_slow_reader(
    what: &str,
    poll: impl FnMut(&mut Context<'_>) -> Poll<std::io::Result<()>>,
    reader: &mut Box<dyn Stream>,
    got: &mut Vec<u8>,
) {
    step(format!("{what}, with a peer that reads {SLOW_READ} bytes at a time if necessary"));
    let mut ends = std::pin::pin!(std::future::poll_fn(poll));
    loop {
        let mut piece = [0; SLOW_READ];
        tokio::select! {
            // Polled first, so that the peer reads no more than is necessary.
            biased;
            result = &mut ends => return result.unwrap_or_else(|error| panic!("{what} fails: {error}")),
            length = reader.read(&mut piece) => {
                let length = length.expect("it reads");
                assert_ne!(length, 0, "the peer sees the end before {what} has ended");
                got.extend_from_slice(&piece[..length]);
                moving();
            }
        }
    }
}
