//! From a configuration to what the program is started with: the engine's plan, its logs, and the runtime sockets.

mod commands;
mod logs;
mod state_logs;

use std::collections::BTreeSet;
use std::os::fd::RawFd;

use proxy_config::{Configuration, Diagnostics};
use proxy_engine::config::{Assembly, Plan};

pub(crate) use commands::{CommandAddress, bind_commands};
pub(crate) use logs::{Notices, PlannedLogs, ProxyLog, plain_lines};
pub(crate) use state_logs::start_state_logs;

/// A program that can be started, as far as that is known without opening a listening socket.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) engine: Plan,
    /// The logs of each frontend, in the order of the frontends.
    pub(crate) logs: Vec<PlannedLogs>,
    /// The logs of all proxies for lines about themselves, in their order.
    pub(crate) proxies: Vec<ProxyLog>,
    /// The addresses of the runtime sockets.
    pub(crate) commands: Vec<CommandAddress>,
}

/// Plans the program; mistakes are reported, and what has them is left out. `descriptors` were open when the process
/// began.
pub(crate) fn plan(
    assembly: &Assembly<'_>,
    descriptors: &BTreeSet<RawFd>,
    configuration: &Configuration,
    diagnostics: &mut Diagnostics,
) -> Planned {
    let mut engine = assembly.plan(configuration, diagnostics);
    let (logs, proxies) = logs::plan(assembly, descriptors, configuration, diagnostics);
    let mut commands = commands::plan(assembly, configuration, &mut engine.inherited, diagnostics);
    let addresses = engine.bind_addresses().chain(commands.iter_mut().map(|command| &mut command.address));
    assembly.check_bind_addresses(addresses, diagnostics);
    let others = commands.iter().map(|command| &command.address);
    assembly.check_transports(configuration, &engine, others, diagnostics);
    Planned { engine, logs, proxies, commands }
}
