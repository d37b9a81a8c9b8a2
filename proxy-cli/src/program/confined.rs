//! The third stage: rights are given up, and nothing runs yet. Threads are created from here on.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use proxy_admin::{Admin, AdminLimits, AdminSocket, Commands, Uptime};
use proxy_config::Values;
use proxy_engine::commands::Handle;
use proxy_engine::{Backend, Config, Engine};
use proxy_log::{Sink, SinkLimits};
use proxy_stats::Process;

use super::context::ProgramContext;
use super::logging::{Logging, start_logs};
use super::proxies::{Proxies, Proxy};
use super::running::Running;
use super::sockets::Sockets;
use super::started::Started;
use crate::assemble::{ProxyLog, start_state_logs};
use crate::commands::{REGEX_FAILURES, TransportCounters, process};
use crate::notify::Notifier;
use crate::process::{HardStop, Launch, Signals, Wanted, after_threads, pin_this_thread};
use crate::settings::{CpuMap, HardStopAfter, hardening};
use crate::stdio;

/// A program that has given up the rights it does not need.
pub(super) struct Confined<'s> {
    pub(super) context: ProgramContext<'s>,
    pub(super) sockets: Sockets,
    pub(super) config: Config,
    pub(super) notifier: Notifier,
    pub(super) map: CpuMap,
}

impl<'s> Confined<'s> {
    /// Starts signals, logs, workers and runtime sockets, in this order.
    ///
    /// # Errors
    /// Returns an error if one of them cannot be started; what had been started is stopped again.
    pub(super) fn start(
        self,
        logging: Option<Logging>,
        launch: Option<&Launch>,
    ) -> anyhow::Result<Started<'s>> {
        let Confined { context, sockets, config, notifier, map } = self;
        let Sockets { mut frontends, backends, resolvers, logs, proxies, commands, addresses } = sockets;
        // From here on a signal no longer ends the process by itself.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime of the main thread cannot be created")?;
        let signals = {
            let _inside = runtime.enter();
            Signals::listen().context("cannot listen for signals")?
        };
        launch.map(Launch::leave_terminal).transpose()?;
        let sink = Sink::start(SinkLimits::default(), |lost| stdio::warning(&lost.to_string()))
            .context("the thread that writes logs cannot be created")?;
        start_state_logs(&proxies, &backends, &sink, context.is_quiet());
        let observer = start_logs(logging, logs, &mut frontends, &sink);
        let pinned = move |worker| pin(&map, worker);
        let mut all: Vec<_> = backends.values().cloned().collect();
        all.sort_by_key(|backend| backend.id());
        let serves = proxy_engine::Proxies { frontends, backends: all, resolvers };
        let engine = Engine::start_with(config, serves, observer, pinned)?;
        let global = context.global();
        let memory = context.setup.options.memory.map(|limit| limit.bytes());
        let process = process(global, &config, memory, &sink);
        let uptime = Uptime::since(process.since);
        let proxies = proxies.iter().map(|log| proxy(log, &sink, &engine, &backends)).collect();
        let proxies = Proxies(proxies);
        let in_order = context.configuration.backends();
        let in_order = in_order.filter_map(|section| backends.get(&section.name.value).cloned());
        let facts = facts(process, Handle::new(&engine, in_order.collect()), &context);
        engine.publish(facts.clone());
        let admin = match commands.is_empty() {
            true => None,
            false => Some(start_admin(commands, facts, uptime, &context)?),
        };
        let wanted = hardening(global);
        let wanted = Wanted { fork: wanted.fork || context.setup.options.switches.fork, ..wanted };
        after_threads(wanted).context("cannot do without new processes")?;
        let hard_stop = HardStop::after(global.get::<HardStopAfter>().map(|limit| limit.0));
        let running = Running { runtime, signals, hard_stop, notifier, sink, proxies, engine, admin };
        Ok(Started { context, config, addresses, running })
    }
}

/// Finds the parts of a section that run.
fn proxy(log: &ProxyLog, sink: &Sink, engine: &Engine, backends: &HashMap<String, Arc<Backend>>) -> Proxy {
    let ProxyLog { name, kind, .. } = log;
    let frontend = engine.frontends().iter().find(|frontend| kind.is_frontend() && frontend.name() == name);
    let backend = backends.get(name).filter(|_| kind.is_backend());
    Proxy { frontend: frontend.cloned(), backend: backend.cloned(), name: name.clone(), log: log.start(sink) }
}

/// Returns the values that the linked commands and services work on.
fn facts(process: Process, engine: Handle, context: &ProgramContext<'_>) -> Values {
    let mut facts = Values::default();
    facts.set(process);
    facts.set(engine);
    let counters = context.setup.registry.counters().copied();
    facts.set(TransportCounters(counters.chain([REGEX_FAILURES]).collect()));
    facts.set(context.configuration.transport.clone());
    facts
}

/// Serves the runtime sockets.
fn start_admin(
    sockets: Vec<AdminSocket>,
    facts: Values,
    uptime: Uptime,
    context: &ProgramContext<'_>,
) -> anyhow::Result<Admin> {
    let limits = AdminLimits::from_global(context.global());
    Ok(Admin::start(sockets, Commands::linked(context.setup.registry)?, facts, uptime, limits)?)
}

/// Sets the CPUs of a worker, before anything else runs on it.
fn pin(map: &CpuMap, worker: usize) {
    if let Some(cpus) = map.of(worker)
        && let Err(error) = pin_this_thread(cpus)
    {
        // The worker serves anyway, on other CPUs.
        stdio::warning(&format!("worker {worker} is not bound to its CPUs: {error}"));
    }
}
