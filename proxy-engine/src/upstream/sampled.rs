//! What samples tell about backends and servers.

use std::sync::Arc;

use proxy_rules::{BackendFacts, ServerFacts};

use super::backend::Backend;
use super::server::Server;
use super::state::Operational;
use crate::balance::Group;
use crate::policy::WEIGHT_SCALE;

impl BackendFacts for Backend {
    fn usable_servers(&self) -> usize {
        let (active, backup) = Backend::usable_servers(self);
        match self.group() {
            Group::Empty => 0,
            Group::Primaries => active,
            Group::Backups => backup,
            Group::One(_) => 1,
        }
    }

    fn sessions(&self) -> usize {
        self.counters().current()
    }

    fn queued(&self) -> usize {
        let of_servers = self.servers().iter().map(|server| server.counters().queued());
        self.counters().queued() + of_servers.sum::<usize>()
    }

    fn free_slots(&self) -> Option<usize> {
        let group = self.group();
        let used = self.servers().iter().enumerate().filter(|(index, server)| {
            server.is_usable()
                && match group {
                    Group::Empty => false,
                    Group::Primaries => !server.config().backup,
                    Group::Backups => true,
                    Group::One(only) => *index == only,
                }
        });
        used.map(|(_, server)| server.limit().map(|limit| free(limit, server))).sum()
    }

    fn free_places(&self) -> Option<i64> {
        let running =
            self.servers().iter().filter(|server| server.view().operational != Operational::Stopped);
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        running
            .map(|server| {
                let (maxconn, maxqueue) = (server.maxconn()?, server.config().maxqueue?);
                let counters = server.counters();
                Some(
                    number(maxconn) - number(counters.current()) + number(maxqueue)
                        - number(counters.queued()),
                )
            })
            .sum()
    }

    fn session_rate(&self) -> u64 {
        self.observed().rates().sessions.now(self.counters().ever())
    }

    fn server(&self, name: &str) -> Option<Arc<dyn ServerFacts>> {
        Backend::server(self, name).map(|server| Arc::clone(server) as Arc<dyn ServerFacts>)
    }
}

impl ServerFacts for Server {
    fn is_up(&self) -> bool {
        let view = self.view();
        // As in HAProxy, only a check finds a server down.
        let is_down = self.config().health.is_some() && view.operational == Operational::Stopped;
        !view.admin.is_in_maintenance() && !is_down
    }

    fn sessions(&self) -> usize {
        self.counters().current()
    }

    fn session_rate(&self) -> u64 {
        self.observed().rates().sessions.now(self.counters().ever())
    }

    fn queued(&self) -> usize {
        self.counters().queued()
    }

    fn free_slots(&self) -> Option<usize> {
        self.maxconn().map(|_| self.limit().map_or(0, |limit| free(limit, self)))
    }

    fn effective_weight(&self) -> u32 {
        u32::from(self.view().effective_weight).div_ceil(WEIGHT_SCALE)
    }

    fn user_weight(&self) -> u32 {
        self.weight().into()
    }

    fn initial_weight(&self) -> u32 {
        self.config().weight.into()
    }
}

/// Returns the free slots of a server, of which more may be in use than a limit that was lowered.
fn free(limit: usize, server: &Server) -> usize {
    limit.saturating_sub(server.counters().current())
}
