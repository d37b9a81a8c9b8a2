//! A relay as a future: past its gate, if it has one, and to its end.

use std::future::{Future, poll_fn};
use std::pin::pin;

use proto_core::stream::Stream;
use tokio::time::sleep_until;

use crate::control::Control;
use crate::gate::{Gate, Holding};
use crate::outcome::Outcome;
use crate::relay::Relay;
use crate::scratch::Scratch;
use crate::timeouts::RelayTimeouts;

/// Moves bytes both ways until both directions have ended, one has failed, a timeout has expired or the relay is
/// killed. With a gate, the first bytes of the server are held, up to a limit, until it has decided about them.
///
/// The end of file of one side is passed on once all its bytes are written, and the other direction goes on. The
/// caller keeps the streams and can still ask them for `info()`; [`Outcome::close`] closes them as the outcome
/// demands.
///
/// Runs on the worker that both streams belong to. Dropping the future stops the relay at once; bytes that were
/// read and not yet written are lost, which is acceptable only if the streams are dropped as well.
// Not an `async fn`: that would keep room for its arguments for as long as the relay lives.
pub fn relay<'a>(
    client: &'a mut dyn Stream,
    server: &'a mut dyn Stream,
    timeouts: &RelayTimeouts,
    scratch: &'a Scratch,
    control: &'a Control,
    gate: Option<(&'a mut dyn Gate, usize)>,
) -> impl Future<Output = Outcome> + use<'a> {
    let mut relay = Relay::new(client, server, timeouts, scratch, control);
    // Boxed: most relays have no gate.
    let holding = gate.map(|(gate, limit)| Box::new(Holding::new(gate, limit)));
    async move {
        // The timer is registered when it is first polled, so a relay without timeouts has none.
        let mut timer = pin!(sleep_until(relay.begun));
        if let Some(mut holding) = holding {
            if let Err(ended) = poll_fn(|cx| relay.poll_holding(cx, timer.as_mut(), &mut holding)).await {
                return relay.outcome_holding(ended, &holding);
            }
            relay.to_client.flow.put_back(holding.into_bytes());
        }
        let ended = poll_fn(|cx| relay.poll(cx, timer.as_mut())).await;
        relay.outcome(ended)
    }
}
