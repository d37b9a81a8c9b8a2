//! Content rules: `tcp-request content`, which run before the HTTP rules of their section, and `tcp-response content`,
//! which run before all other rules on the response.
//!
//! A rule may wait for more of a body, up to the inspect delay of its section; then the rules run again. The body is
//! buffered meanwhile, and a full buffer ends the wait. As in HAProxy, the end of the message does not.
//!
//! Waits are boxed: few exchanges wait, and the others would be larger.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use proxy_rules::{ContentRules, HookPoint, Verdict};
use tokio::time::Instant;

use super::early_body::EarlyBody;
use super::retry::Unanswered;
use super::transfer::Transfer;
use super::{Exchange, Stop};
use crate::exchange::back::ResponseFacts;
use crate::exchange::error::Broken;
use crate::exchange::front::FrontExchange;
use crate::exchange::timer::Which;
use crate::http::READ;
use crate::http::servers::ServerExchange;
use crate::observe::{Cause, Stage, Termination};
use crate::policy::HttpPolicy;

/// What ended the wait for more of a request.
enum Waited {
    /// No more can arrive, or the inspect delay has expired.
    Enough,
    /// The client failed before its request was whole.
    Broken(Broken),
    /// The client was silent for too long.
    Silent,
}

impl<'c> Exchange<'c> {
    /// Runs the content rules of a section on the request.
    pub(super) async fn inspect_request(
        &mut self,
        front: &mut dyn FrontExchange,
        section: &'c HttpPolicy,
    ) -> Result<(), Stop> {
        let content = section.rules.content(HookPoint::TcpRequest);
        let mut waited = Waited::Enough;
        let mut verdict = match self.inspect(front, None, content) {
            Ok(verdict) => verdict,
            Err(delay) => {
                waited = Box::pin(self.wait_for_request(front, delay, section.aborts)).await;
                self.activity.meter.borrow_mut().request_held(Instant::now());
                self.with_context(front, false, |context| content.rules.run(context))
            }
        };
        if let Verdict::Resolve(lookup) = verdict {
            verdict = Box::pin(self.inspect_resolved(front, content, lookup)).await;
        }
        if let Verdict::Reject = verdict {
            // The log shows no request before the HTTP rules of the frontend have run.
            self.activity.meter.borrow_mut().request_incomplete(self.backend.is_some());
        }
        self.conclude(verdict, Stage::Request)?;
        match waited {
            Waited::Enough => Ok(()),
            Waited::Silent => Err(self.failed(400, Cause::ClientTimeout, Stage::Request)),
            Waited::Broken(Broken::Malformed) => {
                self.activity.meter.borrow_mut().request_incomplete(false);
                Err(self.failed(400, Cause::Proxy, Stage::Request))
            }
            Waited::Broken(Broken::NoMemory) => Err(self.failed(503, Cause::Resource, Stage::Request)),
            Waited::Broken(Broken::Ended) => Err(self.failed(400, Cause::Client, Stage::Request)),
            Waited::Broken(broken) => {
                Err(Stop::Close(Termination::new(Cause::Client, Stage::Request), broken.code()))
            }
        }
    }

    /// Runs content rules on what has arrived: on the response if there is a server, else on the request. Returns the
    /// inspect delay as the error if a rule waits.
    fn inspect(
        &mut self,
        front: &dyn FrontExchange,
        server: Option<&ServerExchange>,
        content: &ContentRules,
    ) -> Result<Verdict, Duration> {
        self.with_server(front, server, server.is_some(), |context| match content.inspect_delay {
            None => Ok(content.rules.run(context)),
            Some(delay) => content.rules.inspect(context).ok_or(delay),
        })
    }

    /// Waits for more of the request.
    async fn wait_for_request(
        &mut self,
        front: &mut dyn FrontExchange,
        delay: Duration,
        aborts: bool,
    ) -> Waited {
        let (silence, begun) = (self.connection.inactivity(), Instant::now());
        let deadline = begun.checked_add(delay);
        let (upload, worker, timer) = (&mut self.upload, &self.connection.worker, &mut self.timer);
        let (mut active, mut received) = (begun, front.received());
        poll_fn(|cx| {
            let silent = silence.filter(|_| !front.is_complete());
            let silent = silent.and_then(|silence| active.checked_add(silence));
            if let Poll::Ready(which) = timer.first(cx, deadline, silent) {
                return Poll::Ready(match which {
                    Which::Delay => Waited::Enough,
                    Which::Silence => Waited::Silent,
                });
            }
            let mut buffer = worker.scratch.borrow(READ);
            let is_coming = match upload.poll_ahead(cx, front, &mut buffer[..READ]) {
                Poll::Ready(Err(broken)) => return Poll::Ready(Waited::Broken(broken)),
                Poll::Ready(Ok(())) if !front.is_complete() => return Poll::Ready(Waited::Enough),
                Poll::Ready(Ok(())) => false,
                Poll::Pending => true,
            };
            if !is_coming {
                // The request of a client that leaves ends once it has a backend.
                let has_left = aborts && front.poll_departure(cx, &mut buffer[..READ]).is_ready();
                return if has_left { Poll::Ready(Waited::Enough) } else { Poll::Pending };
            }
            if front.received() != received {
                (active, received) = (Instant::now(), front.received());
            }
            Poll::Pending
        })
        .await
    }

    /// Runs the content rules of the backend on the response. Returns the part of its body that was read meanwhile, if
    /// a rule has waited.
    pub(super) async fn inspect_response(
        &mut self,
        server: &mut ServerExchange,
        front: &mut dyn FrontExchange,
        up: &mut Transfer<'_>,
        head: ResponseFacts,
    ) -> Result<Option<Box<EarlyBody>>, Unanswered> {
        let content = self.back_policy().rules.content(HookPoint::TcpResponse);
        let (verdict, early) = match self.inspect(front, Some(server), content) {
            Ok(verdict) => (verdict, None),
            Err(delay) => {
                let early = Box::pin(self.wait_for_response(server, front, up, head, delay)).await?;
                let verdict =
                    self.with_server(front, Some(server), true, |context| content.rules.run(context));
                (verdict, Some(Box::new(early)))
            }
        };
        self.conclude(verdict, Stage::Data).map_err(Unanswered::Stopped)?;
        Ok(early)
    }
}
