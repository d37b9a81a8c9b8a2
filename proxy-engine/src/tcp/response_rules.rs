//! `tcp-response content` in mode tcp: rules on the first bytes of a server, before any of them is forwarded. The
//! client's bytes are forwarded to the server meanwhile.
//!
//! `reject` closes both connections in order; `close` resets the server's.

use std::sync::Arc;
use std::task::{Context, Poll};

use proto_core::stream::Stream;
use proxy_relay::{Closing, Gate, HeldBytes, Outcome, Passage};
use proxy_rules::{Buffered, ContentRules, Verdict};
use tokio::time::Instant;

use super::session::Session;
use super::view::View;
use crate::connection::relay;
use crate::exchange::timer::Timer;
use crate::observe::ConnectionInfos;
use crate::policy::Inspection;
use crate::upstream::Backend;

/// The rules while they run on a session.
struct ResponseRules<'s, 'a> {
    session: &'s mut Session<'a>,
    content: &'s ContentRules,
    timer: Timer,
    /// The end of the inspect delay, once a rule has waited.
    deadline: Option<Instant>,
    /// The number of bytes that the last run has seen.
    seen: Option<usize>,
}

impl Session<'_> {
    /// Relays, and holds the first bytes of the server for the rules of its backend.
    pub(super) async fn relay_inspected(
        &mut self,
        backend: &Arc<Backend>,
        inspection: &Inspection,
        client: &mut dyn Stream,
        server: &mut dyn Stream,
    ) -> (Outcome, ConnectionInfos) {
        let (connection, activity) = (self.connection, self.activity.activity());
        let mut rules = ResponseRules {
            session: self,
            content: &inspection.response,
            timer: Timer::default(),
            deadline: None,
            seen: None,
        };
        let gate: (&mut dyn Gate, usize) = (&mut rules, inspection.limit);
        relay(connection, &activity, Some(backend), client, server, Some(gate)).await
    }
}

impl Gate for ResponseRules<'_, '_> {
    fn poll_decide(&mut self, cx: &mut Context<'_>, held: &HeldBytes<'_>) -> Poll<Passage> {
        let content = self.content;
        let is_late = self.deadline.is_some() && self.timer.poll(cx, self.deadline).is_ready();
        let may_grow = held.may_grow && content.inspect_delay.is_some() && !is_late;
        if may_grow && self.seen == Some(held.bytes.len()) {
            return Poll::Pending;
        }
        self.seen = Some(held.bytes.len());
        let response = Some(Buffered { bytes: held.bytes, may_grow });
        let view = View { server: Some(held.server), response, ..View::of(held.client) };
        let verdict = self.session.with_content(view, |context| match may_grow {
            true => content.rules.inspect(context),
            false => Some(content.rules.run(context)),
        });
        match verdict {
            Some(Verdict::Continue | Verdict::Accept) => Poll::Ready(Passage::Open),
            Some(Verdict::Failed) => Poll::Ready(Passage::Failed),
            Some(Verdict::CloseServer) => Poll::Ready(Passage::Refused(Closing::Reset)),
            Some(_) => Poll::Ready(Passage::Refused(Closing::Orderly)),
            None => {
                if self.deadline.is_none() {
                    let delay = content.inspect_delay.unwrap_or_default();
                    self.deadline = Instant::now().checked_add(delay);
                }
                match self.timer.poll(cx, self.deadline) {
                    // The delay has expired already: the next run is the last.
                    Poll::Ready(()) => self.poll_decide(cx, held),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }
}
