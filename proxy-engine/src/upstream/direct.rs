//! The servers that cookies and rules lead to, and when they may be used.

use proxy_rules::regex::Failed;
use proxy_rules::{Context, Persistence};

use super::backend::Backend;
use super::server::Server;
use super::steering::Direct;

impl Backend {
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
        let may_use = |index: usize| is_forced || self.may_return_to(&self.servers()[index]);
        let chosen = self.steering().choose(context, |name| self.index_of(name), may_use)?;
        Ok(chosen.map(|server| Direct { server, is_forced }))
    }

    /// Returns whether clients are led to a server by cookies or rules: it is not down, or that does not matter.
    pub(crate) fn may_return_to(&self, server: &Server) -> bool {
        server.takes_returning() || self.config.persists
    }
}
