//! Ends of connections: what a stream has accepted arrives, unless it is aborted.

use std::io::ErrorKind;
use std::pin::Pin;
use std::task::Context;

use tokio::io::AsyncReadExt;

use super::super::bytes::{PLENTY, fill, pattern, receive, send, with_slow_reader};
use super::super::harness::{block_on, moving, step};
use super::super::listening::Listening;
use super::super::{Ended, Subject};
use crate::stream::Stream;

pub(super) fn abort_is_seen_by_the_peer(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        for (by_client, used) in [(true, false), (false, false), (true, true), (false, true)] {
            let (client, server) = listening.pair(subject).await;
            let (who, mut aborter, mut other) =
                if by_client { ("client", client, server) } else { ("server", server, client) };
            if used {
                step(format!("exchange bytes before the {who} aborts"));
                send(&mut aborter, b"question").await;
                assert_eq!(receive(&mut other, 8).await, b"question");
                send(&mut other, b"answer").await;
                assert_eq!(receive(&mut aborter, 6).await, b"answer");
            }
            step(format!("the {who} aborts and its peer reads"));
            aborter.abort();
            match other.read(&mut [0; 16]).await {
                Ok(length) => panic!("the peer reads {length} bytes, an orderly end, and not a reset"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
            }
        }
    });
    Ended::Passed
}

/// Reads until there is no more, and returns whether that was an orderly end.
async fn read_until_it_ends(reader: &mut Box<dyn Stream>, got: &mut Vec<u8>) -> Result<(), ErrorKind> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut piece).await.map_err(|error| error.kind())? {
            0 => return Ok(()),
            length => got.extend_from_slice(&piece[..length]),
        }
        moving();
    }
}

/// Writes as much as fits without a reader, ends the connection, and only then reads.
fn delivers(subject: &Subject, shut_down: bool) -> Ended {
    let listening = Listening::start(subject);
    let bytes = pattern(PLENTY);
    block_on(async {
        for by_client in [true, false] {
            let (client, server) = listening.pair(subject).await;
            let (who, mut writer, mut reader) =
                if by_client { ("client", client, server) } else { ("server", server, client) };
            step(format!("the {who} writes while the peer does not read"));
            let taken = fill(&mut *writer, bytes);
            let mut got = Vec::new();
            let flush = |cx: &mut Context<'_>| Pin::new(&mut *writer).poll_flush(cx);
            if !shut_down {
                with_slow_reader("flushing", flush, &mut reader, &mut got).await;
            } else {
                let shutdown = |cx: &mut Context<'_>| Pin::new(&mut *writer).poll_shutdown(cx);
                with_slow_reader("shutting down", shutdown, &mut reader, &mut got).await;
            }
            step(format!("the {who} is dropped and its peer reads to the end"));
            drop(writer);
            let end = read_until_it_ends(&mut reader, &mut got).await;
            assert_eq!(got.len(), taken, "bytes that arrived, of those that were accepted");
            // With frames the last one may be missing, which only a shutdown writes.
            let cut = !shut_down && end == Err(ErrorKind::UnexpectedEof);
            assert!(end.is_ok() || cut, "the peer reads {end:?}");
            assert!(got == bytes[..taken], "{taken} bytes arrived changed");
        }
    });
    Ended::Passed
}

pub(super) fn dropping_delivers_what_was_accepted(subject: &Subject) -> Ended {
    delivers(subject, false)
}

pub(super) fn shutdown_delivers_what_was_accepted(subject: &Subject) -> Ended {
    delivers(subject, true)
}
