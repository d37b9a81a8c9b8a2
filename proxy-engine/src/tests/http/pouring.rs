//! A client that sends without end, over a transport that takes no account of the task's share of operations.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};

use async_trait::async_trait;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, Outgoing};
use proto_core::stream::Stream;
use tokio::io::ReadBuf;

use super::altered::{Alteration, Altered};
use super::message::Language;
use super::setup::{enter, http, start};
use crate::tests::{Lab, Nobody, config, log_policy, ms, run};
use crate::{AccessLog, Backend, BackendConfig, LogMoment, LogOptions, LogTarget, Server};

/// More reads than any turn may have.
const ENOUGH: u32 = 1000;

/// The number of turns that other tasks have had, and the most reads since one of them.
#[derive(Debug, Default)]
struct Turns {
    number: AtomicU32,
    most_reads: AtomicU32,
}

/// A layer whose clients never stop sending once they have begun.
#[derive(Debug)]
struct Pouring(Arc<Turns>);

#[async_trait]
impl Layer for Pouring {
    fn name(&self) -> &'static str {
        "pouring"
    }

    async fn accept(&self, stream: Box<dyn Stream>, _: &mut Findings) -> Result<Box<dyn Stream>, LayerError> {
        let turns = Arc::clone(&self.0);
        Ok(Altered::boxed(stream, Poured { turns, turn: 0, reads: 0, has_begun: false }))
    }

    async fn connect(
        &self,
        stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        Ok(stream)
    }
}

/// Reads from the client until it has begun, and then without end.
#[derive(Debug)]
struct Poured {
    turns: Arc<Turns>,
    turn: u32,
    /// The reads in this turn.
    reads: u32,
    has_begun: bool,
}

impl Alteration for Poured {
    fn poll_read(
        &mut self,
        stream: &mut dyn Stream,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.has_begun {
            let read = Pin::new(stream).poll_read(cx, room);
            self.has_begun = !room.filled().is_empty();
            return read;
        }
        let turn = self.turns.number.load(Relaxed);
        self.reads = if turn == self.turn { self.reads + 1 } else { 1 };
        self.turn = turn;
        self.turns.most_reads.fetch_max(self.reads, Relaxed);
        if self.reads >= ENOUGH {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        room.initialize_unfilled().fill(b'x');
        room.set_filled(room.capacity());
        Poll::Ready(Ok(()))
    }
}

/// Neither the body in a tarpit, nor what follows its end, is read for longer than a turn.
#[test]
fn a_tarpit_leaves_others_their_turn() {
    run(|mut lab| async move {
        let turns = Arc::<Turns>::default();
        let worker = start(Arc::new(Nobody), (Language::Http1, Language::Http1));
        let policy = Arc::new(http(" timeout tarpit 1s\n http-request tarpit"));
        let backend = config(vec![Server::new(lab.server("s", 1))], "roundrobin");
        let backend = Backend::new(BackendConfig { http: Some(Arc::clone(&policy)), ..backend });
        let entry = lab.frontend(|config| {
            config.policy.client.inactivity = Some(ms(5000));
            config.listeners[0].layers.all = vec![Arc::new(Pouring(Arc::clone(&turns)))];
            config.backend = Some(backend);
            config.policy.http = Some(policy);
            config.log = LogOptions { moment: LogMoment::Ended, ..LogOptions::default() };
            let target = Arc::clone(&lab.log) as Arc<dyn LogTarget>;
            config.access_log = Some(Arc::new(AccessLog::new(log_policy(" log-format %ST\\ %ts"), target)));
        });
        let mut client = enter(&lab, &worker, &entry, Language::Http1).await;
        client.say(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000000\r\n\r\n");
        others_run(&turns, 50).await;
        tokio::time::advance(ms(1000)).await;
        assert_eq!(logged(&mut lab, &turns).await, "500 PT");
        others_run(&turns, 50).await;
        tokio::time::advance(ms(2000)).await;
        others_run(&turns, 50).await;
        client.hear_end().await;
        let most = turns.most_reads.load(Relaxed);
        assert!((1..ENOUGH / 10).contains(&most), "{most} reads in one turn");
    });
}

async fn others_run(turns: &Turns, times: u32) {
    for _ in 0..times {
        turns.number.fetch_add(1, Relaxed);
        tokio::task::yield_now().await;
    }
}

/// Returns the next line of the log, while others go on.
async fn logged(lab: &mut Lab, turns: &Turns) -> String {
    let mut line = std::pin::pin!(lab.line());
    loop {
        match std::future::poll_fn(|cx| Poll::Ready(line.as_mut().poll(cx))).await {
            Poll::Ready(line) => return line,
            Poll::Pending => others_run(turns, 1).await,
        }
    }
}
