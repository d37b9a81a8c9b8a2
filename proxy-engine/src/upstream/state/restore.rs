//! The state that a server had in an earlier process, and has again.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use proxy_health::{CheckResult, CheckSource, CheckState, Status};
use tokio::time::Instant;

use super::admin::Admin;
use super::operational::Operational;
use crate::upstream::backend::Backend;
use crate::upstream::health::CheckTarget;
use crate::upstream::server::{Server, ServerPort};

/// The state of a server in a state file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedServer {
    /// The address, for a server whose name is not resolved otherwise.
    pub address: Option<IpAddr>,
    /// The port.
    pub port: u16,
    /// Whether it was up.
    pub operational: Operational,
    /// Who had taken it out of use.
    pub admin: Admin,
    /// The weight.
    pub weight: u16,
    /// The weight of its line.
    pub initial_weight: u16,
    /// How long the state had been the same.
    pub since: Duration,
    /// The last status of its health check.
    pub status: Option<Status>,
    /// The number of consecutive results.
    pub health: u32,
    /// Its health check.
    pub check: SavedCheck,
    /// Its agent check.
    pub agent: SavedCheck,
}

/// A check in a state file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedCheck {
    /// Whether it ran.
    pub state: CheckState,
    /// Where it connected, if not to the server.
    pub address: Option<IpAddr>,
    /// The port, if it was not that of the server.
    pub port: Option<u16>,
}

impl Backend {
    /// Gives a server the state that it had in an earlier process, where its line has not changed since then.
    pub fn restore(self: &Arc<Self>, index: usize, saved: &SavedServer) {
        let Some(server) = self.servers().get(index) else { return };
        self.restore_operational(index, saved);
        self.restore_admin(index, saved);
        if saved.initial_weight == server.config().weight {
            self.set_user_weight(index, saved.weight);
        }
        server.restore_port(saved.port);
        server.restore_check(CheckSource::Health, &saved.check);
        server.restore_check(CheckSource::Agent, &saved.agent);
        let mut core = server.state().lock();
        let now = Instant::now();
        core.changed = now.checked_sub(saved.since).unwrap_or(now);
        drop(core);
        if let Some(status) = saved.status {
            server.health().checks().results.any_mut(CheckSource::Health).last = CheckResult::new(status);
        }
    }

    fn restore_operational(self: &Arc<Self>, index: usize, saved: &SavedServer) {
        const CAUSE: &str = "changed from server-state after a reload";
        let server = &self.servers()[index];
        let mut checks = server.health().checks();
        let tally = &mut checks.results.any_mut(CheckSource::Health).tally;
        let (rise, fall) = (tally.rise(), tally.fall());
        let to = match saved.operational {
            Operational::Stopping if fall == 1 => Operational::Stopped,
            Operational::Starting if rise == 1 => Operational::Running,
            other => other,
        };
        match to {
            Operational::Stopped => tally.empty(),
            Operational::Starting if (1..rise).contains(&saved.health) => tally.set_health(saved.health),
            Operational::Starting => tally.set_nearly_up(),
            Operational::Stopping if (rise..rise + fall - 1).contains(&saved.health) => {
                tally.set_health(saved.health);
            }
            Operational::Stopping => tally.set_barely_up(),
            Operational::Running => tally.fill(),
        }
        drop(checks);
        self.set_operational(index, to, CAUSE);
    }

    /// What the line says about maintenance wins if it has changed, and what operators have done otherwise.
    fn restore_admin(self: &Arc<Self>, index: usize, saved: &SavedServer) {
        let server = &self.servers()[index];
        let now = server.view().admin;
        let (is_line, was_line) =
            (now.contains(Admin::CONFIGURED_MAINT), saved.admin.contains(Admin::CONFIGURED_MAINT));
        let was_forced = saved.admin.contains(Admin::FORCED_MAINT);
        let maintenance = match (is_line == was_line, is_line) {
            (false, is_line) => is_line,
            (true, true) => was_forced,
            (true, false) => was_forced || now.contains(Admin::FORCED_MAINT),
        };
        match maintenance {
            true => self.set_admin(index, Admin::FORCED_MAINT, ""),
            false => self.clear_admin(index, Admin::FORCED_MAINT),
        }
        let drains = saved.initial_weight > 0 || server.config().weight == 0;
        if !maintenance && saved.admin.contains(Admin::FORCED_DRAIN) && drains {
            self.set_admin(index, Admin::FORCED_DRAIN, "");
        }
    }
}

impl Server {
    fn restore_port(&self, port: u16) {
        if let (ServerPort::Fixed, Some(inet)) = (self.config().port, self.address().inet())
            && inet.port() != port
            && port > 0
        {
            self.set_address(SocketAddr::new(inet.ip(), port).into());
        }
    }

    fn restore_check(&self, source: CheckSource, saved: &SavedCheck) {
        let (is_configured, is_enabled) = self.has_check(source);
        let was_disabled =
            saved.state.contains(CheckState::CONFIGURED) && !saved.state.contains(CheckState::ENABLED);
        if is_configured && was_disabled {
            self.enable_check(source, false);
        } else if is_enabled {
            let CheckTarget { address, port } = self.check_target(source);
            let of_file = saved.address.map(|ip| SocketAddr::new(ip, 0).into());
            self.set_check_target(
                source,
                CheckTarget { address: of_file.or(address), port: saved.port.or(port) },
            );
        }
    }
}
