//! Bytes through a layer: many, few, buffered, in slices and none.

use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::AsyncWriteExt;

use super::super::Ended;
use super::super::bytes::{PLENTY, fill, pattern, receive, send, write_vectored};
use super::super::harness::{block_on, step};
use super::LayerSubject;
use super::talk::Pair;
use super::wire::Plan;
use crate::stream::Stream;

/// The most bytes that a layer may hold for a peer that does not read, in all its buffers.
const HELD: usize = 1 << 20;

/// The number of bytes that a connection in memory holds itself.
const BELOW: usize = 64 * 1024;

pub(super) fn bytes_arrive_intact_both_ways(subject: &LayerSubject) -> Ended {
    const MANY: usize = 3 << 20;
    let plans = [
        (Plan::PLAIN, Plan::PLAIN),
        (Plan { read: 1021, ..Plan::PLAIN }, Plan { write: 4093, ..Plan::PLAIN }),
    ];
    for (client, server) in plans {
        block_on(async {
            let Pair { client, server, .. } = Pair::with(subject, client, server).await;
            step(format!("send {MANY} bytes each way"));
            let (mut client_in, mut client_out) = tokio::io::split(client);
            let (mut server_in, mut server_out) = tokio::io::split(server);
            let (up, down) = (pattern(MANY), &pattern(MANY + 9)[9..]);
            let ((), (), got_up, got_down) = tokio::join!(
                send(&mut client_out, up),
                send(&mut server_out, down),
                receive(&mut server_in, MANY),
                receive(&mut client_in, MANY),
            );
            assert!(got_up == up, "{MANY} bytes to the server arrived changed");
            assert!(got_down == down, "{MANY} bytes to the client arrived changed");
        });
    }
    Ended::Passed
}

pub(super) fn flush_delivers_what_was_accepted(subject: &LayerSubject) -> Ended {
    block_on(async {
        let Pair { mut client, mut server, .. } = Pair::new(subject).await;
        for length in [1, 10, 1000, 40_000] {
            step(format!("the client writes {length} bytes and flushes, and the server reads them"));
            send(&mut client, pattern(length)).await;
            assert!(receive(&mut server, length).await == pattern(length), "{length} bytes arrived changed");
            step(format!("the server writes {length} bytes and flushes, and the client reads them"));
            send(&mut server, pattern(length)).await;
            assert!(receive(&mut client, length).await == pattern(length), "{length} bytes arrived changed");
        }
    });
    Ended::Passed
}

pub(super) fn back_pressure_is_bounded(subject: &LayerSubject) -> Ended {
    block_on(async {
        let Pair { mut client, server: _server, .. } = Pair::new(subject).await;
        step("write to a peer that does not read");
        let taken = fill(&mut *client, pattern(PLENTY));
        assert!(taken <= BELOW + HELD, "{taken} bytes were accepted although the peer does not read");
    });
    Ended::Passed
}

fn moved(stream: Box<dyn Stream>) -> Box<dyn Stream> {
    stream.detach().expect("it detaches").into_stream().expect("it registers")
}

pub(super) fn detach_keeps_what_is_held(subject: &LayerSubject) -> Ended {
    const LENGTHS: [usize; 5] = [1, 7, 101, 1009, 4099];
    let bytes = pattern(24 * 1024);
    block_on(async {
        let Pair { mut client, mut server, .. } = Pair::new(subject).await;
        send(&mut client, bytes).await;
        let mut got = Vec::new();
        for length in LENGTHS {
            step(format!("read {length} of the bytes that wait, and detach"));
            got.extend(receive(&mut server, length).await);
            server = moved(server);
        }
        step("read the rest");
        got.extend(receive(&mut server, bytes.len() - got.len()).await);
        assert!(got == bytes, "the bytes read with detaches in between are not those that were sent");

        let mut rest = bytes;
        for length in LENGTHS {
            step(format!("write {length} bytes without a flush, and detach"));
            server.write_all(&rest[..length]).await.expect("it writes");
            rest = &rest[length..];
            server = moved(server);
        }
        step("write the rest, flush, and read everything at the other end");
        send(&mut server, rest).await;
        assert!(
            receive(&mut client, bytes.len()).await == bytes,
            "bytes written with detaches in between arrived changed"
        );
    });
    Ended::Passed
}

pub(super) fn vectored_and_empty_writes(subject: &LayerSubject) -> Ended {
    block_on(async {
        let Pair { mut client, mut server, client_end, .. } = Pair::new(subject).await;
        step("ask is_write_vectored");
        assert!(client.is_write_vectored(), "is_write_vectored is false");
        let mut cx = Context::from_waker(Waker::noop());
        for turn in ["before any bytes", "after some"] {
            step(format!("write nothing {turn}"));
            let before = client_end.seen().written;
            let plain = Pin::new(&mut *client).poll_write(&mut cx, &[]);
            assert!(matches!(plain, Poll::Ready(Ok(0))), "poll_write of no bytes: {plain:?}");
            let slices = [IoSlice::new(b""), IoSlice::new(b"")];
            let vectored = Pin::new(&mut *client).poll_write_vectored(&mut cx, &slices);
            assert!(matches!(vectored, Poll::Ready(Ok(0))), "poll_write_vectored of none: {vectored:?}");
            client.flush().await.expect("it flushes");
            assert_eq!(client_end.seen().written, before, "bytes below, before and after a write of nothing");

            step("write three slices at once");
            let slices = [IoSlice::new(b"one "), IoSlice::new(b"two "), IoSlice::new(b"three")];
            let written = write_vectored(&mut *client, &slices).await;
            assert_eq!(written, 13, "bytes taken of three slices with 13");
            client.flush().await.expect("it flushes");
            assert_eq!(receive(&mut server, 13).await, b"one two three");
        }
    });
    Ended::Passed
}
