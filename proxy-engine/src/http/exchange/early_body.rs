//! The part of a response's body that arrives while content rules wait, before it is known whether the client gets the
//! response.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::retry::Unanswered;
use super::transfer::Transfer;
use super::{Exchange, Stop};
use crate::exchange::Continuation;
use crate::exchange::back::ResponseFacts;
use crate::exchange::body::Part;
use crate::exchange::error::{Broken, ErrorCode};
use crate::exchange::front::FrontExchange;
use crate::exchange::timer::Which;
use crate::http::READ;
use crate::http::servers::ServerExchange;
use crate::observe::{Cause, Stage, Termination};

/// The beginning of a body.
#[derive(Debug, Default)]
pub(super) struct EarlyBody {
    bytes: Vec<u8>,
    /// Why the rest of the body will not come, if it will not.
    failure: Option<(Cause, ErrorCode)>,
}

impl Exchange<'_> {
    /// Waits for more of the response, and forwards the request's body meanwhile. Apart from the delay, a full buffer
    /// ends the wait, and so does the end of either connection.
    pub(super) async fn wait_for_response(
        &mut self,
        server: &mut ServerExchange,
        front: &mut dyn FrontExchange,
        up: &mut Transfer<'_>,
        head: ResponseFacts,
        delay: Duration,
    ) -> Result<EarlyBody, Unanswered> {
        let (silence, begun) = (self.silence_limits().server, Instant::now());
        let (limit, aborts) = (self.policy.tuning.bufsize, self.back_policy().aborts);
        // As in HAProxy the delay begins with the connection, and has expired for a server that takes longer.
        let connected = self.activity.meter.borrow().connected_at();
        let deadline = connected.unwrap_or(begun).checked_add(delay);
        let (worker, timer, upload) = (&self.connection.worker, &mut self.timer, &mut self.upload);
        let mut early = EarlyBody::default();
        let mut active = begun;
        let ended = poll_fn(|cx| {
            if !up.is_done()
                && let Poll::Ready(Err(_)) = up.poll(cx, &mut upload.with(&mut *front), server.back())
            {
                // Only the response matters now.
                up.abandon();
            }
            let mut buffer = worker.scratch.borrow(READ);
            let before = early.bytes.len();
            // What follows the head of a tunnel is no body.
            let mut is_coming = head.then != Continuation::Tunnel;
            while is_coming {
                let room = READ.min(limit.saturating_sub(early.bytes.len()));
                if room == 0 {
                    return Poll::Ready(None);
                }
                let room = room.min(worker.memory.budget().room(&early.bytes));
                match server.back().poll_body(cx, &mut buffer[..room]) {
                    Poll::Ready(Ok(Part::Data(n))) => {
                        if let Err(full) = worker.memory.append(&mut early.bytes, &buffer[..n]) {
                            return Poll::Ready(Some(Err(full.into())));
                        }
                    }
                    Poll::Ready(Ok(Part::End)) => is_coming = false,
                    Poll::Ready(Err(broken)) => return Poll::Ready(Some(Err(broken))),
                    Poll::Pending => break,
                }
            }
            if server.look().is_complete() && !server.is_quiet(cx) {
                return Poll::Ready(None);
            }
            if aborts && up.is_done() && front.poll_departure(cx, &mut buffer[..READ]).is_ready() {
                return Poll::Ready(None);
            }
            drop(buffer);
            if early.bytes.len() != before {
                active = Instant::now();
            }
            let silent = silence.filter(|_| is_coming).and_then(|silence| active.checked_add(silence));
            // After what has arrived was read: the delay may have expired before the head did.
            timer.first(cx, deadline, silent).map(|which| match which {
                Which::Delay => None,
                Which::Silence => Some(Ok(Cause::ServerTimeout)),
            })
        })
        .await;
        early.failure = match ended {
            None => None,
            Some(Ok(cause)) => Some((cause, ErrorCode::CANCEL)),
            Some(Err(broken @ (Broken::Malformed | Broken::NoMemory))) => return Err(broken.into()),
            Some(Err(broken)) => Some((Cause::Server, broken.code())),
        };
        Ok(early)
    }

    /// Sends the early part of a body after the head. Fails if the rest will not come.
    pub(super) async fn send_early_body(
        &mut self,
        front: &mut dyn FrontExchange,
        early: EarlyBody,
    ) -> Result<(), Stop> {
        let EarlyBody { bytes, failure } = early;
        let stop = |cause, code| Stop::Close(Termination::new(cause, Stage::Data), code);
        if !bytes.is_empty() {
            let sent = poll_fn(|cx| Poll::Ready(front.send(cx, &bytes, None))).await;
            sent.map_err(|_| stop(Cause::Client, ErrorCode::CANCEL))?;
        }
        self.connection.worker.memory.give(bytes);
        let Some((cause, code)) = failure else { return Ok(()) };
        self.flush(front).await.map_err(|cause| stop(cause, ErrorCode::CANCEL))?;
        Err(stop(cause, code))
    }
}
