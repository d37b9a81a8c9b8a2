//! A relay of several MiB, with splicing wherever a stream offers it.

use std::task::ready;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::bytes::{pattern, read_to_end, receive, send};
use super::super::harness::{block_on, moving, step};
use super::super::listening::Listening;
use super::super::sys::Pipe;
use super::super::{Ended, Subject};
use crate::stream::{SpliceEnd, Stream};

/// The number of bytes that are relayed.
const MANY: usize = 3 << 20;

/// The number of bytes at a time, for which an empty pipe has room.
pub(super) const PIECE: usize = 32 * 1024;

/// The most consecutive `WouldBlock` errors after readiness, without waiting. Readiness may have passed since it was
/// reported, but not every time.
const MISLED: usize = 16;

pub(super) fn a_relay_moves_every_byte(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        for (splice_in, splice_out) in [(true, true), (true, false), (false, true), (false, false)] {
            let (mut client, mut from) = listening.pair(subject).await;
            let (mut to, mut server) = listening.pair(subject).await;
            step("exchange something on both connections, of unequal length");
            send(&mut client, b"a first question").await;
            receive(&mut from, 16).await;
            send(&mut to, b"hello").await;
            receive(&mut server, 5).await;
            step(format!("relay {MANY} bytes, splicing where offered: in {splice_in}, out {splice_out}"));
            let bytes = pattern(MANY);
            let sent = async {
                send(&mut client, bytes).await;
                client.shutdown().await.expect("it shuts down");
            };
            let (_, (), got) = tokio::join!(
                sent,
                relay(&mut from, &mut to, splice_in, splice_out),
                receive(&mut server, MANY)
            );
            assert!(got == bytes, "{MANY} bytes through a relay arrived changed");
            to.shutdown().await.expect("it shuts down");
            assert_eq!(read_to_end(&mut server).await, b"", "bytes after the last one");
        }
    });
    Ended::Passed
}

/// Moves bytes from one stream to another until the first one ends, and leaves the second one open.
pub(super) async fn relay(
    from: &mut Box<dyn Stream>,
    to: &mut Box<dyn Stream>,
    splice_in: bool,
    splice_out: bool,
) {
    let pipe = Pipe::new().expect("a pipe");
    let mut piece = vec![0; PIECE];
    loop {
        let count = match from.splice_read().filter(|_| splice_in) {
            Some(end) => splice(end, true, || pipe.fill_from(end.fd(), PIECE)).await,
            None => {
                let length = from.read(&mut piece).await.expect("the relay reads");
                pipe.write(&piece[..length]).expect("an empty pipe takes a piece");
                length
            }
        };
        if count == 0 {
            return;
        }
        let mut left = count;
        while left > 0 {
            match to.splice_write().filter(|_| splice_out) {
                Some(end) => left -= splice(end, false, || pipe.drain_to(end.fd(), left)).await,
                None => {
                    pipe.read(&mut piece[..left]).expect("the pipe has what was put in");
                    send(to, &piece[..left]).await;
                    left = 0;
                }
            }
        }
        moving();
    }
}

/// Splices once, when the socket is ready.
async fn splice(
    end: &dyn SpliceEnd,
    reading: bool,
    mut call: impl FnMut() -> std::io::Result<usize>,
) -> usize {
    std::future::poll_fn(|cx| {
        for _ in 0..MISLED {
            let result = if reading {
                ready!(end.poll_readable(cx)).expect("it reports when it is readable");
                end.try_read_with(&mut call)
            } else {
                ready!(end.poll_writable(cx)).expect("it reports when it is writable");
                end.try_write_with(&mut call)
            };
            match result {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                result => return std::task::Poll::Ready(result.expect("it splices")),
            }
        }
        panic!("readiness is not cleared: after WouldBlock, poll_readable and poll_writable must wait");
    })
    .await
}
