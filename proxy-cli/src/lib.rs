//! The command line and the life of the process: everything of the program except the transports.
//!
//! A binary links transports and calls [`main`]; this crate does not know which ones they are.

mod assemble;
mod commandline;
mod commands;
mod demo;
mod forward;
mod limits;
mod listing;
mod notify;
mod probe;
mod process;
mod program;
mod reference;
mod settings;
mod setup;
mod span;
mod stdio;

use std::collections::BTreeSet;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use proto_core::Registry;
use proto_core::address::ProcessEnvironment;
use proto_core::kernel::Kernel;
use proxy_admin::Commands;
use proxy_config::condition::{Facts as _, evaluate_line};
use proxy_config::{Language, Sources, entries};
use proxy_engine::config::resolve::{Resolver, SystemResolver};
use proxy_layers as _;
use proxy_tls as _;

use crate::commandline::{Command, Condition, Options, Switches, facts, version};
use crate::program::Program;
use crate::setup::{Setup, Unusable};

/// Runs the program. Returns HAProxy's exit codes: 0 on success, 1 if it failed or the command line was wrong.
pub fn main() -> ExitCode {
    // Before the program opens any descriptor.
    let descriptors = process::open_descriptors();
    let command = match commandline::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            stdio::error(&format!("{error}\nusage: braid -f FILE | braid | braid -h"));
            return ExitCode::from(commandline::USAGE_STATUS);
        }
    };
    match run(command, &descriptors) {
        Ok(code) => code,
        // Each mistake has been reported.
        Err(error) if error.is::<Unusable>() => ExitCode::FAILURE,
        Err(error) => {
            stdio::error(&describe(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, descriptors: &BTreeSet<RawFd>) -> anyhow::Result<ExitCode> {
    let text = match &command {
        Command::Help => Some(commandline::help()),
        Command::Version(kind) => Some(version::version(*kind)),
        Command::Man => Some(commandline::man()),
        Command::Completions(shell) => Some(commandline::completions(*shell)),
        _ => None,
    };
    if let Some(text) = text {
        return stdio::out(&text).map(|()| ExitCode::SUCCESS);
    }
    let registry = Registry::linked().context("this binary is assembled wrongly")?;
    let language = Language::linked(&registry).context("this binary is assembled wrongly")?;
    entries::check_all().context("this binary is assembled wrongly")?;
    Commands::linked(&registry).context("this binary is assembled wrongly")?;
    proxy_rules::check_samples(&registry).context("this binary is assembled wrongly")?;
    let (kernel, environment) = (Kernel::detect(), ProcessEnvironment);
    let resolver: Arc<dyn Resolver> = Arc::new(SystemResolver);
    let facts = |switches: Switches| facts::Program::new(switches, &kernel, &environment);
    let with = |options: &Options, act: &dyn Fn(&Setup<'_>) -> anyhow::Result<ExitCode>| {
        act(&Setup {
            registry: &registry,
            language: &language,
            kernel: &kernel,
            resolver: &resolver,
            environment: &environment,
            facts: &facts(options.switches),
            options,
            descriptors,
            any_port: false,
        })
    };
    let plain = Options::default();
    match command {
        Command::Help | Command::Version(_) | Command::Man | Command::Completions(_) => Ok(ExitCode::SUCCESS),
        Command::Listing => {
            let build = version::build(|name| facts(plain.switches).feature(name));
            stdio::out(&format!("{build}\n\n{}", listing::all(&registry)))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::DumpKeywords => {
            stdio::out(&reference::page(&language, &registry))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Condition(Condition { expression, switches }) => {
            Ok(match evaluate_line(&expression, &environment, &facts(switches)) {
                Ok(true) => ExitCode::SUCCESS,
                Ok(false) => ExitCode::FAILURE,
                Err(mistake) => {
                    stdio::error(&mistake.to_string());
                    ExitCode::from(2)
                }
            })
        }
        Command::Default => with(&plain, &|setup| demo::run(setup)),
        Command::Forward(words) => match forward::Forward::from_arguments(words)? {
            forward::Asked::Help => stdio::out(forward::arguments::HELP).map(|()| ExitCode::SUCCESS),
            forward::Asked::Forward(forward) => with(&plain, &|setup| forward::run(setup, &forward)),
        },
        Command::Probe(words) => match probe::arguments::parse(words) {
            Ok(probe::arguments::Asked::Help) => {
                stdio::out(probe::arguments::HELP).map(|()| ExitCode::SUCCESS)
            }
            Ok(probe::arguments::Asked::Probe(probe)) => with(&plain, &|setup| probe::run(setup, &probe)),
            Err(error) => {
                stdio::error(&describe(&error));
                Ok(ExitCode::from(2))
            }
        },
        Command::Check(options) => {
            let sources = load(&options)?;
            with(&options, &|setup| Ok(program::check(setup, &sources)))
        }
        Command::Run(options) => {
            let sources = load(&options)?;
            with(&options, &|setup| {
                let program = Program::read(setup, &sources)?;
                program.run(None, |addresses| {
                    if setup.options.verbose {
                        addresses
                            .iter()
                            .for_each(|address| stdio::notice(&format!("listening on {address}")));
                    }
                })
            })
        }
    }
}

/// Reads the files of a configuration. Relative paths start at the directory of `-C`.
fn load(options: &Options) -> anyhow::Result<Sources> {
    if let Some(directory) = &options.directory {
        std::env::set_current_dir(directory)
            .with_context(|| format!("cannot change to the directory {}", directory.display()))?;
    }
    let mut sources = Sources::default();
    options.files.iter().map(PathBuf::as_path).try_for_each(|path: &Path| sources.load(path))?;
    Ok(sources)
}

/// Formats an error with its causes; a cause that the text contains already is not repeated.
fn describe(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .reduce(|text, cause| match text.ends_with(&cause) {
            true => text,
            false => format!("{text}: {cause}"),
        })
        .unwrap_or_default()
}
