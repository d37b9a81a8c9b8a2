//! The state of servers: what operators, the configuration and checks say about each, and what follows for the choice
//! of servers.
//!
//! ```text
//!  commands ─┐                             ┌─► StateView of the server    ┐ one word each,
//!  checks ───┼─► change (under a lock) ─► Core                            │ read without a lock
//!  slow start┘          │                  └─► UsableServers of the backend┘
//!                       ├─► queues: who waits in vain chooses again, free slots are passed on
//!                       └─► the log, and sessions that end
//! ```
//!
//! * [`Admin`], [`Operational`]: the two parts of the state. [`StateView`]: both, and the effective weight.
//! * `core`: what decides. `change`: the changes. `slow_start`: those that time makes. `usable`: the servers of a
//!   backend that can be chosen. `effects`: the log and the sessions that changes reach. `lines`: the log lines.
//!   `restore`: the state of an earlier process. `tracking`, `follow`: servers that have the state of another one.

mod admin;
mod change;
mod core;
mod effects;
mod follow;
mod lines;
mod operational;
mod restore;
mod slow_start;
mod tracking;
mod usable;
mod view;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use admin::Admin;
pub use operational::Operational;
pub use restore::{SavedCheck, SavedServer};
pub use view::StateView;

pub(crate) use effects::ServerSessions;

pub(super) use self::core::StateSettings;
pub(super) use effects::Effects;
pub(super) use usable::UsableServers;

use self::core::Core;
use tracking::Tracking;
use view::Published;

/// The state of a server.
#[derive(Debug)]
pub(super) struct ServerState {
    settings: StateSettings,
    published: Published,
    core: Mutex<Core>,
    tracking: Tracking,
}

impl ServerState {
    pub(super) fn new(settings: StateSettings) -> ServerState {
        let core = Core::new(&settings);
        let published = Published::new(core.view(&settings, true));
        ServerState { settings, published, core: Mutex::new(core), tracking: Tracking::default() }
    }

    /// Returns the state as of now, without a lock.
    pub(super) fn view(&self) -> StateView {
        self.published.get()
    }

    /// Returns how long it has been down.
    pub(super) fn downtime(&self) -> Duration {
        let core = self.lock();
        let is_down = core.operational == Operational::Stopped;
        core.down + if is_down { core.changed.elapsed() } else { Duration::ZERO }
    }

    /// Returns the weight that was set last.
    pub(super) fn weight(&self) -> u16 {
        self.lock().weight
    }

    /// Returns the name of the server that it tracks, `backend/server`.
    pub(super) fn tracked(&self) -> Option<&str> {
        self.tracking.tracked()
    }

    /// Returns how long the operational state has been the same.
    pub(super) fn since(&self) -> Duration {
        self.lock().changed.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
