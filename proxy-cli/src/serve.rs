//! From a configuration to a program that serves: read, planned, bound, started, and stopped by a signal.
//!
//! ```text
//!  read ─► Program (checked) ─ bind ─► sockets ─ privileges dropped ─► engine, logs, runtime socket ─► signals ─► end
//! ```

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use proto_core::Registry;
use proto_core::address::{Environment, InheritedSocket};
use proto_core::kernel::Kernel;
use proxy_config::condition::Facts;
use proxy_config::diagnostic::{Form, render};
use proxy_config::{Configuration, Diagnostics, Language, Reader, Sources, Variables};
use proxy_engine::resolve::Resolver;
use proxy_engine::settings::MaxConn;
use proxy_engine::{Config, Engine, Observer};
use proxy_log::{Limits, Sink};
use proxy_relay::ScratchConfig;

use crate::assemble::{Assembly, Plan, TrafficLog};
use crate::process::{Request, Signals, open_files};
use crate::stdio;

/// Descriptors that are kept for other things than connections: standard streams, runtimes, listeners, logs.
const RESERVED_FILES: usize = 128;
/// Pipes for splicing in the whole process. Without CAP_SYS_RESOURCE the kernel allows a user 64 of a megabyte
/// (`fs.pipe-user-pages-soft`), and may give smaller ones after that.
const PIPES: usize = 64;
/// How long the end of the program waits for the last log lines to be taken.
const LAST_LINES: Duration = Duration::from_secs(2);

/// What a program is made with. All of it is injected.
#[derive(Clone, Copy)]
pub(crate) struct Setup<'s> {
    pub(crate) registry: &'s Registry,
    pub(crate) language: &'s Language,
    pub(crate) kernel: &'s Kernel,
    pub(crate) resolver: &'s Arc<dyn Resolver>,
    pub(crate) environment: &'s dyn Environment,
    pub(crate) facts: &'s dyn Facts,
    /// Whether `bind` takes port 0.
    pub(crate) any_port: bool,
    /// Whether warnings are as bad as mistakes.
    pub(crate) zero_warning: bool,
    /// Whether diagnoses are said (`-dD`).
    pub(crate) diagnose: bool,
    /// Whether nothing but mistakes is said.
    pub(crate) quiet: bool,
}

/// The configuration cannot be used; what is wrong with it has been said.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the configuration cannot be used")]
pub(crate) struct Unusable;

/// Who writes the logs, if not the configuration.
pub(crate) struct Logging {
    pub(crate) observer: Arc<dyn Observer>,
    /// Whether records of sessions are wanted.
    pub(crate) wanted: bool,
}

/// A configuration that was read, checked and planned.
pub(crate) struct Program<'s> {
    setup: Setup<'s>,
    sources: Sources,
    configuration: Configuration,
    plan: Plan,
}

impl<'s> Program<'s> {
    /// Reads a configuration and says all that is wrong with it.
    ///
    /// # Errors
    /// [`Unusable`].
    pub(crate) fn read(setup: &Setup<'s>, sources: &Sources) -> Result<Program<'s>, Unusable> {
        let mut diagnostics = Diagnostics::default();
        let variables = Variables::over(setup.environment);
        let reader = Reader {
            language: setup.language,
            registry: setup.registry,
            variables: &variables,
            facts: setup.facts,
            any_port: setup.any_port,
        };
        let configuration = reader.read(sources, &mut diagnostics);
        let plan = setup.assembly().plan(&configuration, &mut diagnostics);
        setup.say(diagnostics, sources)?;
        Ok(Program { setup: *setup, sources: sources.clone(), configuration, plan })
    }

    /// Whether clients can come in anywhere.
    pub(crate) fn has_listeners(&self) -> bool {
        self.plan.frontends.iter().any(|frontend| !frontend.places.is_empty())
    }

    /// Serves until a signal ends it. `listening` hears each address once all of them listen.
    ///
    /// # Errors
    /// When it cannot be started, or no listener is left.
    pub(crate) fn run(self, logging: Option<Logging>, listening: impl Fn(&str)) -> anyhow::Result<()> {
        let Program { setup, sources, configuration, plan } = self;
        let assembly = setup.assembly();
        let mut diagnostics = Diagnostics::default();
        let Plan { frontends, backends, inherited } = plan;
        let (mut frontends, logs): (Vec<_>, Vec<_>) =
            frontends.into_iter().map(|planned| assembly.bind(planned, &backends, &mut diagnostics)).unzip();
        setup.say(diagnostics, &sources)?;
        let sockets = || frontends.iter().flat_map(|frontend| &frontend.listeners);
        sockets().try_for_each(|listener| listener.socket.publish())?;
        InheritedSocket::release(inherited);
        let addresses: Vec<String> =
            sockets().map(|listener| listener.socket.local_addr().to_string()).collect();

        let config = limits(&configuration)?;
        // From here on a signal no longer ends the process by itself.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals::listen()?
        };
        let sink = Sink::start(Limits::default(), |lost| stdio::warning(&lost.to_string()))?;
        let observer = match logging {
            Some(Logging { observer, wanted }) => {
                let moment = if wanted { proxy_engine::LogMoment::Ended } else { proxy_engine::LogMoment::Never };
                for frontend in &mut frontends {
                    frontend.log = proxy_engine::LogOptions { moment, connections: wanted };
                }
                observer
            }
            None => {
                let numbers = frontends.iter().map(|frontend| frontend.id);
                Arc::new(TrafficLog::new(&sink, numbers.zip(logs)))
            }
        };
        let engine = Engine::start(config, frontends, observer)?;
        addresses.iter().for_each(|address| listening(address));
        stdio::notice(&format!("ready, {} workers, at most {} connections", config.workers, config.maxconn));

        let asked = runtime.block_on(until_stopped(&engine, &mut signals));
        drop(engine);
        sink.finish(LAST_LINES);
        if asked { Ok(()) } else { bail!("no listener is left") }
    }
}

