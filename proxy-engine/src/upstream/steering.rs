//! The rules of a backend that choose a server in place of the balancing algorithm, and those about persistence. What they
//! decide about a session is carried out by [`direct`](super::direct) and [`dispatch`](super::dispatch).

use proxy_rules::regex::Failed;
use proxy_rules::{Choice, Context, PersistRules, Persistence, UseServers};

use super::queue_lines::Claim;

/// A server that a cookie or a rule has chosen. A session that cannot connect to it, or finds its queue full, may
/// leave it for another one if `option redispatch` allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Direct {
    /// The index of the server.
    pub(crate) server: usize,
    /// Whether the session has to go there, even if the server is down and `option redispatch` is set.
    pub(crate) is_forced: bool,
}

/// The rules of a backend, with the servers that they name.
#[derive(Debug)]
pub(crate) struct Steering {
    servers: UseServers,
    /// The index of the server of each rule whose name is fixed.
    fixed: Vec<Option<usize>>,
    persist: PersistRules,
    /// Whether a rule that chooses a server looks at the request.
    chooses_by_request: bool,
    /// Whether a rule about persistence does.
    persists_by_request: bool,
}

impl Direct {
    /// Returns why a session waits for the server.
    pub(super) fn claim(self) -> Claim {
        if self.is_forced { Claim::Forced } else { Claim::Direct }
    }
}

impl Steering {
    pub(super) fn new(
        rules: UseServers,
        persist: PersistRules,
        index_of: impl Fn(&str) -> Option<usize>,
    ) -> Steering {
        let fixed = rules.names().map(|name| name.and_then(|name| index_of(&name.value))).collect();
        Steering {
            fixed,
            chooses_by_request: rules.reads_request(),
            persists_by_request: persist.reads_request(),
            servers: rules,
            persist,
        }
    }

    /// Returns whether rules choose servers, and whether they look at the request.
    pub(crate) fn chooses(&self) -> Option<bool> {
        (!self.servers.is_empty()).then_some(self.chooses_by_request)
    }

    /// Returns whether there are rules about persistence, and whether they look at the request.
    pub(crate) fn persists(&self) -> Option<bool> {
        (!self.persist.is_empty()).then_some(self.persists_by_request)
    }

    /// Returns what the rules say about the persistence of a session or exchange.
    ///
    /// # Errors
    /// A rule could not be evaluated.
    pub(crate) fn persistence(&self, context: &mut Context<'_>) -> Result<Option<Persistence>, Failed> {
        self.persist.decide(context)
    }

    /// Returns the server that a rule chooses; one that may not be used is passed over.
    ///
    /// # Errors
    /// A rule could not be evaluated.
    pub(super) fn choose(
        &self,
        context: &mut Context<'_>,
        index_of: impl Fn(&str) -> Option<usize>,
        may_use: impl Fn(usize) -> bool,
    ) -> Result<Option<usize>, Failed> {
        let mut chosen = None;
        self.servers.choose(context, |choice| {
            let index = match choice {
                Choice::Rule(rule) => self.fixed.get(rule).copied().flatten(),
                Choice::Named(name) => std::str::from_utf8(name).ok().and_then(&index_of),
            };
            // As in HAProxy, no further rule is evaluated after a name that no server has.
            let Some(server) = index else { return true };
            let is_used = may_use(server);
            if is_used {
                chosen = Some(server);
            }
            is_used
        })?;
        Ok(chosen)
    }
}
