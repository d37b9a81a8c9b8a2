//! Waiting for the head of a response, while the request's body is moved.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::retry::Unanswered;
use super::transfer::{Fault, Transfer, Waits};
use super::{Exchange, Stop};
use crate::exchange::back::ResponseFacts;
use crate::exchange::error::{Broken, ErrorCode};
use crate::exchange::front::FrontExchange;
use crate::http::READ;
use crate::http::servers::ServerExchange;
use crate::observe::{Cause, Stage, Termination};

const CLIENT_TIMED_OUT: Termination = Termination::new(Cause::ClientTimeout, Stage::Headers);
const CLIENT_GONE: Termination = Termination::new(Cause::Client, Stage::Headers);

impl Exchange<'_> {
    /// Waits for the head of a response, and moves the request's body meanwhile.
    pub(super) async fn response(
        &mut self,
        front: &mut dyn FrontExchange,
        server: &mut ServerExchange,
        up: &mut Transfer<'_>,
    ) -> Result<ResponseFacts, Unanswered> {
        let limits = self.silence_limits();
        let aborts = self.back_policy().aborts;
        self.messages.response.clear();
        self.messages.response.fields_mut().set_limit(self.policy.tuning.bufsize);
        // Silence counts from here; the clock is read when it is first needed.
        let mut since = None;
        let (worker, timer, activity) = (&self.connection.worker, &mut self.timer, &self.activity);
        let (response, upload) = (&mut self.messages.response, &mut self.upload);
        let mut is_write_broken = false;
        poll_fn(|cx| {
            // An interim response waits for nobody, and one that the client does not read for the next.
            if let Poll::Ready(Err(_)) = front.poll_flush(cx) {
                return Poll::Ready(Err(stopped(CLIENT_GONE)));
            }
            if front.kept() > READ {
                let deadline = deadline(limits.client.inactivity, &mut since);
                return timer.poll(cx, deadline).map(|()| Err(stopped(CLIENT_TIMED_OUT)));
            }
            if !up.is_done() {
                let before = up.moved();
                match up.poll(cx, &mut upload.with(&mut *front), server.back()) {
                    Poll::Ready(Ok(())) => since = None,
                    Poll::Ready(Err(Fault::Sender(broken))) => {
                        return Poll::Ready(Err(Unanswered::Stopped(Stop::from_request(broken))));
                    }
                    // It may have answered all the same.
                    Poll::Ready(Err(Fault::Receiver)) => {
                        is_write_broken = true;
                        up.abandon();
                    }
                    Poll::Pending if up.moved() != before => {
                        since = None;
                        activity.meter.borrow_mut().moved(front.received(), front.sent());
                    }
                    Poll::Pending => {}
                }
            }
            let mut buffer = worker.scratch.borrow(READ);
            match server.back().poll_head(cx, response, &mut buffer[..READ]) {
                Poll::Ready(Ok(head)) => return Poll::Ready(Ok(head)),
                Poll::Ready(Err(broken)) => return Poll::Ready(Err(Unanswered::from(broken))),
                Poll::Pending => {}
            }
            let (limit, timed_out): (_, fn() -> Unanswered) = match up.waits_for() {
                Waits::Sender => (limits.client, || stopped(CLIENT_TIMED_OUT)),
                Waits::Neither | Waits::Receiver => (limits.server, || Unanswered::TimedOut),
            };
            let looks_at_client = aborts && up.is_done() && !is_write_broken;
            if looks_at_client && front.poll_departure(cx, &mut buffer[..READ]).is_ready() {
                return Poll::Ready(Err(stopped(CLIENT_GONE)));
            }
            drop(buffer);
            timer.poll(cx, deadline(limit.inactivity, &mut since)).map(|()| Err(timed_out()))
        })
        .await
    }
}

/// When a silence will have been too long that began then, or now.
fn deadline(limit: Option<Duration>, since: &mut Option<Instant>) -> Option<Instant> {
    limit.and_then(|limit| since.get_or_insert_with(Instant::now).checked_add(limit))
}

fn stopped(termination: Termination) -> Unanswered {
    Unanswered::Stopped(Stop::Close(termination, ErrorCode::CANCEL))
}

impl Stop {
    /// The client failed while its request was sent.
    fn from_request(broken: Broken) -> Stop {
        let cause = match broken {
            Broken::Malformed => Cause::Proxy,
            Broken::Ended | Broken::Failed | Broken::Reset(_) | Broken::Refused => Cause::Client,
        };
        Stop::Close(Termination::new(cause, Stage::Headers), broken.code())
    }
}
