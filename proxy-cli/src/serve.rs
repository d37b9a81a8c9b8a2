//! From a configuration to a program that serves: read, planned, bound, started, and stopped by a signal.
//!
//! ```text
//!  read ─► Program (checked) ─ daemonize ─ bind ─ limits, pidfile ─ confine ─► engine, logs ─ ready ─ signals ─► end
//! ```

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use proto_core::address::InheritedSocket;
use proxy_admin::{Admin, AdminLimits, AdminSocket, Commands, Uptime};
use proxy_config::{Configuration, Diagnostics, Reader, Sources, Values, Variables};
use proxy_engine::commands::Handle;
use proxy_engine::config::Plan;
use proxy_engine::{Engine, LogMoment, LogOptions, Observer};
use proxy_log::{Limits, Sink};
use proxy_rules::date;
use proxy_rules::log::forms;

use crate::assemble::{self, Notices, Planned};
use crate::commandline::{Life, facts};
use crate::commands::Process;
use crate::describe;
use crate::limits::limits;
use crate::notify::{self, Notifier};
use crate::process::{
    Asked, Fork, HardStop, Launch, Launched, Request, Signals, available, confine, daemonize,
    pin_this_thread, write_pidfile,
};
use crate::settings::{CpuMap, HardStopAfter, Modes, Pidfile, confinement};
use crate::setup::{Setup, Unusable};
use crate::stdio;

/// How long the end of the program waits for the last log lines to be taken.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Makes an observer that writes to a sink.
type MakeObserver = Box<dyn FnOnce(&Sink) -> Arc<dyn Observer>>;

/// Who writes the logs, if not the configuration.
pub(crate) struct Logging {
    pub(crate) observer: MakeObserver,
    /// Whether records of sessions are wanted.
    pub(crate) wanted: bool,
}

/// A configuration that was read, checked and planned.
pub(crate) struct Program<'s> {
    setup: Setup<'s>,
    sources: Sources,
    configuration: Configuration,
    planned: Planned,
}

