//! The exchange at work: a server is found, the request goes to it, and its response to the client.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Method, Response};
use proxy_relay::SideLimits;
use proxy_rules::Answer;
use tokio::time::Instant;

use super::client::is_plain;
use super::exchange::{Broken, FrontConnection, Gone, Head, Next, RequestFacts};
use super::links::{Link, Links};
use super::pool::Idle;
use super::transaction::Transaction;
use super::transfer::{Fault, Transfer, Waits};
use super::upload::Upload;
use crate::balance;
use crate::frontend::LogMoment;
use crate::policy::{RetryCause, Reuse};
use crate::termination::{Cause, Stage, Termination};
use crate::watch::{self, Left};

/// Room for what is read while a head is waited for.
const ROOM: usize = 16 * 1024;

/// How an exchange went, if it came to a response.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The client has the response, or as much as there is of it.
    Answered,
    /// The connections are a tunnel now.
    Tunnel(Link),
}

/// Why an exchange did not come to a response.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The client gets this answer.
    Answer { answer: Arc<Answer>, termination: Termination },
    /// The client gets an error message, after a while.
    Tarpit { status: u16 },
    /// There is nobody to tell, or nothing to be told.
    Close(Termination),
    /// The connection is closed so that the client tries again, and nothing is said of it anywhere.
    Silent,
}

/// Why a server has not answered.
#[derive(Debug)]
enum Unanswered {
    /// Its connection ended.
    Ended,
    /// It sent something else.
    Junk,
    /// It took too long.
    Late,
    /// It answered with a status after which it may be asked again.
    Unwanted(u16),
    /// It is the client that failed.
    Stopped(Stop),
}

/// A client whose request is led to a server.
struct Asking<'t> {
    front: &'t mut dyn FrontConnection,
    asked: balance::Asked<'t>,
    /// It may leave.
    aborts: bool,
}

impl watch::Client for Asking<'_> {
    fn stream(&self) -> &dyn Stream {
        self.front.stream()
    }

    fn asked(&self) -> balance::Asked<'_> {
        self.asked
    }

    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<Left> {
        if !self.aborts || !self.front.is_complete() {
            return Poll::Pending;
        }
        let mut room = [0; 4096];
        self.front.poll_gone(cx, &mut room).map(|_| Left::Closed)
    }

    fn patience_ends(&self) -> Option<Instant> {
        None
    }
}

impl Transaction<'_, '_> {
    /// From the request to the response.
    pub(crate) async fn carry(
        &mut self,
        front: &mut dyn FrontConnection,
        asked: &RequestFacts,
    ) -> Result<Ending, Stop> {
        let result = self.carry_through(front, asked).await;
        match result {
            Err(Stop::Tarpit { status }) => self.tarpit(front, status).await,
            result => result,
        }
    }

    async fn carry_through(
        &mut self,
        front: &mut dyn FrontConnection,
        asked: &RequestFacts,
    ) -> Result<Ending, Stop> {
        let ours = self.front_config();
        self.upload = Upload::new(ours.tuning.bufsize);
        if ours.switches.buffer_request {
            self.read_ahead(front, asked).await?;
        } else if asked.body == BodyLength::Unknown && !front.begun().is_empty() {
            self.look_ahead(front).await?;
        }
        self.enter_frontend(front)?;
        if self.backend.is_none() {
            return Err(self.failed(503, Cause::Server, Stage::Connect));
        }
        self.enter_backend(front)?;
        let theirs = self.back_config();
        if theirs.switches.buffer_request && !ours.switches.buffer_request {
            self.read_ahead(front, asked).await?;
        }
        if theirs.retry_on.keeps_requests() {
            self.upload.keep();
            self.upload.fill(&self.client.worker.http.buffers);
        }
        let mut only_new = false;
        loop {
            let link = self.find_server(front, only_new).await?;
            let was_used = link.is_used();
            self.is_reused = Some(was_used);
            match self.exchange(front, link, asked).await {
                Ok(ending) => return Ok(ending),
                Err(Unanswered::Stopped(stop)) => {
                    if self.answered.is_none() && matches!(stop, Stop::Close(_)) {
                        self.status = Some(400);
                    }
                    return Err(stop);
                }
                Err(unanswered) if self.may_repeat(&unanswered) => {
                    self.journey.retries += 1;
                    self.count_retry();
                    self.journey.slot = None;
                    only_new |= was_used;
                }
                Err(unanswered) => return Err(self.unanswered(&unanswered, was_used)),
            }
        }
    }

