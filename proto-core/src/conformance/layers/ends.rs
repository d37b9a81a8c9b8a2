//! The ends of a connection with a layer.

use std::pin::Pin;
use std::task::Context;

use tokio::io::AsyncWriteExt;

use super::super::Ended;
use super::super::bytes::{PLENTY, fill, pattern, read_to_end, receive, send, with_slow_reader};
use super::super::harness::{block_on, step};
use super::LayerSubject;
use super::talk::{Pair, Received, read_all};

pub(super) fn half_close_leaves_the_other_direction(subject: &LayerSubject) -> Ended {
    block_on(async {
        for by_client in [true, false] {
            let Pair { client, server, .. } = Pair::new(subject).await;
            let (who, mut closer, mut other) =
                if by_client { ("client", client, server) } else { ("server", server, client) };
            step(format!("the {who} writes without a flush and shuts down"));
            closer.write_all(b"before").await.expect("it writes");
            closer.shutdown().await.expect("it shuts down");
            step(format!("the peer of the {who} reads to the end"));
            assert_eq!(read_to_end(&mut other).await, b"before", "what was written arrives before the end");
            step(format!("the peer of the {who} answers in the direction that stays open"));
            let answer = pattern(300_000);
            let ends = async {
                send(&mut other, answer).await;
                other.shutdown().await.expect("it shuts down");
            };
            let ((), got) = tokio::join!(ends, read_to_end(&mut closer));
            assert!(got == answer, "{} of {} bytes arrived in the other direction", got.len(), answer.len());
        }
    });
    Ended::Passed
}

pub(super) fn ending_delivers_what_was_accepted(subject: &LayerSubject) -> Ended {
    let bytes = pattern(PLENTY);
    block_on(async {
        for shut_down in [false, true] {
            let Pair { mut client, mut server, .. } = Pair::new(subject).await;
            step("write while the peer does not read");
            let taken = fill(&mut *client, bytes);
            let what = if shut_down { "shutting down" } else { "flushing" };
            let mut got = Vec::new();
            let ends = |cx: &mut Context<'_>| {
                let client = Pin::new(&mut *client);
                if shut_down { client.poll_shutdown(cx) } else { client.poll_flush(cx) }
            };
            with_slow_reader(what, ends, &mut server, &mut got).await;
            step("drop, and read at the other end");
            drop(client);
            let Received { bytes: rest, end } = read_all(&mut server).await;
            got.extend(rest);
            assert_eq!(got.len(), taken, "bytes that arrived, of those that were accepted, and then {end:?}");
            assert!(got == bytes[..taken], "{taken} bytes arrived changed");
            assert!(!shut_down || end.is_ok(), "after a shutdown the end is an orderly one, not {end:?}");
        }
    });
    Ended::Passed
}

pub(super) fn dropping_closes_the_stream_below(subject: &LayerSubject) -> Ended {
    block_on(async {
        for abort in [false, true] {
            let Pair { mut client, mut server, client_end, server_end } = Pair::new(subject).await;
            send(&mut client, b"some").await;
            assert_eq!(receive(&mut server, 4).await, b"some");
            let what = if abort { "abort" } else { "drop" };
            step(format!("{what} one end in the middle of a write"));
            client.write_all(b"a word that is not fl").await.expect("it writes");
            if abort {
                client.abort();
            } else {
                drop(client);
            }
            assert!(client_end.seen().closed, "the stream below is still open");
            assert_eq!(client_end.calls.has("abort"), abort, "whether the stream below was aborted");
            step(format!("read at the other end after {what}"));
            let Received { end, .. } = read_all(&mut server).await;
            assert!(!abort || end.is_err(), "after an abort the peer reads an orderly end");
            drop(server.detach().expect("it detaches"));
            assert!(
                server_end.seen().closed,
                "the stream below a detached and dropped connection is still open"
            );
        }
    });
    Ended::Passed
}
