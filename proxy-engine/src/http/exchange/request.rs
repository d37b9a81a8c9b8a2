//! Reads the part of a request's body that is needed before a server is chosen, and holds clients in a tarpit.

use std::future::poll_fn;
use std::task::Poll;

use proxy_http::BodyLength;
use proxy_rules::HookPoint;
use tokio::time::Instant;

use super::{Exchange, Forwarded, Stop};
use crate::exchange::Continuation;
use crate::exchange::error::{Broken, Departure, ErrorCode};
use crate::exchange::front::{FrontExchange, RequestFacts};
use crate::exchange::turn::{TURN_STEPS, yield_turn};
use crate::http::READ;
use crate::observe::{Cause, Stage, Termination};

/// The most bytes buffered of a client that sends more after its request while it is held in a tarpit.
const AHEAD: usize = 4096;

impl Exchange<'_> {
    /// Reads the part of the body that the frontend needs before its rules run.
    pub(super) async fn read_before_rules(
        &mut self,
        front: &mut dyn FrontExchange,
        facts: &RequestFacts,
    ) -> Result<(), Stop> {
        if self.policy.switches.buffer_request {
            self.read_ahead(front, facts).await
        } else if facts.body == BodyLength::Unknown && front.unread() > 0 {
            self.look_ahead(front).await
        } else {
            Ok(())
        }
    }

    /// Reads the part of the body that the backend needs before a server is chosen.
    pub(super) async fn read_before_server(
        &mut self,
        front: &mut dyn FrontExchange,
        facts: &RequestFacts,
    ) -> Result<(), Stop> {
        let policy = self.back_policy();
        if policy.switches.buffer_request && !self.policy.switches.buffer_request {
            self.read_ahead(front, facts).await?;
        }
        if policy.retry_on.keeps_requests() {
            self.upload.keep();
        }
        Ok(())
    }

    /// Reads the body up to the size of a buffer: `option http-buffer-request`.
    pub(super) async fn read_ahead(
        &mut self,
        front: &mut dyn FrontExchange,
        facts: &RequestFacts,
    ) -> Result<(), Stop> {
        if front.is_complete() {
            return Ok(());
        }
        if facts.expects_continue {
            self.say_continue(front).await?;
        }
        let limit = self.policy.timeouts.request.or(self.connection.inactivity());
        let began = self.activity.meter.borrow().began().since;
        let deadline = limit.and_then(|limit| began.checked_add(limit));
        let (upload, worker, timer) = (&mut self.upload, &self.connection.worker, &mut self.timer);
        let read = poll_fn(|cx| {
            let mut buffer = worker.scratch.borrow(READ);
            match upload.poll_ahead(cx, front, &mut buffer[..READ]) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending => timer.poll(cx, deadline).map(|()| None),
            }
        })
        .await;
        let (status, cause) = match read {
            Some(Ok(())) => return Ok(()),
            None => (408, Cause::ClientTimeout),
            Some(Err(Broken::Malformed)) => (400, Cause::Proxy),
            Some(Err(Broken::NoMemory)) => (503, Cause::Resource),
            Some(Err(_)) => (400, Cause::Client),
        };
        self.activity.meter.borrow_mut().request_incomplete(true);
        Err(self.failed(status, cause, Stage::Request))
    }

    /// Decodes the part of a chunked body that has arrived: if it is malformed, the request is not forwarded.
    async fn look_ahead(&mut self, front: &mut dyn FrontExchange) -> Result<(), Stop> {
        let (upload, worker) = (&mut self.upload, &self.connection.worker);
        if upload.is_full() {
            return Ok(());
        }
        let looked = poll_fn(|cx| {
            let mut buffer = worker.scratch.borrow(READ);
            Poll::Ready(upload.poll_part(cx, front, &mut buffer[..READ]))
        })
        .await;
        match looked {
            Poll::Ready(Err(Broken::Malformed)) => {
                // The log shows no request.
                self.activity.meter.borrow_mut().request_incomplete(false);
                Err(self.failed(400, Cause::Proxy, Stage::Request))
            }
            // Other failures are found when the body is forwarded.
            _ => Ok(()),
        }
    }

    async fn say_continue(&mut self, front: &mut dyn FrontExchange) -> Result<(), Stop> {
        let response = &mut self.messages.response;
        response.clear();
        let _ = response.set_status(100, b"Continue");
        front.send_head(response, BodyLength::Empty, Continuation::KeepAlive);
        let gone = |cause| Stop::Close(Termination::new(cause, Stage::Request), ErrorCode::CANCEL);
        self.flush(front).await.map_err(gone)?;
        // The expectation is met.
        self.messages.request.fields_mut().remove(b"expect");
        Ok(())
    }

    /// Holds a client in a tarpit, and then refuses it; earlier if it closes its direction or its body stalls. The
    /// body is read and discarded, so that a close is noticed.
    pub(super) async fn tarpit(
        &mut self,
        front: &mut dyn FrontExchange,
        status: u16,
    ) -> Result<Forwarded, Stop> {
        self.activity.meter.borrow_mut().held();
        // Log lines say what was recorded of the request, and nothing but what follows reads the request itself.
        let is_read = self.error(status).is_written()
            || self.sections().any(|http| !http.rules.at(HookPoint::HttpAfterResponse).is_empty());
        if !is_read {
            self.messages.request.release();
        }
        // The frontend's rules run before there is a backend, so this is the section of the rule.
        if let Some(limit) = self.back_policy().timeouts.tarpit {
            let (worker, silence) = (&self.connection.worker, self.connection.inactivity());
            let (timer, begun) = (&mut self.timer, Instant::now());
            let deadline = begun.checked_add(limit);
            let (mut active, mut received) = (begun, front.received());
            let is_broken = poll_fn(|cx| {
                if timer.poll(cx, deadline).is_ready() {
                    return Poll::Ready(false);
                }
                let mut buffer = worker.scratch.borrow(READ);
                let mut steps = 0;
                while !front.is_complete() {
                    if steps == TURN_STEPS {
                        (active, received) = (Instant::now(), front.received());
                        yield_turn(cx);
                        return Poll::Pending;
                    }
                    steps += 1;
                    match front.poll_body(cx, &mut buffer[..READ]) {
                        Poll::Ready(Ok(_)) => {}
                        Poll::Ready(Err(broken)) => {
                            return Poll::Ready(matches!(broken, Broken::Failed | Broken::Reset(_)));
                        }
                        Poll::Pending => {
                            if front.received() != received {
                                (active, received) = (Instant::now(), front.received());
                            }
                            let silent = silence.and_then(|silence| active.checked_add(silence));
                            let ends = [deadline, silent].into_iter().flatten().min();
                            return timer.poll(cx, ends).map(|()| false);
                        }
                    }
                }
                match front.poll_departure(cx, &mut buffer[..AHEAD]) {
                    Poll::Ready(departure) => Poll::Ready(departure == Departure::Broke),
                    Poll::Pending => timer.poll(cx, deadline).map(|()| false),
                }
            })
            .await;
            if is_broken {
                return Err(Stop::Close(Termination::new(Cause::Proxy, Stage::Tarpit), ErrorCode::CANCEL));
            }
        }
        Err(self.failed(status, Cause::Proxy, Stage::Tarpit))
    }
}
