//! A client's connection: one request after the other, and what is waited for between them.
//!
//! ```text
//!            begun                  head                       answered, kept alive
//!  waiting ────────► reading head ────────► an exchange ───────────────────────────────► waiting
//!     │ closed, idle     │ malformed, late      │ tunnel, or the connection is to be closed
//!     ▼                  ▼                      ▼
//!   over               an error message       over, after the client was given time to read
//! ```

use std::cell::OnceCell;
use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use proto_core::address::Address;
use proto_core::info::{ConnectionInfo, State};
use proto_core::stream::Stream;
use proxy_rules::Variables;
use tokio::time::Instant;

use super::alarm::Alarm;
use super::buffers::Messages;
use super::exchange::{Arrival, FrontConnection};
use super::pool::Idle;
use super::transaction::{Begun, Transaction};
use crate::backend::Backend;
use crate::frontend::Door;
use crate::policy::HttpPolicy;
use crate::server::Server;
use crate::slots::Taken;
use crate::termination::{Cause, Stage, Termination};
use crate::worker::Worker;

/// How much is read at once while a head is waited for: no more of a pipeline waits in memory.
const READ: usize = 16 * 1024;
/// How long a client is given to read an answer that came before its request was over, and to stop sending.
const LINGER: Duration = Duration::from_secs(2);

/// A client, as its exchanges see it.
pub(crate) struct Client<'a> {
    pub(crate) worker: &'a Worker,
    pub(crate) door: &'a Door,
    pub(crate) config: &'a Arc<HttpPolicy>,
    pub(crate) taken: &'a Taken,
    pub(crate) source: Address,
    pub(crate) destination: Destination,
    pub(crate) variables: Variables,
    pub(crate) alarm: Alarm,
    /// It has made a request before.
    pub(crate) is_known: bool,
    /// The server that its last request went to, by its place, and the backend.
    pub(crate) last: Option<(usize, &'a Arc<Backend>)>,
    /// Bytes of its requests before this one.
    pub(crate) consumed: u64,
    /// A connection to a server that is its own: `http-reuse never`.
    pub(crate) own: Option<(Arc<Server>, Idle)>,
    /// No other client may use the connections that it has used: servers have authenticated it on them.
    pub(crate) is_exclusive: bool,
    /// Its connection can be nothing but a plain one of one path.
    is_plain: Option<bool>,
}

/// The address that a client connected to: the system is asked once, and only if somebody wants to know.
#[derive(Debug, Default)]
pub(crate) struct Destination(OnceCell<Address>);

impl Destination {
    pub(crate) fn of(&self, stream: &dyn Stream) -> &Address {
        self.0.get_or_init(|| stream.original_dst().unwrap_or_else(|| stream.local_addr()))
    }
}

impl Client<'_> {
    /// What its connection really is, if there is more to tell than that it is one. Plain ones are asked once.
    pub(crate) fn info(&mut self, stream: &dyn Stream) -> Option<ConnectionInfo> {
        if !self.door.frontend.log.connections || self.is_plain == Some(true) {
            return None;
        }
        let info = stream.info();
        self.is_plain = Some(is_plain(&info));
        Some(info)
    }

    /// Its silence that is borne while a message is waited for.
    pub(crate) fn inactivity(&self) -> Option<Duration> {
        self.door.frontend.client.inactivity
    }
}

/// Whether a connection can be nothing but a plain one of one path.
pub(crate) fn is_plain(info: &ConnectionInfo) -> bool {
    info.state == State::Native && info.path_limit.is_none() && info.paths.len() <= 1
}

/// Serves a client until one side has enough.
pub(crate) async fn serve(
    worker: &Worker,
    door: &Door,
    config: &Arc<HttpPolicy>,
    taken: &Taken,
    stream: Box<dyn Stream>,
    begun: Instant,
) {
    let mut client = Client {
        worker,
        door,
        config,
        taken,
        source: stream.peer_addr(),
        destination: Destination::default(),
        variables: worker.http.variables(),
        alarm: Alarm::new(),
        is_known: false,
        last: None,
        consumed: 0,
        own: None,
        is_exclusive: false,
        is_plain: None,
    };
    let mut front = (worker.http.codecs.front)(stream, config);
    let mut idle_since = begun;
    loop {
        match client.wait(&mut *front, idle_since).await {
            Waited::Begun => {}
            Waited::Nothing(reason) => {
                if !client.is_known {
                    let begun = Begun::nothing(idle_since);
                    Transaction::new(&mut client, begun, Messages::default()).reject(front, reason).await;
                }
                return;
            }
        }
        let since = if client.is_known { Instant::now() } else { idle_since };
        let begun = Begun { at: SystemTime::now(), since: Instant::now(), idle: since - idle_since };
        let mut messages = worker.http.buffers.messages();
        let arrival = client.head(&mut *front, &mut messages, since).await;
        let mut transaction = Transaction::new(&mut client, begun, messages);
        let reason = match arrival {
            Head::Arrived(Arrival::Request(asked)) => {
                let next = transaction.run(front, asked).await;
                drop(transaction);
                let Some(kept) = next else { return };
                front = kept;
                client.consumed = front.consumed();
                client.is_known = true;
                client.variables.end_exchange();
                idle_since = Instant::now();
                front.rest(&worker.http.buffers);
                continue;
            }
            Head::Arrived(Arrival::Malformed(status)) => Reason::Malformed(status),
            Head::Arrived(Arrival::Ended) => Reason::Left,
            Head::Arrived(Arrival::Failed) => Reason::Broke,
            Head::Late => Reason::Late,
        };
        transaction.reject(front, reason).await;
        return;
    }
}

