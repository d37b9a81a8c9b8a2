//! What all stages of a program need: what it is made with, and its configuration.

use proxy_config::{Configuration, Diagnostics, Sources, Values};

use crate::commandline::Life;
use crate::settings::Modes;
use crate::setup::{Setup, Unusable};

/// What all stages need.
pub(super) struct ProgramContext<'s> {
    pub(super) setup: Setup<'s>,
    pub(super) configuration: Configuration,
}

impl ProgramContext<'_> {
    /// The section `global`.
    pub(super) fn global(&self) -> &Values {
        &self.configuration.global
    }

    fn modes(&self) -> Modes {
        self.global().get_or_default()
    }

    /// Whether nothing is said that is not an error.
    pub(super) fn is_quiet(&self) -> bool {
        self.setup.options.is_quiet(self.modes().quiet, false)
    }

    /// Whether a warning forbids to start.
    pub(super) fn forbids_warnings(&self) -> bool {
        self.modes().zero_warning || self.setup.options.zero_warning
    }

    /// In the background or not.
    pub(super) fn life(&self) -> Life {
        self.setup.options.life(self.modes().daemon, false)
    }

    /// Says what is wrong. Only what was found while it was read may be a warning too many.
    ///
    /// # Errors
    /// When there is something that forbids to go on.
    pub(super) fn say(
        &self,
        diagnostics: Diagnostics,
        sources: &Sources,
        zero_warning: bool,
    ) -> Result<(), Unusable> {
        self.setup.say(diagnostics, sources, self.is_quiet(), zero_warning)
    }
}