    /// Holds a client up, and then refuses it.
    async fn tarpit(&mut self, front: &mut dyn FrontConnection, status: u16) -> Result<Ending, Stop> {
        let limit = self.back_config().timeouts.tarpit.or(self.front_config().timeouts.tarpit);
        let connect = || self.backend().and_then(|backend| backend.timeouts().connect);
        let deadline = limit.or_else(connect).and_then(|limit| Instant::now().checked_add(limit));
        let mut asking = Asking { front, asked: balance::Asked::default(), aborts: true };
        let waited = watch::wait(&mut asking, pin!(pending::<()>()), deadline, Instant::now()).await;
        match waited {
            watch::Waited::Left(_) => {
                self.status = Some(status);
                Err(Stop::Close(Termination::new(Cause::Client, Stage::Tarpit)))
            }
            _ => Err(self.failed(status, Cause::Proxy, Stage::Tarpit)),
        }
    }

    /// `option http-buffer-request`
    async fn read_ahead(
        &mut self,
        front: &mut dyn FrontConnection,
        asked: &RequestFacts,
    ) -> Result<(), Stop> {
        if front.is_complete() {
            return Ok(());
        }
        if asked.expects_continue {
            self.say_continue(front).await?;
        }
        let limit = self.front_config().timeouts.request.or(self.client.inactivity());
        let deadline = limit.and_then(|limit| self.begun.since.checked_add(limit));
        let (upload, worker, alarm) = (&mut self.upload, self.client.worker, &mut self.client.alarm);
        upload.fill(&worker.http.buffers);
        let read = poll_fn(|cx| {
            let mut room = worker.scratch.borrow(ROOM);
            match upload.poll_ahead(cx, front, &mut room[..ROOM]) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending => alarm.poll(cx, deadline).map(|()| None),
            }
        })
        .await;
        let (status, cause) = match read {
            Some(Ok(())) => return Ok(()),
            None => (408, Cause::ClientTimeout),
            Some(Err(Broken::Malformed)) => (400, Cause::Proxy),
            Some(Err(_)) => (400, Cause::Client),
        };
        self.received = None;
        Err(self.failed(status, cause, Stage::Request))
    }

    /// Looks at what has come of a body in pieces: what begins wrongly goes nowhere.
    async fn look_ahead(&mut self, front: &mut dyn FrontConnection) -> Result<(), Stop> {
        let (upload, worker) = (&mut self.upload, self.client.worker);
        upload.fill(&worker.http.buffers);
        let looked = poll_fn(|cx| {
            let mut room = worker.scratch.borrow(ROOM);
            Poll::Ready(upload.poll_part(cx, front, &mut room[..ROOM]))
        })
        .await;
        match looked {
            Poll::Ready(Err(Broken::Malformed)) => {
                // To the log it was no request.
                (self.received, self.line) = (None, Vec::new());
                Err(self.failed(400, Cause::Proxy, Stage::Request))
            }
            // Whatever else is to be said of it is said when it is sent.
            _ => Ok(()),
        }
    }

    async fn say_continue(&mut self, front: &mut dyn FrontConnection) -> Result<(), Stop> {
        let response = &mut self.messages.response;
        response.clear();
        let _ = response.set_status(100, b"Continue");
        front.send_head(response, BodyLength::Empty, Next::Exchange);
        let gone = |cause| Stop::Close(Termination::new(cause, Stage::Request));
        self.flush(front).await.map_err(gone)?;
        // It has been met.
        self.messages.request.fields_mut().remove(b"expect");
        Ok(())
    }

    async fn find_server(&mut self, front: &mut dyn FrontConnection, only_new: bool) -> Result<Link, Stop> {
        let Some(backend) = self.backend() else {
            return Err(self.failed(503, Cause::Server, Stage::Connect));
        };
        let config = self.back_config();
        let client = &mut *self.client;
        self.journey.preferred = client.last.and_then(|(index, last)| {
            let owner = client.own.as_ref().map(|(server, _)| server);
            let owns = owner.zip(backend.servers().get(index)).is_some_and(|(a, b)| Arc::ptr_eq(a, b));
            (Arc::ptr_eq(last, backend) && (config.switches.prefer_last_server || owns)).then_some(index)
        });
        let ip = client.source.inet().map(|inet| inet.ip());
        let asked = balance::Asked { client: ip, request: Some(&self.messages.request) };
        let aborts = config.aborts;
        let mut asking = Asking { front, asked, aborts };
        let mut links = Links {
            worker: client.worker,
            config,
            is_known: client.is_known,
            own: &mut client.own,
            only_new,
        };
        let reached = self.journey.reach(backend, &mut asking, &mut links, client.taken).await;
        match reached {
            Ok(link) => {
                self.connected = Some(Instant::now());
                let index = self.journey.slot.as_ref().map(|slot| slot.index());
                self.client.last = index.map(|index| (index, backend));
                Ok(link)
            }
            Err(left @ Termination { cause: Cause::Client, .. }) => Err(Stop::Close(left)),
            Err(termination) => Err(self.failed(503, termination.cause, termination.stage)),
        }
    }

    /// Sends the request and gives the response to the client.
    async fn exchange(
        &mut self,
        front: &mut dyn FrontConnection,
        mut link: Link,
        asked: &RequestFacts,
    ) -> Result<Ending, Unanswered> {
        let scratch = &self.client.worker.scratch;
        let mut up = Transfer::new(scratch);
        // Rules may have taken the offer away.
        let offers = asked.upgrade && self.messages.request.fields().has(b"upgrade");
        let next = match offers || self.method == Method::Connect {
            true => Next::Tunnel,
            false if self.closes_server() => Next::Close,
            false => Next::Exchange,
        };
        link.back.send_head(&self.messages.request, asked.body, next);
        let head = loop {
            let head = self.response(front, &mut link, &mut up).await?;
            let response = &self.messages.response;
            if !response.is_interim() {
                break head;
            }
            if self.messages.request.version().minor > 0 {
                front.send_head(response, BodyLength::Empty, Next::Exchange);
            }
        };
        let status = self.messages.response.status();
        // Nobody has asked for it, or not to the end.
        let is_wanted = next == Next::Tunnel && up.is_done() && link.back.kept() == 0;
        if head.next == Next::Tunnel && !is_wanted {
            return Err(Unanswered::Junk);
        }
        self.answered = Some(Instant::now());
        self.status = Some(status);
        if self.may_repeat(&Unanswered::Unwanted(status)) {
            return Err(Unanswered::Unwanted(status));
        }
        self.look_at_server(&link);
        self.client.is_exclusive |= is_negotiation(&self.messages.response);
        self.leave(front).map_err(Unanswered::Stopped)?;
        self.status = Some(self.messages.response.status());
        let next = if self.closes_client() && head.next == Next::Exchange { Next::Close } else { head.next };
        front.send_head(&self.messages.response, head.body, next);
        if self.client.door.frontend.log.moment == LogMoment::Connected {
            self.log_early(front);
        }
        if head.next == Next::Tunnel {
            let gone = |cause| Unanswered::Stopped(Stop::Close(Termination::new(cause, Stage::Data)));
            self.flush(front).await.map_err(gone)?;
            return Ok(Ending::Tunnel(link));
        }
        self.bodies(front, &mut link, &mut up).await.map_err(Unanswered::Stopped)?;
        self.let_go(link);
        Ok(Ending::Answered)
    }

    /// Waits for the head of a response, and moves the request's body meanwhile.
    async fn response(
        &mut self,
        front: &mut dyn FrontConnection,
        link: &mut Link,
        up: &mut Transfer<'_>,
    ) -> Result<Head, Unanswered> {
        let limits = self.limits();
        let aborts = self.back_config().aborts;
        let bufsize = self.front_config().tuning.bufsize;
        self.messages.response.clear();
        self.messages.response.fields_mut().set_limit(bufsize);
        let mut since = Instant::now();
        let (worker, alarm) = (self.client.worker, &mut self.client.alarm);
        let (response, upload) = (&mut self.messages.response, &mut self.upload);
        let mut is_write_broken = false;
        poll_fn(|cx| {
            // An interim response waits for nobody, and one that the client does not read for the next.
            if let Poll::Ready(Err(_)) = front.poll_flush(cx) {
                let gone = Termination::new(Cause::Client, Stage::Headers);
                return Poll::Ready(Err(Unanswered::Stopped(Stop::Close(gone))));
            }
            if front.kept() > ROOM {
                let deadline = limits.client.inactivity.and_then(|limit| since.checked_add(limit));
                let late = || Err(Unanswered::Stopped(Stop::Close(CLIENT_LATE)));
                return alarm.poll(cx, deadline).map(|()| late());
            }
            if !up.is_done() {
                let before = up.moved();
                match up.poll(cx, &mut upload.with(&mut *front), &mut *link.back) {
                    Poll::Ready(Ok(())) => since = Instant::now(),
                    Poll::Ready(Err(Fault::Sender(broken))) => {
                        return Poll::Ready(Err(Unanswered::Stopped(Stop::from_request(broken))));
                    }
                    // It may have answered all the same.
                    Poll::Ready(Err(Fault::Receiver)) => {
                        is_write_broken = true;
                        up.abandon();
                    }
                    Poll::Pending if up.moved() != before => since = Instant::now(),
                    Poll::Pending => {}
                }
            }
            let mut room = worker.scratch.borrow(ROOM);
            match link.back.poll_head(cx, response, &mut room[..ROOM]) {
                Poll::Ready(Ok(head)) => return Poll::Ready(Ok(head)),
                Poll::Ready(Err(Broken::Malformed)) => return Poll::Ready(Err(Unanswered::Junk)),
                Poll::Ready(Err(Broken::Ended | Broken::Failed)) => {
                    return Poll::Ready(Err(Unanswered::Ended));
                }
                Poll::Pending => {}
            }
            let (limit, is_late): (_, fn() -> Unanswered) = match up.waits_for() {
                Waits::Sender => (limits.client, || Unanswered::Stopped(Stop::Close(CLIENT_LATE))),
                Waits::Nobody | Waits::Receiver => (limits.server, || Unanswered::Late),
            };
            if aborts && up.is_done() && !is_write_broken && front.poll_gone(cx, &mut room[..ROOM]).is_ready()
            {
                let gone = Termination::new(Cause::Client, Stage::Headers);
                return Poll::Ready(Err(Unanswered::Stopped(Stop::Close(gone))));
            }
            drop(room);
            let deadline = limit.inactivity.and_then(|limit| since.checked_add(limit));
            alarm.poll(cx, deadline).map(|()| Err(is_late()))
        })
        .await
    }

    /// Moves the bodies until the client has the response, and the server the request if it still wants it.
    async fn bodies(
        &mut self,
        front: &mut dyn FrontConnection,
        link: &mut Link,
        up: &mut Transfer<'_>,
    ) -> Result<(), Stop> {
        let limits = self.limits();
        let worker = self.client.worker;
        let mut down = Transfer::new(&worker.scratch);
        let (alarm, upload) = (&mut self.client.alarm, &mut self.upload);
        let mut since = Instant::now();
        let mut waited_for = (Waits::Nobody, Waits::Nobody);
        let ended = poll_fn(|cx| {
            let before = (up.moved(), down.moved(), front.sent());
            if !up.is_done() {
                match up.poll(cx, &mut upload.with(&mut *front), &mut *link.back) {
                    Poll::Ready(Ok(())) | Poll::Pending => {}
                    // The response is what counts now.
                    Poll::Ready(Err(_)) => up.abandon(),
                }
            }
            match down.poll(cx, &mut *link.back, &mut *front) {
                Poll::Ready(Ok(())) if up.is_done() => return Poll::Ready(Ok(())),
                Poll::Ready(Err(Fault::Sender(broken))) => {
                    let cause = if broken == Broken::Malformed { Cause::Proxy } else { Cause::Server };
                    return Poll::Ready(Err(cause));
                }
                Poll::Ready(Err(Fault::Receiver)) => return Poll::Ready(Err(Cause::Client)),
                Poll::Ready(Ok(())) | Poll::Pending => {}
            }
            if up.is_done() {
                let mut room = worker.scratch.borrow(ROOM);
                if front.poll_gone(cx, &mut room[..ROOM]) == Poll::Ready(Gone::Broke) {
                    return Poll::Ready(Err(Cause::Client));
                }
            }
            let waits_for = (up.waits_for(), down.waits_for());
            if (up.moved(), down.moved(), front.sent()) != before || waited_for != waits_for {
                since = Instant::now();
                waited_for = waits_for;
            }
            let (limit, cause) = match waits_for {
                (_, Waits::Receiver) | (Waits::Sender, Waits::Nobody) => {
                    (limits.client, Cause::ClientTimeout)
                }
                _ => (limits.server, Cause::ServerTimeout),
            };
            let deadline = limit.inactivity.and_then(|limit| since.checked_add(limit));
            // Once the client has the response nothing is wrong any more.
            alarm.poll(cx, deadline).map(|()| if down.is_done() { Ok(()) } else { Err(cause) })
        })
        .await;
        match ended {
            Ok(()) => Ok(()),
            // As if there had been no response, while that can be said.
            Err(Cause::Proxy) if front.unsend() => {
                self.answered = None;
                Err(self.failed(502, Cause::Proxy, Stage::Headers))
            }
            Err(cause) => Err(Stop::Close(Termination::new(cause, Stage::Data))),
        }
    }

    /// Sends what the proxy answers, or says who or what was in the way.
    pub(crate) async fn send_answer(
        &mut self,
        front: &mut dyn FrontConnection,
        body: &[u8],
    ) -> Result<(), Cause> {
        let none = proxy_http::Fields::default();
        poll_fn(|cx| Poll::Ready(front.send(cx, body, Some(&none)))).await.map_err(|_| Cause::Client)?;
        self.flush(front).await
    }

    /// Waits until the client has taken what was sent, as long as it takes any of it in time.
    async fn flush(&mut self, front: &mut dyn FrontConnection) -> Result<(), Cause> {
        let limit = self.client.inactivity();
        let alarm = &mut self.client.alarm;
        let (mut since, mut sent) = (Instant::now(), front.sent());
        poll_fn(|cx| match front.poll_flush(cx) {
            Poll::Ready(flushed) => Poll::Ready(flushed.map_err(|_| Cause::Client)),
            Poll::Pending => {
                if front.sent() != sent {
                    (since, sent) = (Instant::now(), front.sent());
                }
                let deadline = limit.and_then(|limit| since.checked_add(limit));
                alarm.poll(cx, deadline).map(|()| Err(Cause::ClientTimeout))
            }
        })
        .await
    }

    /// A connection that has carried an exchange is kept for another one, or closed.
    fn let_go(&mut self, link: Link) {
        let Link { mut back, exchanges } = link;
        let Some(address) = self.journey.address.clone() else { return };
        let http = &self.client.worker.http;
        let Some(server) = self.journey.server.clone() else { return };
        let exchanges = exchanges.saturating_add(1);
        let is_worn = server.config().pool.most_reuses.is_some_and(|most| exchanges > most);
        if !back.is_reusable() || is_worn || self.closes_server() || http.is_stopping() {
            return;
        }
        let is_own = self.client.is_exclusive
            || server.config().is_personal
            || self.back_config().reuse == Reuse::Never;
        if is_own {
            back.rest(&http.buffers);
            self.client.own = Some((server, Idle { back, address, exchanges }));
        } else {
            http.pool.put(&server, Idle { back, address, exchanges }, &http.buffers);
        }
    }

    /// What the server's connection really is, for the log.
    fn look_at_server(&mut self, link: &Link) {
        if self.client.door.frontend.log.connections {
            let info = link.back.stream().info();
            self.server_info = Some(info).filter(|info| !is_plain(info));
        }
    }

    fn limits(&self) -> BothLimits {
        let server = self.backend().map(|backend| backend.timeouts().server);
        BothLimits { client: self.client.door.frontend.client, server: server.unwrap_or_default() }
    }

    fn may_repeat(&mut self, unanswered: &Unanswered) -> bool {
        let Some(backend) = self.backend() else { return false };
        let config = self.back_config();
        let cause = match unanswered {
            Unanswered::Ended => RetryCause::EmptyResponse,
            Unanswered::Junk => RetryCause::JunkResponse,
            Unanswered::Late => RetryCause::ResponseTimeout,
            Unanswered::Unwanted(status) => RetryCause::Status(*status),
            Unanswered::Stopped(_) => return false,
        };
        config.retry_on.has(cause) && self.journey.retries < backend.config.retries && self.upload.rewind()
    }

    fn count_retry(&self) {
        if let Some(server) = &self.journey.server {
            server.tally().retried();
        }
        if let Some(backend) = self.backend() {
            backend.tally().retried();
        }
    }

    fn unanswered(&self, unanswered: &Unanswered, was_used: bool) -> Stop {
        match unanswered {
            // Whoever sent a request over a connection that was kept open has to send it again.
            Unanswered::Ended if was_used => Stop::Silent,
            Unanswered::Ended => self.failed(502, Cause::Server, Stage::Headers),
            Unanswered::Junk => self.failed(502, Cause::Proxy, Stage::Headers),
            _ => self.failed(504, Cause::ServerTimeout, Stage::Headers),
        }
    }
}

/// How long each side may be silent.
#[derive(Clone, Copy, Debug)]
struct BothLimits {
    client: SideLimits,
    server: SideLimits,
}

const CLIENT_LATE: Termination = Termination::new(Cause::ClientTimeout, Stage::Headers);

impl Stop {
    /// The client failed while its request was sent.
    fn from_request(broken: Broken) -> Stop {
        let cause = match broken {
            Broken::Malformed => Cause::Proxy,
            Broken::Ended | Broken::Failed => Cause::Client,
        };
        Stop::Close(Termination::new(cause, Stage::Headers))
    }
}

/// Whether a server authenticates the connection rather than the request, which nobody else may use then.
fn is_negotiation(response: &Response) -> bool {
    let name: &[u8] = match response.status() {
        401 => b"www-authenticate",
        407 => b"proxy-authenticate",
        _ => return false,
    };
    let begins = |value: &[u8], word: &[u8]| {
        value.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
    };
    response.fields().all(name).any(|value| begins(value, b"negotiate") || begins(value, b"ntlm"))
}