impl Setup<'_> {
    fn assembly(&self) -> Assembly<'_> {
        Assembly { registry: self.registry, kernel: self.kernel, resolver: self.resolver }
    }

    /// Says what there is to say on standard error: to a person if that is a terminal, to a script otherwise.
    fn say(&self, diagnostics: Diagnostics, sources: &Sources) -> Result<(), Unusable> {
        let form = match std::io::stderr().is_terminal() {
            true => Form::Person { colour: std::env::var_os("NO_COLOR").is_none() },
            false => Form::Script { pid: std::process::id() },
        };
        let (usable, warnings, dropped) =
            (diagnostics.is_usable(), diagnostics.warnings(), diagnostics.dropped);
        for diagnostic in diagnostics.sorted() {
            use proxy_config::Severity::{Alert, Diagnosis, Notice, Warning};
            let said = match diagnostic.severity {
                Alert => true,
                Warning => !self.quiet || self.zero_warning,
                Notice => !self.quiet,
                Diagnosis => self.diagnose,
            };
            if said {
                stdio::diagnostic(&render(&diagnostic, sources, form));
            }
        }
        if dropped > 0 {
            stdio::error(&format!("{dropped} more mistakes and warnings"));
        }
        if usable && self.zero_warning && warnings > 0 {
            stdio::error("some warnings were found and 'zero-warning' is set");
            return Err(Unusable);
        }
        if usable { Ok(()) } else { Err(Unusable) }
    }
}

/// Whether it was a signal that ended it.
async fn until_stopped(engine: &Engine, signals: &mut Signals) -> bool {
    let mut over = std::pin::pin!(engine.over());
    let mut asked = false;
    loop {
        tokio::select! {
            () = &mut over => return asked,
            request = signals.next() => match request {
                Request::StopNow => return true,
                Request::StopSoftly => {
                    asked = true;
                    engine.stop_softly();
                }
            },
        }
    }
}

/// Workers and connections: as configured, or as many as this machine and the limit on open files allow.
fn limits(configuration: &Configuration) -> anyhow::Result<Config> {
    let files = open_files().context("cannot learn the limit on open files")?;
    let workers = std::thread::available_parallelism()?.get();
    let possible = connections(files);
    let maxconn = configuration.global.get::<MaxConn>().and_then(|maxconn| maxconn.limit());
    let maxconn = match maxconn.unwrap_or(possible) {
        0 => bail!("the limit on open files, {files}, leaves none for connections"),
        maxconn => maxconn,
    };
    if maxconn > possible {
        stdio::warning(&format!("the limit on open files, {files}, does not suffice for {maxconn} connections"));
    }
    let scratch = ScratchConfig { pipes: (PIPES / workers).max(1), ..ScratchConfig::default() };
    Ok(Config { workers, maxconn, scratch })
}

/// Connections that a limit on open files suffices for: two descriptors for each.
fn connections(files: usize) -> usize {
    files.saturating_sub(RESERVED_FILES + 2 * PIPES) / 2
}

/// Checks configurations and says nothing more than that.
pub(crate) fn check(setup: &Setup<'_>, sources: &Sources, verbose: bool) -> ExitCode {
    match Program::read(setup, sources) {
        Err(Unusable) => ExitCode::FAILURE,
        // HAProxy's code for a configuration with which nothing would be done.
        Ok(program) if !program.has_listeners() => ExitCode::from(2),
        Ok(_) if verbose => match stdio::out("Configuration file is valid") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Ok(_) => ExitCode::SUCCESS,
    }
}
