//! Retries of connecting: whether another attempt follows a failed one, to which server, and after what pause.
//!
//! `http/exchange/retry.rs` decides whether a request is sent again.

use std::cell::RefCell;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use proto_core::error::ConnectFailure;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::backend::Backend;
use super::client_wait::{Downstream, wait};
use super::queue_lines::Claim;
use super::server::Server;
use super::slot::ServerSlot;
use crate::observe::{Cause, Meter, Stage, Termination};
use crate::policy::Redispatch;

/// The pause before the same server is tried again, unless `timeout connect` is shorter.
const PAUSE: Duration = Duration::from_secs(1);

/// No server could be chosen, or none could be reached.
pub(super) const NO_SERVER: Termination = Termination::new(Cause::Server, Stage::Connect);

/// What follows a failed attempt.
pub(super) enum Next {
    SameServer,
    ChooseAgain { avoid: Option<usize> },
}

/// Decides what follows a failed attempt, after a pause if there is to be one. The error ends the session.
#[expect(clippy::too_many_arguments, reason = "all of the session, borrowed part by part")]
pub(super) async fn after_failure(
    backend: &Arc<Backend>,
    server: &Arc<Server>,
    index: usize,
    failure: ConnectFailure,
    client: &mut impl Downstream,
    meter: &RefCell<Meter>,
    slot: &mut Option<ServerSlot>,
    claim: Claim,
) -> Result<Next, Termination> {
    // The attempt has waited for descriptors as long as it may, and a protocol that cannot connect never will.
    let is_final = matches!(failure, ConnectFailure::Exhausted | ConnectFailure::Unsupported);
    if is_final || meter.borrow().retries() >= backend.connect_retries() {
        let termination = meter.borrow_mut().unreachable(NO_SERVER);
        *slot = None;
        return Err(termination);
    }
    meter.borrow_mut().attempt_again();
    let elsewhere = may_go_elsewhere(meter.borrow().retries(), backend, server, claim);
    if elsewhere {
        *slot = None;
    } else {
        meter.borrow_mut().same_server();
    }
    let same_again = !elsewhere || !backend.has_alternatives();
    // A local port that was lacking may be back at once, and says nothing of the server.
    let lacked_port = failure == ConnectFailure::NoLocalAddress;
    if lacked_port {
        yield_now().await;
    } else if same_again && failure != ConnectFailure::TimedOut {
        let pause = backend.timeouts().connect.map_or(PAUSE, |limit| limit.min(PAUSE));
        let now = Instant::now();
        let paused = wait(client, pin!(pending::<()>()), now.checked_add(pause), now).await;
        if let Some(termination) = paused.err().and_then(|ended| ended.by_client(Stage::Connect)) {
            return Err(termination);
        }
    }
    Ok(if elsewhere { Next::ChooseAgain { avoid: Some(index) } } else { Next::SameServer })
}

/// Returns whether the next attempt may go to another server, by `option redispatch` above all.
pub(super) fn may_go_elsewhere(retries: u32, backend: &Backend, server: &Server, claim: Claim) -> bool {
    if claim == Claim::Forced {
        return false;
    }
    let due = match backend.config.redispatch {
        Redispatch::Off => return false,
        Redispatch::Every(n) => n > 0 && retries.is_multiple_of(n),
        Redispatch::BeforeLast(n) => {
            let on = (u64::from(backend.connect_retries()) + 1).saturating_sub(n.into());
            on > 0 && u64::from(retries).is_multiple_of(on)
        }
    };
    // If the algorithm may choose any server, there is no reason to wait for this one.
    let is_arbitrary =
        claim == Claim::Balanced && !backend.config.balance.is_deterministic() && backend.has_alternatives();
    due || is_arbitrary || !server.takes_returning()
}
