//! Forwards a request to a server, and the response to the client.

use std::cell::Cell;
use std::sync::Arc;

use proxy_http::BodyLength;
use proxy_rules::HookPoint;
use proxy_rules::captures::Side;
use proxy_rules::regex::Failed;
use tokio::time::Instant;

use super::retry::Unanswered;
use super::server_connection::is_negotiation;
use super::transfer::Transfer;
use super::waiting_request::WaitingRequest;
use super::{Exchange, Forwarded, Stop};
use crate::balance::Requester;
use crate::exchange::Continuation;
use crate::exchange::error::ErrorCode;
use crate::exchange::front::{FrontExchange, RequestFacts};
use crate::exchange::pause::Pause;
use crate::http::servers::{ServerExchange, Servers};
use crate::observe::{Cause, Stage, Termination};
use crate::policy::LogMoment;
use crate::upstream::Backend;
use crate::upstream::behalf::Told;

/// The most interim responses (1xx) of one exchange; a server that sends more is unlikely ever to finish. One every 20
/// seconds, as WebDAV suggests for long work, may go on for more than five hours.
const MOST_INTERIM: u32 = 1000;

impl Exchange<'_> {
    /// Serves a request up to its response: runs rules, finds a server, and retries.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    pub(super) fn forward(
        &mut self,
        front: &mut dyn FrontExchange,
        facts: &RequestFacts,
    ) -> impl Future<Output = Result<Forwarded, Stop>> {
        async move {
            if !self.policy.rules.at(HookPoint::TcpRequest).is_empty() && !self.is_upgraded {
                self.inspect_request(front, self.policy).await?;
            }
            self.read_before_rules(front, facts).await?;
            self.capture_fields(Side::Request);
            let mut entered = self.enter_frontend(front);
            if let Err(Stop::Resolve(lookup)) = entered {
                // Boxed: few requests wait for names.
                entered = Box::pin(self.enter_resolved(front, lookup, Self::enter_frontend)).await;
            }
            if let Err(stop) = &entered {
                self.capture_cookie(Side::Request);
                self.look_at_refused(stop);
            }
            entered?;
            let Some(backend) = self.backend else {
                return Err(self.failed(503, Cause::Server, Stage::Connect));
            };
            self.decide_persistence(front)?;
            let policy = self.back_policy();
            if !policy.rules.at(HookPoint::TcpRequest).is_empty() && !self.policy.is_same_section(policy) {
                self.inspect_request(front, policy).await?;
            }
            let mut entered = self.enter_backend(front);
            if let Err(Stop::Resolve(lookup)) = entered {
                entered = Box::pin(self.enter_resolved(front, lookup, Self::enter_backend)).await;
            }
            self.capture_cookie(Side::Request);
            if let Err(stop) = &entered {
                self.look_at_refused(stop);
            }
            entered?;
            self.use_server(front)?;
            self.read_cookies()?;
            self.tell_servers(front)?;
            self.read_before_server(front, facts).await?;
            let mut only_new = false;
            loop {
                let mut server = self.reach(backend, front, only_new).await?;
                let was_reused = server.is_reused();
                self.is_reused = Some(was_reused);
                let unanswered = match self.exchange_with(&mut server, front, facts).await {
                    Ok(Continuation::Tunnel) => return Ok(Forwarded::Tunnel(Box::new(server))),
                    Ok(Continuation::KeepAlive | Continuation::Close) => {
                        self.keep_server(&server, false);
                        self.give_back(server);
                        return Ok(Forwarded::Answered);
                    }
                    Err(unanswered) => unanswered,
                };
                self.keep_server(&server, true);
                server.back().reset(ErrorCode::CANCEL);
                drop(server);
                if let Unanswered::Stopped(stop) = unanswered {
                    return Err(stop);
                }
                if !self.may_repeat(&unanswered) {
                    return Err(self.unanswered(&unanswered, was_reused));
                }
                self.activity.meter.borrow_mut().send_again();
                self.kept = None;
                self.dispatch.send_again(backend, &self.activity.meter);
                only_new |= was_reused;
            }
        }
    }

    /// Finds a server and a connection to it.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn reach(
        &mut self,
        backend: &Arc<Backend>,
        front: &mut dyn FrontExchange,
        only_new: bool,
    ) -> impl Future<Output = Result<ServerExchange, Stop>> {
        async move {
            let behalf = self.connection.behalf(backend, &*front.stream(), || {
                self.with_context(front, false, |context| Told::of(context, backend))
            });
            let mut behalf = behalf.map_err(|Failed| self.failed(500, Cause::Internal, Stage::Request))?;
            if let (Some(behalf), Some(changes)) = (&mut behalf, &self.traces.changes) {
                behalf.change(changes);
            }
            let (connection, policy) = (self.connection, self.back_policy());
            self.dispatch.preferred = connection.last_server.get().and_then(|(last, index)| {
                let server = backend.servers().get(index)?;
                let prefers = policy.switches.prefer_last_server || connection.owns(server.key());
                (last == backend.id() && prefers).then_some(index)
            });
            let key = match backend.key() {
                Some(key) => self.with_context(front, false, |context| key.value(context)),
                None => Ok(None),
            };
            let key = key.map_err(|Failed| self.failed(500, Cause::Internal, Stage::Request))?;
            let traces = &self.traces;
            self.dispatch.priority = traces.priority();
            let client = traces.source(connection).known_as().map(|inet| inet.ip());
            let requester = Requester { client, request: Some(&self.messages.request), key: key.as_deref() };
            let (upload, aborts) = (&mut self.upload, policy.aborts);
            let mut client = WaitingRequest {
                connection,
                traces,
                front,
                upload,
                requester,
                aborts,
                active: Cell::default(),
                pause: Pause::default(),
            };
            let mut servers = Servers { connection, policy, traces, behalf, only_new };
            let (meter, shortage) = (&self.activity.meter, &connection.worker.shortage);
            match self.dispatch.reach(backend, &mut client, &mut servers, meter, shortage).await {
                Ok(server) => {
                    let index = self.dispatch.slot.as_ref().map(|slot| slot.index());
                    connection.last_server.set(index.map(|index| (backend.id(), index)));
                    Ok(server)
                }
                Err(left @ Termination { cause: Cause::Client, .. }) => {
                    Err(Stop::Close(left, ErrorCode::CANCEL))
                }
                Err(Termination { cause: cause @ (Cause::ClientTimeout | Cause::Proxy), stage }) => {
                    Err(self.failed(400, cause, stage))
                }
                Err(termination) => Err(self.failed(503, termination.cause, termination.stage)),
            }
        }
    }

    /// Sends the request and forwards the response. Returns what follows it on the server's connection.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn exchange_with(
        &mut self,
        server: &mut ServerExchange,
        front: &mut dyn FrontExchange,
        facts: &RequestFacts,
    ) -> impl Future<Output = Result<Continuation, Unanswered>> {
        async move {
            let worker = &self.connection.worker;
            let mut up = Transfer::new(&worker.scratch, self.back_policy().switches.no_delay);
            let then = self.after_request(facts);
            server.back().send_head(&self.messages.request, facts.body, then);
            let mut interim = 0;
            let head = loop {
                let head = self.response(front, server, &mut up).await?;
                let response = &self.messages.response;
                if !response.is_interim() {
                    break head;
                }
                interim += 1;
                if interim > MOST_INTERIM {
                    return Err(Unanswered::Junk);
                }
                if self.messages.request.version().is_11() {
                    front.send_head(response, BodyLength::Empty, Continuation::KeepAlive);
                }
            };
            let status = self.messages.response.status();
            // The client did not ask for a tunnel, or its request is not sent completely.
            let is_wanted = then == Continuation::Tunnel && up.is_done() && server.look().kept() == 0;
            if head.then == Continuation::Tunnel && !is_wanted {
                return Err(Unanswered::Junk);
            }
            let early_body = match self.back_policy().rules.at(HookPoint::TcpResponse).is_empty() {
                true => None,
                false => self.inspect_response(server, front, &mut up, head).await?,
            };
            self.activity.meter.borrow_mut().answered(Instant::now(), status);
            if self.may_repeat(&Unanswered::Unwanted(status)) {
                return Err(Unanswered::Unwanted(status));
            }
            self.look_at_server(server);
            if is_negotiation(&self.messages.response) {
                self.connection.is_exclusive.set(true);
            }
            self.leave(front, server).map_err(Unanswered::Stopped)?;
            self.activity.meter.borrow_mut().status(self.messages.response.status());
            let after = self.after_response(head.then, front);
            front.send_head(&self.messages.response, head.body, after);
            if self.connection.status.ingress.frontend.log.moment == LogMoment::Connected {
                self.report_early(front, server);
            }
            if head.then == Continuation::Tunnel {
                let gone = |cause| {
                    Unanswered::Stopped(Stop::Close(Termination::new(cause, Stage::Data), ErrorCode::CANCEL))
                };
                self.flush(front).await.map_err(gone)?;
                return Ok(Continuation::Tunnel);
            }
            if let Some(early) = early_body {
                self.send_early_body(front, *early).await.map_err(Unanswered::Stopped)?;
            }
            self.bodies(front, server, &mut up).await.map_err(Unanswered::Stopped)?;
            Ok(head.then)
        }
    }
}