/// What came of waiting for something to begin.
enum Waited {
    Begun,
    /// It did not, and this is why.
    Nothing(Reason),
}

enum Head {
    Arrived(Arrival),
    Late,
}

/// Why there is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Bytes that are none; the status of the answer.
    Malformed(u16),
    /// It took too long.
    Late,
    /// The client closed its direction.
    Left,
    /// Its connection broke.
    Broke,
}

impl Reason {
    /// The status of the answer, or of the log line alone.
    pub(crate) fn status(self) -> u16 {
        match self {
            Reason::Malformed(status) => status,
            Reason::Late => 408,
            Reason::Left | Reason::Broke => 400,
        }
    }

    pub(crate) fn termination(self) -> Termination {
        let cause = match self {
            Reason::Malformed(_) => Cause::Proxy,
            Reason::Late => Cause::ClientTimeout,
            Reason::Left | Reason::Broke => Cause::Client,
        };
        Termination::new(cause, Stage::Request)
    }
}

impl Client<'_> {
    /// Waits for the first byte of a request.
    async fn wait(&mut self, front: &mut dyn FrontConnection, since: Instant) -> Waited {
        let timeouts = &self.config.timeouts;
        let limit = match self.is_known {
            false => timeouts.request,
            true => timeouts.keep_alive.or(timeouts.request),
        };
        let deadline = [limit, self.inactivity()].into_iter().flatten().min();
        let deadline = deadline.and_then(|limit| since.checked_add(limit));
        let http = &self.worker.http;
        let (alarm, own, is_known) = (&mut self.alarm, &mut self.own, self.is_known);
        let mut stopping = pin!(http.stopping());
        poll_fn(|cx| {
            let mut room = self.worker.scratch.borrow(READ);
            if let Poll::Ready(begun) = front.poll_begun(cx, &mut room[..READ], &http.buffers) {
                return Poll::Ready(match begun {
                    Ok(true) => Waited::Begun,
                    Ok(false) => Waited::Nothing(Reason::Left),
                    Err(_) => Waited::Nothing(Reason::Broke),
                });
            }
            drop(room);
            if own.as_mut().is_some_and(|(_, idle)| !idle.back.is_quiet(cx)) {
                *own = None;
            }
            if is_known && stopping.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Waited::Nothing(Reason::Left));
            }
            alarm.poll(cx, deadline).map(|()| Waited::Nothing(Reason::Late))
        })
        .await
    }

    /// Waits for the rest of a head that has begun to come.
    async fn head(
        &mut self,
        front: &mut dyn FrontConnection,
        messages: &mut Messages,
        since: Instant,
    ) -> Head {
        messages.request.fields_mut().set_limit(self.config.tuning.bufsize);
        let (whole, silence) = (self.config.timeouts.request, self.inactivity());
        let (worker, alarm) = (self.worker, &mut self.alarm);
        let (mut active, mut came) = (since, 0);
        poll_fn(|cx| {
            let mut room = worker.scratch.borrow(READ);
            let arrival = front.poll_request(cx, &mut messages.request, &mut room[..READ]);
            if let Poll::Ready(arrival) = arrival {
                return Poll::Ready(Head::Arrived(arrival));
            }
            if front.begun().len() != came {
                (active, came) = (Instant::now(), front.begun().len());
            }
            let ends = [(whole, since), (silence, active)];
            let ends = ends.map(|(limit, from)| limit.and_then(|limit| from.checked_add(limit)));
            alarm.poll(cx, ends.into_iter().flatten().min()).map(|()| Head::Late)
        })
        .await
    }
}

/// Closes a connection after its last response: a client that still sends is read for a while, since closing before
/// it stops would cost it the response.
pub(crate) async fn close(client: &mut Client<'_>, mut front: Box<dyn FrontConnection>, is_sending: bool) {
    let deadline = Instant::now().checked_add(client.inactivity().map_or(LINGER, |limit| limit.min(LINGER)));
    let (worker, alarm) = (client.worker, &mut client.alarm);
    let closed: io::Result<()> = poll_fn(|cx| match front.poll_close(cx) {
        Poll::Pending => alarm.poll(cx, deadline).map(|()| Err(io::ErrorKind::TimedOut.into())),
        closed => closed,
    })
    .await;
    if closed.is_err() || !is_sending {
        return;
    }
    poll_fn(|cx| {
        let mut room = worker.scratch.borrow(READ);
        match front.poll_drain(cx, &mut room[..READ]) {
            Poll::Pending => alarm.poll(cx, deadline),
            drained => drained,
        }
    })
    .await;
}
