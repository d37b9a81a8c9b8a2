//! Bytes for the cases: ones that show loss and repetition, sent and received with the watch told.

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::harness::{moving, step};
use crate::stream::Stream;

/// Bytes for one call: the watch hears of each.
const PIECE: usize = 64 * 1024;

/// Bytes that the cases have to send.
pub(super) const PLENTY: usize = 16 << 20;

/// Bytes of which no two neighbourhoods are alike, so that loss and repetition show. They do not compress.
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

/// Writes all and flushes.
pub(super) async fn send(stream: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let written = stream.write(bytes).await.expect("it writes");
        assert!((1..=bytes.len()).contains(&written), "a write of {} bytes took {written}", bytes.len());
        bytes = &bytes[written..];
        moving();
    }
    stream.flush().await.expect("it flushes");
}

/// Reads so many bytes.
pub(super) async fn receive(stream: &mut (impl AsyncRead + Unpin), length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    for part in bytes.chunks_mut(PIECE) {
        stream.read_exact(part).await.expect("it reads");
        moving();
    }
    bytes
}

/// Reads to the end.
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

/// Writes into a connection that nobody reads until it takes no more, and returns how much it took.
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

/// One vectored write.
pub(super) async fn write_vectored(stream: &mut dyn Stream, bufs: &[IoSlice<'_>]) -> usize {
    std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_write_vectored(cx, bufs)).await.expect("it writes")
}

/// Bytes that a slow reader takes at a time.
const SIP: usize = 1000;

/// Polls what ends a connection until it has ended, with a peer that reads a little where it has to.
pub(super) async fn with_slow_reader(
    what: &str,
    poll: impl FnMut(&mut Context<'_>) -> Poll<std::io::Result<()>>,
    reader: &mut Box<dyn Stream>,
    got: &mut Vec<u8>,
) {
    step(format!("{what}, with a peer that reads {SIP} bytes at a time where it has to"));
    let mut ends = std::pin::pin!(std::future::poll_fn(poll));
    loop {
        let mut sip = [0; SIP];
        tokio::select! {
            // No more is read than is asked for.
            biased;
            result = &mut ends => return result.unwrap_or_else(|error| panic!("{what} fails: {error}")),
            length = reader.read(&mut sip) => {
                let length = length.expect("it reads");
                assert_ne!(length, 0, "the peer sees the end before {what} has ended");
                got.extend_from_slice(&sip[..length]);
                moving();
            }
        }
    }
}
