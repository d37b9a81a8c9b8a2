//! The rules of a backend of mode tcp that choose a server, and those about persistence.

use std::sync::Arc;

use proxy_rules::regex::Failed;

use super::session::{RULES_FAILED, Session};
use super::waiting_client::WaitingClient;
use crate::observe::Termination;
use crate::upstream::Backend;

impl Session<'_> {
    /// Evaluates the rules about persistence, before other rules of the backend.
    pub(super) fn decide_persistence(
        &mut self,
        client: &mut WaitingClient<'_>,
        backend: &Arc<Backend>,
    ) -> Result<(), Termination> {
        let Some(reads_request) = backend.steering().persists() else { return Ok(()) };
        let view = client.view(false, reads_request)?;
        let decided = self.with_context(view, |context| backend.steering().persistence(context));
        self.persistence = decided.map_err(|Failed| RULES_FAILED)?;
        Ok(())
    }

    /// Evaluates the rules that choose a server.
    pub(super) fn use_server(
        &mut self,
        client: &mut WaitingClient<'_>,
        backend: &Arc<Backend>,
    ) -> Result<(), Termination> {
        let Some(reads_request) = backend.steering().chooses() else { return Ok(()) };
        let (view, persistence) = (client.view(false, reads_request)?, self.persistence);
        let chosen = self.with_context(view, |context| backend.use_server(context, persistence));
        self.dispatch.direct = chosen.map_err(|Failed| RULES_FAILED)?;
        Ok(())
    }
}
