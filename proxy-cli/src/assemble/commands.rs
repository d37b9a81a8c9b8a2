//! The runtime socket: where commands come in.

use std::os::fd::RawFd;

use proxy_admin::settings::{StatsSocket, StatsSockets};
use proxy_admin::{AdminSocket, Level, SeverityOutput};
use proxy_config::{Configuration, Diagnostics};

use super::Assembly;
use super::places::Place;

/// A place where commands come in.
#[derive(Debug)]
pub(crate) struct CommandPlace {
    pub(super) place: Place,
    level: Level,
    severity: SeverityOutput,
}

impl Assembly<'_> {
    pub(super) fn command_places(
        &self,
        configuration: &Configuration,
        inherited: &mut Vec<RawFd>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<CommandPlace> {
        let StatsSockets(lines) = configuration.global.get_or_default();
        let mut places = Vec::new();
        for line in &lines {
            let StatsSocket { span, addresses, parameters } = line;
            let found = self.places(*span, addresses, parameters, &parameters.settings, inherited);
            let (level, severity) = (line.level(), line.severity());
            let found = diagnostics.take(found).unwrap_or_default();
            places.extend(found.into_iter().map(|place| CommandPlace { place, level, severity }));
        }
        places
    }

    /// Binds them; failures are told.
    pub(crate) fn bind_commands(
        &self,
        places: Vec<CommandPlace>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<AdminSocket> {
        let bind = |CommandPlace { place, level, severity }| {
            let socket = self.bind_place(place, "commands", diagnostics)?;
            Some(AdminSocket { socket, level, severity })
        };
        places.into_iter().filter_map(bind).collect()
    }
}
