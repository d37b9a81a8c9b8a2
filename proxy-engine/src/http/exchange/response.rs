//! Waits for the head of a response while the request's body is forwarded.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use proxy_health::ObservedEvent;
use tokio::time::Instant;

use super::retry::Unanswered;
use super::transfer::{Fault, Transfer, Waits};
use super::{Exchange, Stop};
use crate::exchange::back::ResponseFacts;
use crate::exchange::error::{Broken, Departure, ErrorCode};
use crate::exchange::front::FrontExchange;
use crate::http::READ;
use crate::http::servers::ServerExchange;
use crate::observe::{Cause, Stage, Termination};

/// The client's connection broke, which HAProxy notices in the data phase.
const BROKE: Termination = Termination::new(Cause::Client, Stage::Data);
const READS_NOTHING: Termination = Termination::new(Cause::ClientTimeout, Stage::Headers);

/// Why the wait for the head of a response ended.
enum Ended {
    /// The server did not respond.
    Server(Unanswered),
    /// The client may still read, but its request will not be complete, or its direction is closed.
    Client(Cause),
    /// The client does not read.
    Gone(Termination),
}

impl Exchange<'_> {
    /// Waits for the head of a response, and forwards the request's body meanwhile.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    pub(super) fn response(
        &mut self,
        front: &mut dyn FrontExchange,
        server: &mut ServerExchange,
        up: &mut Transfer<'_>,
    ) -> impl Future<Output = Result<ResponseFacts, Unanswered>> {
        async move {
            let response = self.response_or_end(front, server, up).await;
            self.observe_response(&response);
            response.map_err(|ended| match ended {
                Ended::Server(unanswered) => unanswered,
                Ended::Client(Cause::Resource) => Unanswered::NoMemory,
                Ended::Client(cause) => Unanswered::Stopped(self.failed(400, cause, Stage::Headers)),
                Ended::Gone(termination) => Unanswered::Stopped(Stop::Close(termination, ErrorCode::CANCEL)),
            })
        }
    }

    /// Tells the server how it has responded.
    fn observe_response(&self, response: &Result<ResponseFacts, Ended>) {
        let event = match response {
            // Clients cause these two statuses themselves.
            Ok(_) if matches!(self.messages.response.status(), 100..=499 | 501 | 505) => {
                ObservedEvent::ResponseOk
            }
            Ok(_) => ObservedEvent::ResponseStatus,
            Err(Ended::Server(Unanswered::Junk)) => ObservedEvent::ResponseHead,
            Err(Ended::Server(Unanswered::TimedOut)) => ObservedEvent::ReadTimeout,
            // A server may close a connection that was kept alive.
            Err(Ended::Server(Unanswered::Ended | Unanswered::Broke)) if self.is_reused == Some(true) => {
                return;
            }
            Err(Ended::Server(Unanswered::Ended)) => ObservedEvent::Closed,
            Err(Ended::Server(Unanswered::Broke)) => ObservedEvent::ReadFailed,
            Err(_) => return,
        };
        self.observe(event);
    }

    /// Tells the server of an event of its response.
    pub(super) fn observe(&self, event: ObservedEvent) {
        if let Some(slot) = &self.dispatch.slot {
            slot.server().observe(event);
        }
    }

    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn response_or_end(
        &mut self,
        front: &mut dyn FrontExchange,
        server: &mut ServerExchange,
        up: &mut Transfer<'_>,
    ) -> impl Future<Output = Result<ResponseFacts, Ended>> {
        async move {
            let limits = self.silence_limits();
            let aborts = self.back_policy().aborts;
            self.messages.response.clear();
            self.messages.response.fields_mut().set_limit(self.policy.tuning.bufsize);
            // The silence of a side begins here; the clock is read only when it is needed.
            let mut since = None;
            let (worker, timer, activity) = (&self.connection.worker, &mut self.timer, &self.activity);
            let (response, upload) = (&mut self.messages.response, &mut self.upload);
            let mut is_write_broken = false;
            poll_fn(|cx| {
                // Interim responses are flushed at once. No further ones are read while the client does not take them.
                if let Poll::Ready(Err(_)) = front.poll_flush(cx) {
                    return Poll::Ready(Err(Ended::Gone(BROKE)));
                }
                if front.kept() > READ {
                    let deadline = deadline(limits.client, &mut since);
                    return timer.poll(cx, deadline).map(|()| Err(Ended::Gone(READS_NOTHING)));
                }
                if !up.is_done() && worker.memory.budget().is_spent() {
                    return Poll::Ready(Err(Ended::Client(Cause::Resource)));
                }
                if !up.is_done() {
                    let before = up.moved();
                    match up.poll(cx, &mut upload.with(&mut *front), server.back()) {
                        Poll::Ready(Ok(())) => since = None,
                        Poll::Ready(Err(Fault::Sender(broken))) => {
                            return Poll::Ready(Err(Ended::by_client(broken)));
                        }
                        Poll::Ready(Err(Fault::NoMemory)) => {
                            return Poll::Ready(Err(Ended::Client(Cause::Resource)));
                        }
                        // The server may have responded before it stopped reading.
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
                    Poll::Ready(Err(broken)) => {
                        return Poll::Ready(Err(Ended::Server(Unanswered::from(broken))));
                    }
                    Poll::Pending => {}
                }
                let (limit, timed_out): (_, fn() -> Ended) = match up.waits_for() {
                    Waits::Sender => (limits.client, || Ended::Client(Cause::ClientTimeout)),
                    Waits::Neither | Waits::Receiver => {
                        (limits.server, || Ended::Server(Unanswered::TimedOut))
                    }
                };
                if up.is_done() && !is_write_broken {
                    match front.poll_departure(cx, &mut buffer[..READ]) {
                        Poll::Ready(Departure::Closed) if aborts => {
                            return Poll::Ready(Err(Ended::Client(Cause::Client)));
                        }
                        Poll::Ready(Departure::Broke) => return Poll::Ready(Err(Ended::Gone(BROKE))),
                        Poll::Ready(Departure::NoMemory) => {
                            return Poll::Ready(Err(Ended::Client(Cause::Resource)));
                        }
                        Poll::Ready(_) | Poll::Pending => {}
                    }
                }
                drop(buffer);
                timer.poll(cx, deadline(limit, &mut since)).map(|()| Err(timed_out()))
            })
            .await
        }
    }
}

impl Ended {
    /// Classifies a failure of the client while its request was forwarded.
    fn by_client(broken: Broken) -> Ended {
        match broken {
            Broken::Malformed => Ended::Client(Cause::Proxy),
            Broken::NoMemory => Ended::Client(Cause::Resource),
            Broken::Ended => Ended::Client(Cause::Client),
            Broken::Failed | Broken::Reset(_) | Broken::Refused => {
                Ended::Gone(Termination::new(Cause::Client, Stage::Headers))
            }
        }
    }
}

/// Returns when a silence expires that began at `since`, which is set to now if it is unset.
fn deadline(limit: Option<Duration>, since: &mut Option<Instant>) -> Option<Instant> {
    limit.and_then(|limit| since.get_or_insert_with(Instant::now).checked_add(limit))
}
