//! Moving bytes: in both directions, with one direction closed, in slices, none at all, and put back.

use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::bytes::{pattern, read_to_end, receive, send, write_vectored};
use super::super::harness::{block_on, step};
use super::super::listening::Listening;
use super::super::{Ended, Subject};
use crate::layer::Prefixed;

pub(super) fn bytes_arrive_both_ways(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        for length in [0, 1, 100, 65_536, 8 << 20] {
            let (client, server) = listening.pair(subject).await;
            step(format!("send {length} bytes each way"));
            let (mut client_in, mut client_out) = tokio::io::split(client);
            let (mut server_in, mut server_out) = tokio::io::split(server);
            let bytes = pattern(length);
            let ((), (), up, down) = tokio::join!(
                send(&mut client_out, bytes),
                send(&mut server_out, bytes),
                receive(&mut server_in, length),
                receive(&mut client_in, length),
            );
            assert!(up == bytes, "{length} bytes to the server arrived changed");
            assert!(down == bytes, "{length} bytes to the client arrived changed");
        }
    });
    Ended::Passed
}

pub(super) fn half_close_by_the_client(subject: &Subject) -> Ended {
    half_close(subject, true)
}

pub(super) fn half_close_by_the_server(subject: &Subject) -> Ended {
    half_close(subject, false)
}

fn half_close(subject: &Subject, by_client: bool) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        let (client, server) = listening.pair(subject).await;
        let (mut closer, mut other) = if by_client { (client, server) } else { (server, client) };
        step("write and shut down");
        send(&mut closer, b"before").await;
        closer.shutdown().await.expect("it shuts down");
        step("read to the end that the other side closed");
        assert_eq!(read_to_end(&mut other).await, b"before", "what was written arrives before the end");
        step("answer in the direction that stays open");
        let answer = pattern(1 << 20);
        let (_, got) = tokio::join!(
            async {
                send(&mut other, answer).await;
                other.shutdown().await.expect("it shuts down");
            },
            read_to_end(&mut closer)
        );
        assert!(
            got == answer,
            "{} of {} bytes arrived in the direction that stays open",
            got.len(),
            answer.len()
        );
    });
    Ended::Passed
}

pub(super) fn vectored_writes_are_forwarded(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        let (client, mut server) = listening.pair(subject).await;
        let mut client = Prefixed::new(b"a layer".to_vec(), client);
        step("ask is_write_vectored");
        assert!(client.is_write_vectored(), "is_write_vectored is false");
        step("write three slices at once");
        let slices = [IoSlice::new(b"one "), IoSlice::new(b"two "), IoSlice::new(b"three")];
        let written = write_vectored(&mut *client, &slices).await;
        assert_eq!(written, 13, "bytes taken of three slices with 13");
        step("read what was in the slices");
        client.flush().await.expect("it flushes");
        assert_eq!(receive(&mut server, 13).await, b"one two three");
    });
    Ended::Passed
}

pub(super) fn an_empty_write_changes_nothing(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        let (client, server) = listening.pair(subject).await;
        for (end, mut writer, mut reader) in [("client", client, server)] {
            let mut cx = Context::from_waker(Waker::noop());
            for turn in ["before any bytes", "after some"] {
                step(format!("the {end} writes nothing {turn}"));
                let plain = Pin::new(&mut *writer).poll_write(&mut cx, &[]);
                assert!(matches!(plain, Poll::Ready(Ok(0))), "poll_write of no bytes: {plain:?}");
                for slices in [&[][..], &[IoSlice::new(b""), IoSlice::new(b"")]] {
                    let vectored = Pin::new(&mut *writer).poll_write_vectored(&mut cx, slices);
                    assert!(
                        matches!(vectored, Poll::Ready(Ok(0))),
                        "poll_write_vectored of none: {vectored:?}"
                    );
                }
                writer.flush().await.expect("it flushes");
                step(format!("the peer of the {end} reads what is written {turn}, and nothing before it"));
                send(&mut writer, b"something").await;
                let mut got = [0; 9];
                reader.read_exact(&mut got).await.expect("it reads");
                assert_eq!(&got, b"something");
                send(&mut reader, b"an answer").await;
                assert_eq!(receive(&mut writer, 9).await, b"an answer");
            }
        }
    });
    Ended::Passed
}

pub(super) fn put_back_bytes_are_read_first(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        let (mut client, server) = listening.pair(subject).await;
        let mut server = Prefixed::new(b"put back, ".to_vec(), server);
        assert!(server.splice_read().is_none(), "nothing is spliced past bytes that were put back");
        step("read some of what was put back, and detach");
        assert_eq!(receive(&mut server, 4).await, b"put ");
        let mut server = server.detach().expect("it detaches").into_stream().expect("it registers");
        step("read the rest and what came after it");
        send(&mut client, b"then the rest").await;
        client.shutdown().await.expect("it shuts down");
        assert_eq!(read_to_end(&mut server).await, b"back, then the rest");
    });
    Ended::Passed
}
