//! `tcp-request content` in mode tcp: rules on the first bytes of a client, in the frontend before a backend is
//! chosen, and in the backend before a server is. Rules on responses are in `response_rules`.
//!
//! ```text
//!              undetermined                      more, the end of it, or the delay has expired
//!  rules run ────────────────► the client is read ─────────────────────────────────────────────► rules run
//!      │                             │
//!      │ decided, or nothing more    │ silent for too long, broken, killed
//!      ▼ can come                    ▼
//!  passed on, or rejected          ended
//! ```
//!
//! Once the sender has finished, the buffer is full, or the inspect delay has expired, rules no longer wait and decide
//! on the bytes that have arrived. Waits are boxed, since few sessions have any.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;

use proxy_rules::{NameLookup, Verdict};
use tokio::time::{Instant, timeout};

use super::session::{Inspected, RULES_FAILED, Session};
use super::waiting_client::WaitingClient;
use crate::exchange::timer::{Timer, Which};
use crate::observe::{Cause, Stage, Termination};
use crate::policy::Inspection;
use crate::upstream::client_wait::Downstream as _;

/// What ended a wait for more bytes.
enum Waited {
    /// Bytes have arrived, or the client has finished.
    More,
    /// The inspect delay has expired.
    Expired,
}

impl Session<'_> {
    /// Runs the content rules of a section on the client's bytes.
    pub(super) async fn inspect_request(
        &mut self,
        client: &mut WaitingClient<'_>,
        inspection: &Inspection,
    ) -> Result<Inspected, Termination> {
        client.keep(inspection.limit);
        // Mostly all bytes that the rules need have arrived by now. Rules that may not wait are shown all that have, of
        // which the runtime knows in its next turn.
        let may_wait = inspection.request.inspect_delay.is_some();
        let has_run = may_wait && client.look_now().await.map_err(broke)?;
        if has_run && let Some(verdict) = self.judge(client, inspection, may_wait)? {
            return match verdict {
                Verdict::Resolve(lookup) => Box::pin(self.wait_for_name(client, inspection, lookup)).await,
                verdict => conclude(&verdict),
            };
        }
        Box::pin(self.wait_and_inspect(client, inspection, has_run)).await
    }

    /// Runs the rules until they have decided, unless the session is killed first.
    async fn wait_and_inspect(
        &mut self,
        client: &mut WaitingClient<'_>,
        inspection: &Inspection,
        has_run: bool,
    ) -> Result<Inspected, Termination> {
        let activity = self.activity.activity();
        let inspected = pin!(self.decide_request(client, inspection, has_run));
        activity.kill.guard(inspected).await.unwrap_or_else(|| Err(activity.killed()))
    }

    async fn decide_request(
        &mut self,
        client: &mut WaitingClient<'_>,
        inspection: &Inspection,
        mut has_run: bool,
    ) -> Result<Inspected, Termination> {
        if !has_run {
            client.look().await.map_err(broke)?;
        }
        let mut delay = inspection.request.inspect_delay;
        let mut deadline = None;
        loop {
            if !std::mem::take(&mut has_run)
                && let Some(verdict) = self.judge(client, inspection, delay.is_some())?
            {
                if let Verdict::Resolve(lookup) = verdict {
                    return self.resolve_and_decide(client, inspection, lookup).await;
                }
                return conclude(&verdict);
            }
            let until =
                *deadline.get_or_insert_with(|| Instant::now().checked_add(delay.unwrap_or_default()));
            match wait_for_more(client, until).await? {
                Waited::More => {}
                Waited::Expired => delay = None,
            }
        }
    }

    /// Waits for the answer to a rule that has a name resolved, unless the session is killed first.
    async fn wait_for_name(
        &mut self,
        client: &mut WaitingClient<'_>,
        inspection: &Inspection,
        lookup: Box<NameLookup>,
    ) -> Result<Inspected, Termination> {
        let activity = self.activity.activity();
        let decided = pin!(self.resolve_and_decide(client, inspection, lookup));
        activity.kill.guard(decided).await.unwrap_or_else(|| Err(activity.killed()))
    }

    /// Waits for the answers to rules, at most for the inspect delay each; the rules that follow decide on the bytes that
    /// have arrived.
    async fn resolve_and_decide(
        &mut self,
        client: &mut WaitingClient<'_>,
        inspection: &Inspection,
        mut lookup: Box<NameLookup>,
    ) -> Result<Inspected, Termination> {
        loop {
            let address = match inspection.request.inspect_delay {
                Some(limit) => timeout(limit, lookup.resolve()).await.ok().flatten(),
                None => lookup.resolve().await,
            };
            let rules = &inspection.request.rules;
            let view = client.view(false, inspection.reads_request)?;
            match self.with_content(view, |context| rules.resume(context, &lookup, address)) {
                Verdict::Resolve(next) => lookup = next,
                verdict => return conclude(&verdict),
            }
        }
    }

    /// Runs the rules on the bytes that have arrived; returns `None` if they wait for more.
    fn judge(
        &mut self,
        client: &mut WaitingClient<'_>,
        inspection: &Inspection,
        may_wait: bool,
    ) -> Result<Option<Verdict>, Termination> {
        let may_grow = may_wait && client.may_send_more();
        let rules = &inspection.request.rules;
        let view = client.view(may_grow, inspection.reads_request)?;
        Ok(self.with_content(view, |context| match may_grow {
            true => rules.inspect(context),
            false => Some(rules.run(context)),
        }))
    }
}

/// Returns how a session ends whose client cannot be read any more.
fn broke(error: io::Error) -> Termination {
    let cause = if error.kind() == io::ErrorKind::OutOfMemory { Cause::Resource } else { Cause::Client };
    Termination::new(cause, Stage::Request)
}

/// Turns a verdict into what follows for the session.
fn conclude(verdict: &Verdict) -> Result<Inspected, Termination> {
    match verdict {
        Verdict::Continue | Verdict::Accept => Ok(Inspected::Passes),
        Verdict::BecomeHttp { only_http1 } => Ok(Inspected::BecomesHttp { only_http1: *only_http1 }),
        Verdict::Failed => Err(RULES_FAILED),
        // No action of these rules replies: the protocol of the client is unknown.
        Verdict::Reject
        | Verdict::CloseServer
        | Verdict::Answer { .. }
        | Verdict::Error { .. }
        | Verdict::Serve(_)
        | Verdict::Resolve(_)
        | Verdict::Tarpit { .. } => Err(Termination::new(Cause::Proxy, Stage::Request)),
    }
}

async fn wait_for_more(
    client: &mut WaitingClient<'_>,
    deadline: Option<Instant>,
) -> Result<Waited, Termination> {
    let mut timer = Timer::default();
    poll_fn(|cx| {
        // Before anything is read: a client that keeps sending must not postpone the end.
        if let Poll::Ready(which) = timer.first(cx, deadline, client.silence_ends()) {
            return Poll::Ready(match which {
                Which::Delay => Ok(Waited::Expired),
                Which::Silence => Err(Termination::new(Cause::ClientTimeout, Stage::Request)),
            });
        }
        client.poll_more(cx).map(|read| read.map(|()| Waited::More).map_err(broke))
    })
    .await
}
