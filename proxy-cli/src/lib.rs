//! The command line and the life of the process: everything of the program but the transports it is made with.
//!
//! A binary links transports and calls [`main`]; which ones they are this crate never learns.

mod cli;
mod endpoints;
mod forward;
mod journal;
mod line;
mod listing;
mod process;
mod stdio;

use std::process::ExitCode;

use proto_core::Registry;

use crate::cli::Command;

/// The program. Returns 0 if it did what it was asked, 1 if it could not, 2 if it was asked wrongly.
pub fn main() -> ExitCode {
    let command = match Command::from_arguments(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            stdio::error(&format!("{}\n{}", describe(&error), cli::USAGE));
            return ExitCode::from(2);
        }
    };
    let registry = match Registry::linked() {
        Ok(registry) => registry,
        Err(error) => {
            stdio::error(&format!("this binary is assembled wrongly: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let result = match command {
        Command::Help => stdio::out(cli::HELP),
        Command::Version => stdio::out(&listing::version()),
        Command::Listing => stdio::out(&listing::all(&registry)),
        Command::Forward(forward) => forward::run(&registry, &forward),
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
