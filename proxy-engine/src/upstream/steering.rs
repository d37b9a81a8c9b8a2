//! The rules of a backend that choose a server in place of the balancing algorithm, and those about persistence.

use proxy_rules::regex::Failed;
use proxy_rules::{Choice, Context, PersistRules, Persistence, UseServers};

use super::backend::Backend;
use super::dispatch::Direct;
use super::server::Server;

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
}

impl Backend {
    /// Returns what the rules say about the persistence of a session or exchange.
    ///
    /// # Errors
    /// A rule could not be evaluated.
    pub(crate) fn persistence(&self, context: &mut Context<'_>) -> Result<Option<Persistence>, Failed> {
        self.steering().persist.decide(context)
    }

    /// Returns the server that a rule chooses. One that is down is passed over, unless persistence is forced.
    ///
    /// # Errors
    /// A rule could not be evaluated.
    pub(crate) fn use_server(
        &self,
        context: &mut Context<'_>,
        persistence: Option<Persistence>,
    ) -> Result<Option<Direct>, Failed> {
        let is_forced = persistence == Some(Persistence::Forced);
        let mut chosen = None;
        self.steering().servers.choose(context, |choice| {
            let index = match choice {
                Choice::Rule(rule) => self.steering().fixed.get(rule).copied().flatten(),
                Choice::Named(name) => std::str::from_utf8(name).ok().and_then(|name| self.index_of(name)),
            };
            // As in HAProxy, no further rule is evaluated after a name that no server has.
            let Some(server) = index else { return true };
            let is_used = is_forced || self.may_return_to(&self.servers()[server]);
            if is_used {
                chosen = Some(Direct { server, is_forced });
            }
            is_used
        })?;
        Ok(chosen)
    }

    /// Returns whether clients are led to a server by cookies or rules: it is not down, or that does not matter.
    pub(crate) fn may_return_to(&self, server: &Server) -> bool {
        server.takes_returning() || self.config.persists
    }
}
