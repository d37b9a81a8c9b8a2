//! Content rules: `tcp-request content`, which come before the rules of HTTP of their section, and `tcp-response content`,
//! which come before all rules about the response.
//!
//! A rule may wait, as long as the inspect delay of its section allows, and the rules are run again after that. What is
//! read of a body meanwhile is kept up to the size of a buffer; when that is full nothing more can come, and the wait
//! ends. As in HAProxy, the end of a message does not end it.
//!
//! Waits are boxed: what they hold would make each exchange larger, and few wait.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use proxy_rules::{ContentRules, Verdict};
use tokio::time::Instant;

use super::early_body::EarlyBody;
use super::retry::Unanswered;
use super::transfer::Transfer;
use super::{Exchange, Stop};
use crate::exchange::back::ResponseFacts;
use crate::exchange::error::Broken;
use crate::exchange::front::FrontExchange;
use crate::http::READ;
use crate::http::servers::ServerExchange;
use crate::observe::{Cause, Stage, Termination};
use crate::policy::HttpPolicy;

/// What ended the wait for more of a request.
enum Waited {
    /// No more can come, or not in time for the rules.
    Enough,
    /// The client failed before its request was whole.
    Broken(Broken),
    /// The client was silent for too long.
    Silent,
}

impl<'c> Exchange<'c> {
    /// Runs the content rules of a section about the request.
    pub(super) async fn inspect_request(
        &mut self,
        front: &mut dyn FrontExchange,
        section: &'c HttpPolicy,
    ) -> Result<(), Stop> {
        let content = &section.rules.request_content;
        let mut waited = Waited::Enough;
        let verdict = match self.inspect(front, None, content) {
            Ok(verdict) => verdict,
            Err(delay) => {
                waited = Box::pin(self.wait_for_request(front, delay, section.aborts)).await;
                self.activity.meter.borrow_mut().request_held(Instant::now());
                self.with_context(front, false, |context| content.rules.run(context))
            }
        };
        if let Verdict::Reject = verdict {
            // Until the frontend has looked at it as a request, there is none for the log.
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
            Waited::Broken(Broken::Ended) => Err(self.failed(400, Cause::Client, Stage::Request)),
            Waited::Broken(broken) => {
                Err(Stop::Close(Termination::new(Cause::Client, Stage::Request), broken.code()))
            }
        }
    }

    /// Runs content rules with what is there, about the response if there is a server. `Err` if one of them waits, with how long it may.
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
        upload.fill(&worker.memory);
        let (mut active, mut received) = (begun, front.received());
        poll_fn(|cx| {
            let mut buffer = worker.scratch.borrow(READ);
            let is_coming = match upload.poll_ahead(cx, front, &mut buffer[..READ]) {
                Poll::Ready(Err(broken)) => return Poll::Ready(Waited::Broken(broken)),
                Poll::Ready(Ok(())) if !front.is_complete() => return Poll::Ready(Waited::Enough),
                Poll::Ready(Ok(())) => false,
                Poll::Pending => true,
            };
            if !is_coming {
                // A client that leaves is dealt with once it has a backend.
                let has_left = aborts && front.poll_departure(cx, &mut buffer[..READ]).is_ready();
                let ready = if has_left { Poll::Ready(()) } else { timer.poll(cx, deadline) };
                return ready.map(|()| Waited::Enough);
            }
            if front.received() != received {
                (active, received) = (Instant::now(), front.received());
            }
            let silent = silence.and_then(|silence| active.checked_add(silence));
            let ends_silent = silent.is_some_and(|silent| deadline.is_none_or(|deadline| silent < deadline));
            timer
                .poll(cx, if ends_silent { silent } else { deadline })
                .map(|()| if ends_silent { Waited::Silent } else { Waited::Enough })
        })
        .await
    }

    /// Runs the content rules of the backend about the response. Returns what was read of its body meanwhile, if they
    /// have waited.
    pub(super) async fn inspect_response(
        &mut self,
        server: &mut ServerExchange,
        front: &mut dyn FrontExchange,
        up: &mut Transfer<'_>,
        head: ResponseFacts,
    ) -> Result<Option<EarlyBody>, Unanswered> {
        let content = &self.back_policy().rules.response_content;
        let (verdict, early) = match self.inspect(front, Some(server), content) {
            Ok(verdict) => (verdict, None),
            Err(delay) => {
                let early = Box::pin(self.wait_for_response(server, front, up, head, delay)).await?;
                let verdict =
                    self.with_server(front, Some(server), true, |context| content.rules.run(context));
                (verdict, Some(early))
            }
        };
        self.conclude(verdict, Stage::Data).map_err(Unanswered::Stopped)?;
        Ok(early)
    }
}