impl<'s> Program<'s> {
    /// Reads a configuration and says all that is wrong with it.
    ///
    /// # Errors
    /// [`Unusable`].
    pub(crate) fn read(setup: &Setup<'s>, sources: &Sources) -> Result<Program<'s>, Unusable> {
        let mut diagnostics = Diagnostics::default();
        let variables = Variables::over(setup.environment);
        for (name, value) in own_variables(setup, sources) {
            variables.set(name, &value);
        }
        let reader = Reader {
            language: setup.language,
            registry: setup.registry,
            variables: &variables,
            facts: setup.facts,
            any_port: setup.any_port,
        };
        let configuration = reader.read(sources, &mut diagnostics);
        let assembly = setup.assembly(&configuration);
        let planned = assemble::plan(&assembly, setup.descriptors, &configuration, &mut diagnostics);
        let modes: Modes = configuration.global.get_or_default();
        let quiet = setup.options.is_quiet(modes.quiet, false);
        let zero_warning = modes.zero_warning || setup.options.zero_warning;
        setup.say(diagnostics, sources, quiet, zero_warning)?;
        Ok(Program { setup: *setup, sources: sources.clone(), configuration, planned })
    }

    /// Serves until a signal ends it. `listening` hears all addresses once they listen.
    ///
    /// # Errors
    /// When it cannot be started, or no listener is left.
    pub(crate) fn run(
        self,
        logging: Option<Logging>,
        listening: impl Fn(&[String]),
    ) -> anyhow::Result<ExitCode> {
        let modes: Modes = self.configuration.global.get_or_default();
        let is_daemon = self.setup.options.life(modes.daemon, false) == Life::Daemon;
        let mut launch = match is_daemon.then(daemonize).transpose()? {
            Some(Fork::Launcher(launched)) => return Ok(launcher(&launched)),
            Some(Fork::Daemon(launch)) => Some(launch),
            None => None,
        };
        let ended = self.serve(logging, listening, &mut launch);
        if let (Err(error), Some(launch)) = (&ended, launch) {
            launch.failed(&describe(error));
        }
        ended
    }

    /// Serves. `launch` is taken when the daemon, if it is one, is ready.
    fn serve(
        self,
        logging: Option<Logging>,
        listening: impl Fn(&[String]),
        launch: &mut Option<Launch>,
    ) -> anyhow::Result<ExitCode> {
        let Program { setup, sources, configuration, planned } = self;
        let (global, options) = (&configuration.global, setup.options);
        let modes: Modes = global.get_or_default();

        let assembly = setup.assembly(&configuration);
        let mut diagnostics = Diagnostics::default();
        let Planned { engine: Plan { frontends, backends, inherited }, logs, commands } = planned;
        let backends = Arc::new(backends);
        let mut frontends: Vec<_> = frontends
            .into_iter()
            .map(|planned| assembly.bind(planned, &backends, &mut diagnostics))
            .collect();
        let commands = assemble::bind_commands(&assembly, commands, &mut diagnostics);
        setup.say(diagnostics, &sources, options.is_quiet(modes.quiet, false), false)?;
        commands.iter().try_for_each(|command| command.socket.publish())?;
        let sockets = || frontends.iter().flat_map(|frontend| &frontend.listeners);
        sockets().try_for_each(|listener| listener.socket.publish())?;
        InheritedSocket::release(inherited);
        let addresses: Vec<String> =
            sockets().map(|listener| listener.socket.local_addr().to_string()).collect();
        if addresses.is_empty() {
            bail!("there is nothing to listen on: no 'bind' line leads anywhere");
        }

        let config = limits(global, options, addresses.len())?;
        let pidfile = options.pidfile.as_deref().or_else(|| global.get::<Pidfile>().map(|file| &*file.0));
        if let Some(path) = pidfile.filter(|_| launch.is_some()) {
            write_pidfile(path)?;
        }
        let notifier = Notifier::new(std::env::var_os(notify::VARIABLE).as_deref()).unwrap_or_else(|error| {
            stdio::warning(&format!("the service manager is not told how things stand: {error}"));
            Notifier::silent()
        });
        // The time zone is read once, from files that may not be seen any more after this.
        date::read_time_zone();
        let confinement = confinement(global);
        // Whoever tries something out without a file of his own is not told how to run a service.
        if !options.files.is_empty() && !options.is_quiet(modes.quiet, false) {
            confinement.warnings().iter().for_each(|warning| stdio::warning(warning));
        }
        if let Some(remark) = confine(&confinement)? {
            stdio::warning(&remark);
        }

        let map: CpuMap = global.get_or_default();
        map.warnings(config.workers, &available()?).iter().for_each(|warning| stdio::warning(warning));

        // From here on a signal no longer ends the process by itself.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the main thread has no runtime")?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals::listen().context("signals cannot be listened for")?
        };
        launch.as_ref().map(Launch::leave_terminal).transpose()?;
        let sink = Sink::start(Limits::default(), |lost| stdio::warning(&lost.to_string()))
            .context("the thread that writes logs cannot be made")?;
        let observer: Arc<dyn Observer> = match logging {
            Some(Logging { observer, wanted }) => {
                let moment = if wanted { LogMoment::Ended } else { LogMoment::Never };
                for frontend in &mut frontends {
                    frontend.log = LogOptions { moment, connections: wanted, ..LogOptions::default() };
                }
                observer(&sink)
            }
            None => {
                frontends.iter_mut().zip(logs).for_each(|(frontend, logs)| logs.start(frontend, &sink));
                Arc::new(Notices::new(&sink))
            }
        };
        let pinned = move |worker| pin(&map, worker);
        let (workers, maxconn) = (config.workers, config.maxconn);
        let engine = Engine::start_with(config, frontends, observer, pinned)?;
        let process = Process::new(global, workers, maxconn);
        let handle = Handle::new(&engine, backends.values().cloned().collect());
        let admin = match commands.is_empty() {
            true => None,
            false => Some(start_admin(commands, process, handle, global)?),
        };
        listening(&addresses);
        if !options.is_quiet(modes.quiet, false) {
            stdio::notice(&format!("ready, {workers} workers, at most {maxconn} connections"));
        }
        if let Err(error) = notifier.ready() {
            stdio::warning(&format!("the service manager does not take READY=1: {error}"));
        }
        launch.take().map(Launch::ready).transpose()?;

        let limit = global.get::<HardStopAfter>().map(|limit| limit.0);
        let asked = runtime.block_on(until_stopped(&engine, &mut signals, HardStop::after(limit), &notifier));
        // The manager may be gone by now, and nothing depends on it.
        let _ = notifier.stopping();
        drop((admin, engine));
        sink.finish(LAST_LINES);
        if asked { Ok(ExitCode::SUCCESS) } else { bail!("no listener is left") }
    }
}

