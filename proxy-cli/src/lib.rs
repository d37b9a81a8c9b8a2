//! The command line and the life of the process: everything of the program but the transports it is made with.
//!
//! A binary links transports and calls [`main`]; which ones they are this crate never learns.

mod assemble;
#[allow(dead_code, reason = "the assembly of a program without a configuration calls it")]
mod demo;
mod forward;
mod listing;
#[allow(dead_code, reason = "the life of a configured program calls it")]
mod notify;
mod probe;
mod process;
mod serve;
mod settings { pub(crate) struct CpuMap; impl CpuMap { pub(crate) const THREADS: usize = 64; } }
mod stdio;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use proto_core::Registry;
use proto_core::address::ProcessEnvironment;
use proto_core::kernel::Kernel;
use proxy_config::condition::{Facts, Version};
use proxy_config::{Language, Sources};
use proxy_engine::resolve::{Resolver, SystemResolver};

use crate::serve::{Program, Setup};

struct Temporary;

impl Facts for Temporary {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").expect("a version")
    }
    fn feature(&self, name: &str) -> bool {
        name == "THREAD"
    }
    fn enabled(&self, _: &str) -> bool {
        false
    }
    fn defined(&self, name: &str) -> bool {
        std::env::var_os(name).is_some()
    }
}

/// The program. Returns 0 if it did what it was asked, 1 if it could not, 2 if it was asked wrongly.
pub fn main() -> ExitCode {
    let registry = match Registry::linked() {
        Ok(registry) => registry,
        Err(error) => {
            stdio::error(&format!("this binary is assembled wrongly: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let language = match Language::linked(&registry) {
        Ok(language) => language,
        Err(error) => {
            stdio::error(&format!("this binary is assembled wrongly: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let kernel = Kernel::detect();
    let resolver: Arc<dyn Resolver> = Arc::new(SystemResolver);
    let setup = Setup {
        registry: &registry,
        language: &language,
        kernel: &kernel,
        resolver: &resolver,
        environment: &ProcessEnvironment,
        facts: &Temporary,
        any_port: false,
        zero_warning: false,
        diagnose: false,
        quiet: false,
    };
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let result = if arguments.first().is_some_and(|word| word == "forward") {
        match forward::Forward::from_arguments(arguments.split_off(1)) {
            Ok(forward::Asked::Forward(forward)) => forward::run(&setup, &forward),
            Ok(forward::Asked::Help) => stdio::out(forward::arguments::HELP),
            Err(error) => Err(error),
        }
    } else {
        let mut sources = Sources::default();
        let mut check = false;
        let mut words = arguments.into_iter();
        while let Some(word) = words.next() {
            if word == "-f" {
                let file = words.next().unwrap_or_default();
                if let Err(error) = sources.load(std::path::Path::new(&file)) {
                    stdio::error(&error.to_string());
                    return ExitCode::FAILURE;
                }
            }
            check |= word == "-c";
        }
        if check {
            return serve::check(&setup, &sources, true);
        }
        match Program::read(&setup, &sources) {
            Ok(program) => program.run(None, |_| {}),
            Err(_) => return ExitCode::FAILURE,
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stdio::error(&describe(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes; those that it has named itself are not said again.
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
