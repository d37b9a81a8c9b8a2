//! What samples tell about a frontend.

use std::sync::{Arc, OnceLock};

use proxy_rules::FrontendFacts;

use crate::observe::{Count, ObservedFrontend};

/// A frontend that samples name. Until it runs, there is nothing to tell.
#[derive(Debug, Default)]
pub struct SampledFrontend(OnceLock<Arc<ObservedFrontend>>);

impl SampledFrontend {
    /// Records that the frontend runs.
    pub(super) fn runs(&self, observed: &Arc<ObservedFrontend>) {
        let _ = self.0.set(Arc::clone(observed));
    }
}

impl FrontendFacts for SampledFrontend {
    fn connections(&self) -> usize {
        self.0.get().map_or(0, |frontend| frontend.counters().current())
    }

    fn session_rate(&self) -> u64 {
        self.0.get().map_or(0, |frontend| frontend.rates().sessions.now(frontend.counters().ever()))
    }

    fn request_rate(&self) -> u64 {
        let requests = |frontend: &ObservedFrontend| frontend.tallies().ever(Count::Requests);
        self.0.get().map_or(0, |frontend| frontend.rates().requests.now(requests(frontend)))
    }
}