/// Serves the runtime sockets, with the values that the linked commands work on.
fn start_admin(
    sockets: Vec<AdminSocket>,
    process: Process,
    engine: Handle,
    global: &Values,
) -> anyhow::Result<Admin> {
    let uptime = Uptime::since(process.since());
    let mut facts = Values::default();
    facts.set(process);
    facts.set(engine);
    Ok(Admin::start(sockets, Commands::linked()?, facts, uptime, AdminLimits::from_global(global))?)
}

/// What the launcher of a daemon has to say, and its exit code.
fn launcher(launched: &Launched) -> ExitCode {
    if let Launched::Ended { pid, status, why } = launched {
        if !why.is_empty() {
            stdio::error(why);
        }
        stdio::error(&format!("the daemon ({pid}) ended before it was ready: {status}"));
    }
    ExitCode::from(launched.code())
}

/// What each worker does first: it settles on its CPUs.
fn pin(map: &CpuMap, worker: usize) {
    if let Some(cpus) = map.of(worker)
        && let Err(error) = pin_this_thread(cpus)
    {
        // It serves all the same, elsewhere.
        stdio::warning(&format!("worker {worker} stays where it is: {error}"));
    }
}

/// The variables that HAProxy sets for its configuration.
fn own_variables(setup: &Setup<'_>, sources: &Sources) -> Vec<(&'static str, String)> {
    let files: Vec<&str> = sources.files().map(|file| sources.name(file)).collect();
    let branch = facts::SPOKEN.split('-').next().unwrap_or_default();
    vec![
        ("HAPROXY_VERSION", facts::SPOKEN.to_owned()),
        ("HAPROXY_BRANCH", branch.to_owned()),
        ("HAPROXY_CFGFILES", files.join(";")),
        ("HAPROXY_LOCALPEER", setup.options.local_peer.clone().unwrap_or_else(proxy_log::hostname)),
        ("HAPROXY_HTTP_LOG_FMT", forms::HTTP.to_owned()),
        ("HAPROXY_HTTP_CLF_LOG_FMT", forms::HTTP_CLF.to_owned()),
        ("HAPROXY_HTTPS_LOG_FMT", forms::HTTPS.to_owned()),
        ("HAPROXY_TCP_LOG_FMT", forms::TCP.to_owned()),
        ("HAPROXY_TCP_CLF_LOG_FMT", forms::TCP_CLF.to_owned()),
    ]
}

/// Whether it was a signal that ended it.
async fn until_stopped(
    engine: &Engine,
    signals: &mut Signals,
    mut hard_stop: HardStop,
    notifier: &Notifier,
) -> bool {
    let mut over = std::pin::pin!(engine.over());
    let mut asked = false;
    loop {
        tokio::select! {
            () = &mut over => return asked,
            () = hard_stop.over() => return true,
            request = signals.asked() => match request {
                Asked::Stop(Request::StopNow) => return true,
                Asked::Stop(Request::StopSoftly) => {
                    asked = true;
                    engine.stop_softly();
                    let _ = notifier.status("waiting for the last connections to end");
                    hard_stop.begin();
                }
                Asked::State => {
                    for frontend in engine.frontends() {
                        let tally = frontend.counters();
                        let (name, current, total) = (frontend.name(), tally.current(), tally.total());
                        stdio::notice(&format!("frontend {name}: {current} connections now, {total} in all"));
                    }
                }
                Asked::Memory => stdio::notice("unused memory is given back by the allocator as it sees fit"),
            },
        }
    }
}

/// Checks configurations and says nothing more than that.
pub(crate) fn check(setup: &Setup<'_>, sources: &Sources) -> ExitCode {
    match Program::read(setup, sources) {
        Err(Unusable) => ExitCode::FAILURE,
        Ok(_) if setup.options.verbose => match stdio::out("Configuration file is valid") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Ok(_) => ExitCode::SUCCESS,
    }
}
