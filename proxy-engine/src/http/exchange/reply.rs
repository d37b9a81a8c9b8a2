//! The replies of the proxy: responses that it makes itself.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use proxy_http::{BodyLength, Fields, Method};
use proxy_rules::Answer;
use proxy_rules::record::Origin;

use super::Exchange;
use crate::exchange::Continuation;
use crate::exchange::front::FrontExchange;
use crate::observe::{Cause, Stage, Termination};

/// Why there is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRequest {
    /// The bytes are not a request; has the status of the reply.
    Malformed(u16),
    /// The client begins another protocol, in which the proxy cannot reply.
    OtherProtocol,
    /// Memory is short.
    NoMemory,
    /// The request did not arrive in time.
    TimedOut,
    /// The client closed its direction.
    Left,
    /// The connection of the client broke.
    Broke,
    /// The connection was killed.
    Killed,
}

impl NoRequest {
    /// The reason when reading has failed.
    pub(crate) fn failed(kind: io::ErrorKind) -> NoRequest {
        if kind == io::ErrorKind::OutOfMemory { NoRequest::NoMemory } else { NoRequest::Broke }
    }

    /// Returns the status of the reply, or `None` if the client gets none.
    fn status(self) -> Option<u16> {
        match self {
            NoRequest::Malformed(status) => Some(status),
            NoRequest::NoMemory => Some(503),
            NoRequest::TimedOut => Some(408),
            NoRequest::Left => Some(400),
            NoRequest::OtherProtocol | NoRequest::Broke | NoRequest::Killed => None,
        }
    }

    /// Returns how the exchange ends. If no request comes of a session of mode tcp that has become a connection of HTTP,
    /// the proxy has ended it, as in HAProxy.
    fn termination(self, was_session: bool) -> Termination {
        let cause = match self {
            NoRequest::Malformed(_) | NoRequest::OtherProtocol => Cause::Proxy,
            NoRequest::TimedOut | NoRequest::Left | NoRequest::Broke if was_session => Cause::Proxy,
            NoRequest::NoMemory => Cause::Resource,
            NoRequest::TimedOut => Cause::ClientTimeout,
            NoRequest::Left | NoRequest::Broke => Cause::Client,
            NoRequest::Killed => Cause::Killed,
        };
        Termination::new(cause, Stage::Request)
    }
}

impl Exchange<'_> {
    /// Answers a client that has sent no request. Returns whether the connection may be closed in order: the client
    /// has its reply, or is ignored as a probe.
    pub(crate) async fn reject(&mut self, front: &mut dyn FrontExchange, reason: NoRequest) -> bool {
        let was_session = self.connection.frontend.policy.http.is_none();
        self.activity.meter.borrow_mut().ended(reason.termination(was_session));
        self.failed_early = Some(Origin::SessionError);
        let activity = self.activity.activity();
        let rejected = {
            let refusing = pin!(self.refuse(front, reason));
            activity.kill.guard(refusing).await
        };
        rejected.unwrap_or_else(|| {
            self.killed(front);
            false
        })
    }

    /// Sends the reply of [`reject`](Self::reject), and ends the exchange.
    async fn refuse(&mut self, front: &mut dyn FrontExchange, reason: NoRequest) -> bool {
        let has_begun = front.unread() > 0;
        let ignores = self.policy.switches.ignore_probes;
        // `option http-ignore-probes`: a client that has sent nothing gets no reply.
        let is_probe = !has_begun && ignores && !matches!(reason, NoRequest::Malformed(_));
        if let Some(status) = reason.status()
            && !is_probe
        {
            let reply = Arc::clone(self.error(status));
            if !self.reply(front, &reply).await {
                self.finish(front);
                return false;
            }
        }
        if has_begun || !ignores {
            self.finish(front);
        }
        reason.status().is_some()
    }

    /// Sends a reply of the proxy. Returns whether the client has it; otherwise the connection is unusable.
    pub(super) async fn reply(&mut self, front: &mut dyn FrontExchange, reply: &Answer) -> bool {
        let made = self.made(front, reply);
        let reply = made.as_deref().unwrap_or(reply);
        self.take_head(reply);
        // Rules need a request.
        if reply.message.is_some()
            && self.failed_early.is_none()
            && let Err(bare) = self.rewrite_reply(front)
        {
            let made = self.made(front, &bare);
            let bare = made.as_deref().unwrap_or(&bare);
            self.take_head(bare);
            return self.send_reply(front, bare).await;
        }
        self.send_reply(front, reply).await
    }

    /// Returns the reply as made for this exchange, unless it is the same for all. Boxed: it is for most.
    fn made(&mut self, front: &dyn FrontExchange, reply: &Answer) -> Option<Box<Answer>> {
        let is_written = reply.is_written();
        let made = || self.with_context(front, false, |context| reply.made_for(context)).map(Box::new);
        is_written.then(made).flatten()
    }

    /// Makes the head of a reply the response of the exchange.
    fn take_head(&mut self, reply: &Answer) {
        self.activity.meter.borrow_mut().status(reply.status);
        if let Some(message) = &reply.message {
            self.messages.response.clone_from(&message.head);
        }
    }

    /// Sends the response with the body of a reply.
    async fn send_reply(&mut self, front: &mut dyn FrontExchange, reply: &Answer) -> bool {
        let (Some(message), before) = (&reply.message, front.sent()) else { return false };
        let has_body = self.method != Method::Head && !message.body.is_empty();
        let length = match self.method {
            Method::Head => BodyLength::Empty,
            _ => BodyLength::Known(message.body.len() as u64),
        };
        // Without a request nothing can follow.
        let is_last = self.failed_early.is_some()
            || message.close
            || self.closes_client()
            || !front.is_complete()
            || self.is_refused_tunnel(front);
        let then = if is_last { Continuation::Close } else { Continuation::KeepAlive };
        front.send_head(&self.messages.response, length, then);
        let body = if has_body { &*message.body } else { &[] };
        match self.send_body(front, body).await {
            Ok(()) => true,
            Err(cause) => {
                let mut meter = self.activity.meter.borrow_mut();
                if front.sent() == before {
                    meter.nothing_said();
                }
                let stage = meter.termination().stage;
                meter.ended(Termination::new(cause, stage));
                false
            }
        }
    }

    /// Sends the whole body of a reply. The error is the cause of the failure.
    async fn send_body(&mut self, front: &mut dyn FrontExchange, body: &[u8]) -> Result<(), Cause> {
        let none = Fields::default();
        poll_fn(|cx| Poll::Ready(front.send(cx, body, Some(&none)))).await.map_err(|_| Cause::Client)?;
        self.flush(front).await
    }
}
