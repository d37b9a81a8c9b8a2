//! How much a task does before the others have their turn. A socket of the runtime ends a turn, too, but not every
//! transport is one, and an operation may cover much.

use std::future::Future as _;
use std::pin::pin;
use std::task::Context;

/// The most bytes moved in one turn: about 0.1 ms of work.
pub(crate) const TURN_BYTES: usize = 1024 * 1024;
/// The most reads in one turn, so that small ones do not make a long turn either.
pub(crate) const TURN_STEPS: usize = 16;

/// Wakes this task again after the others, whose sockets the runtime polls before that.
pub(crate) fn yield_turn(cx: &mut Context<'_>) {
    let _ = pin!(tokio::task::yield_now()).poll(cx);
}
