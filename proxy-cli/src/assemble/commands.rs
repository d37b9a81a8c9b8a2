//! The runtime socket: where commands are accepted.

use std::os::fd::RawFd;

use proxy_admin::AdminSocket;
use proxy_admin::settings::{ClientSettings, StatsSocket, StatsSockets};
use proxy_config::{Configuration, Diagnostics, Parsed};
use proxy_engine::config::{Assembly, BindAddress};

/// An address where commands are accepted.
#[derive(Debug)]
pub(crate) struct CommandAddress {
    pub(super) address: BindAddress,
    clients: ClientSettings,
}

pub(super) fn plan(
    assembly: &Assembly<'_>,
    configuration: &Configuration,
    inherited: &mut Vec<RawFd>,
    diagnostics: &mut Diagnostics,
) -> Vec<CommandAddress> {
    let StatsSockets(lines) = configuration.global.get_or_default();
    let mut all = Vec::new();
    for line in &lines {
        let StatsSocket { span, addresses, parameters } = line;
        let found = assembly.bind_addresses(*span, addresses, parameters, inherited);
        let found = found
            .and_then(|found| found.into_iter().map(BindAddress::without_layers).collect::<Parsed<Vec<_>>>());
        let clients = line.clients();
        let found = diagnostics.take(found).unwrap_or_default();
        all.extend(found.into_iter().map(|address| CommandAddress { address, clients }));
    }
    all
}

/// Binds the runtime sockets; failures are reported.
pub(crate) fn bind_commands(
    assembly: &Assembly<'_>,
    addresses: Vec<CommandAddress>,
    diagnostics: &mut Diagnostics,
) -> Vec<AdminSocket> {
    let bind = |CommandAddress { address, clients }| {
        let socket = assembly.bind_address(address, "commands", diagnostics)?;
        Some(AdminSocket { socket, clients })
    };
    addresses.into_iter().filter_map(bind).collect()
}
