//! What all stages of a program need: its parameters and its configuration.

use proxy_config::{Configuration, Diagnostics, Sources, Values};

use crate::commandline::Life;
use crate::settings::Modes;
use crate::setup::{Setup, Stage, Unusable};

/// The parameters and the configuration of a program.
pub(super) struct ProgramContext<'s> {
    pub(super) setup: Setup<'s>,
    pub(super) configuration: Configuration,
}

impl ProgramContext<'_> {
    /// Returns the section `global`.
    pub(super) fn global(&self) -> &Values {
        &self.configuration.global
    }

    fn modes(&self) -> Modes {
        self.global().get_or_default()
    }

    /// Returns whether only errors are printed.
    pub(super) fn is_quiet(&self) -> bool {
        self.setup.options.is_quiet(self.modes().quiet, false)
    }

    /// Returns whether a warning prevents the start.
    fn forbids_warnings(&self) -> bool {
        self.modes().zero_warning || self.setup.options.zero_warning
    }

    /// Returns how the process runs.
    pub(super) fn life(&self) -> Life {
        self.setup.options.life(self.modes().daemon, false)
    }

    /// Reports what is wrong. Only warnings that were found while reading can prevent the start.
    ///
    /// # Errors
    /// Returns an error if something prevents the start.
    pub(super) fn say(
        &self,
        diagnostics: Diagnostics,
        sources: &Sources,
        stage: Stage,
    ) -> Result<(), Unusable> {
        let zero_warning = stage == Stage::Reading && self.forbids_warnings();
        self.setup.say(diagnostics, sources, stage, self.is_quiet(), zero_warning)
    }
}
