//! The command line: HAProxy's flags, each with a long form, and what Braid adds.
//!
//! The flags are in one table, [`flags::FLAGS`]; the parser, `-h`, the man page and the completions of three shells are
//! made from it. Nothing here opens a file or prints: a command line becomes a [`Command`], and texts are strings.
//!
//! The words after `forward` and `probe` are not parsed here, but passed on unchanged.

mod completions;
mod error;
pub(crate) mod facts;
mod flags;
#[cfg(test)]
mod generated;
mod help;
mod man;
mod options;
mod parse;
mod reading;
mod shell;
mod subcommands;
#[cfg(test)]
mod tests;
mod values;
pub(crate) mod version;

use std::ffi::OsString;

pub(crate) use completions::completions;
pub(crate) use error::USAGE_STATUS;
pub(crate) use help::help;
pub(crate) use man::man;
pub(crate) use options::{Life, Options, Switches};
pub(crate) use parse::parse;
pub(crate) use shell::Shell;

/// The command that the command line selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Run the embedded configuration: there are no arguments.
    Default,
    /// Read the configuration and serve.
    Run(Options),
    /// `-c`: read the configuration and check it.
    Check(Options),
    /// `-cc`: evaluate a condition.
    Condition(Condition),
    /// `-v` and its short forms: [`version::version`].
    Version(version::Kind),
    /// `-vv`: [`version::build`], followed by what is linked.
    Listing,
    /// `-h`: [`help`].
    Help,
    /// `--dump-keywords`.
    DumpKeywords,
    /// `--man`: [`man`].
    Man,
    /// `--completions`: [`completions`].
    Completions(Shell),
    /// `forward` and the words after it.
    Forward(Vec<OsString>),
    /// `probe` and the words after it.
    Probe(Vec<OsString>),
}

/// A condition, and the switches that it may refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) expression: String,
    pub(crate) switches: Switches,
}
