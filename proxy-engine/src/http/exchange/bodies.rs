//! Moves both bodies until the client has the response, and the server the request unless it has stopped reading.

use std::future::poll_fn;
use std::task::Poll;

use proxy_health::ObservedEvent;
use tokio::time::Instant;

use super::transfer::{Fault, Transfer, Waits};
use super::{Exchange, Stop};
use crate::exchange::error::{Broken, Departure, ErrorCode};
use crate::exchange::front::FrontExchange;
use crate::http::READ;
use crate::http::servers::ServerExchange;
use crate::observe::{Cause, Stage, Termination};

impl Exchange<'_> {
    #[expect(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    pub(super) fn bodies(
        &mut self,
        front: &mut dyn FrontExchange,
        server: &mut ServerExchange,
        up: &mut Transfer<'_>,
    ) -> impl Future<Output = Result<(), Stop>> {
        async move {
            let limits = self.silence_limits();
            let worker = &self.connection.worker;
            let mut down = Transfer::new(&worker.scratch, self.policy.switches.no_delay);
            let (timer, upload, activity) = (&mut self.timer, &mut self.upload, &self.activity);
            // The beginning of the current wait, if any.
            let mut since = None;
            let mut waited_for = (Waits::Neither, Waits::Neither);
            let ended = poll_fn(|cx| {
                let before = (up.moved(), down.moved(), front.sent());
                if !up.is_done() {
                    match up.poll(cx, &mut upload.with(&mut *front), server.back()) {
                        Poll::Ready(Ok(())) | Poll::Pending => {}
                        // Only the response matters now.
                        Poll::Ready(Err(_)) => up.abandon(),
                    }
                }
                match down.poll(cx, server.back(), &mut *front) {
                    Poll::Ready(Ok(())) if up.is_done() => return Poll::Ready(Ok(())),
                    Poll::Ready(Err(Fault::Sender(broken))) => {
                        let cause = match broken {
                            Broken::Malformed => Cause::Proxy,
                            Broken::NoMemory => Cause::Resource,
                            _ => Cause::Server,
                        };
                        return Poll::Ready(Err((cause, broken.code())));
                    }
                    Poll::Ready(Err(Fault::NoMemory)) => {
                        return Poll::Ready(Err((Cause::Resource, ErrorCode::CANCEL)));
                    }
                    Poll::Ready(Err(Fault::Receiver)) => {
                        return Poll::Ready(Err((Cause::Client, ErrorCode::CANCEL)));
                    }
                    Poll::Ready(Ok(())) | Poll::Pending => {}
                }
                if up.is_done() {
                    let mut buffer = worker.scratch.borrow(READ);
                    match front.poll_departure(cx, &mut buffer[..READ]) {
                        Poll::Ready(Departure::Broke) => {
                            return Poll::Ready(Err((Cause::Client, ErrorCode::CANCEL)));
                        }
                        Poll::Ready(Departure::NoMemory) => {
                            return Poll::Ready(Err((Cause::Resource, ErrorCode::CANCEL)));
                        }
                        _ => {}
                    }
                }
                let waits_for = (up.waits_for(), down.waits_for());
                if (up.moved(), down.moved(), front.sent()) != before || waited_for != waits_for {
                    since = None;
                    waited_for = waits_for;
                    activity.meter.borrow_mut().moved(front.received(), front.sent());
                }
                let (limit, cause) = match waits_for {
                    (_, Waits::Receiver) | (Waits::Sender, Waits::Neither) => {
                        (limits.client, Cause::ClientTimeout)
                    }
                    _ => (limits.server, Cause::ServerTimeout),
                };
                let deadline =
                    limit.and_then(|limit| since.get_or_insert_with(Instant::now).checked_add(limit));
                // A timeout is no failure once the client has the response.
                timer
                    .poll(cx, deadline)
                    .map(|()| if down.is_done() { Ok(()) } else { Err((cause, ErrorCode::CANCEL)) })
            })
            .await;
            if let Err((Cause::Proxy, _)) = ended {
                self.observe(ObservedEvent::ResponseBody);
            }
            match ended {
                Ok(()) => Ok(()),
                // Nothing of the response has been written yet: the client gets an error message in its place.
                Err((Cause::Proxy, _)) if front.unsend() => {
                    self.activity.meter.borrow_mut().answer_withdrawn();
                    Err(self.failed(502, Cause::Proxy, Stage::Headers))
                }
                Err((cause, code)) => Err(Stop::Close(Termination::new(cause, Stage::Data), code)),
            }
        }
    }
}
