//! Waiting: a writer waits for its reader, and no wait spins.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::super::bytes::{PLENTY, fill, pattern, receive, send};
use super::super::harness::{block_on, step};
use super::super::listening::Listening;
use super::super::{Ended, Subject};
use crate::protocol::accept;

/// How long a wait is observed.
const QUIET: Duration = Duration::from_millis(30);

/// The most polls in that time that do not count as spinning.
const POLLS: usize = 8;

pub(super) fn a_writer_waits_for_its_reader(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        for by_client in [true, false] {
            let (client, server) = listening.pair(subject).await;
            let (who, mut writer, _reader) =
                if by_client { ("client", client, server) } else { ("server", server, client) };
            step(format!("the {who} writes while the peer does not read"));
            let taken = fill(&mut *writer, pattern(PLENTY));
            assert!(
                taken < PLENTY,
                "{taken} bytes were accepted although the peer does not read: its buffer has no limit"
            );
        }
    });
    Ended::Passed
}

/// Checks that a future without an event is pending, and is not polled again and again.
async fn expect_quiet(what: &str, work: impl Future) {
    step(format!("{what} while nothing happens"));
    let mut work = pin!(work);
    let mut polls = 0;
    let counted = std::future::poll_fn(|cx| {
        polls += 1;
        work.as_mut().poll(cx)
    });
    let ended = timeout(QUIET, counted).await.is_ok();
    assert!(!ended, "{what} does not wait");
    assert!(polls <= POLLS, "{what} was woken {polls} times in {QUIET:?} without an event: it spins");
}

pub(super) fn waiting_is_no_loop(subject: &Subject) -> Ended {
    let listening = Listening::start(subject);
    block_on(async {
        expect_quiet("accept", accept(&*listening.listener)).await;
        let (mut client, mut server) = listening.pair(subject).await;
        expect_quiet("accept after a connection", accept(&*listening.listener)).await;
        expect_quiet("read", client.read(&mut [0; 16])).await;
        send(&mut server, b"something").await;
        receive(&mut client, 9).await;
        expect_quiet("read after some bytes", client.read(&mut [0; 16])).await;
        if listening.listener.refuse_new() {
            step("look for connections in the queue after refuse_new");
            expect_quiet("accept after refuse_new", accept(&*listening.listener)).await;
        }
    });
    Ended::Passed
}
