//! The command line: flags as HAProxy writes them, each with a long form for people, and what Braid adds.
//!
//! One table, [`flags::FLAGS`], says what there is; the parser, `-h`, the man page and the completions of three shells
//! are made from it. Nothing here opens a file or prints: a command line becomes a [`Command`], and texts are strings.
//!
//! Not here: what the words behind `forward` and `probe` mean. They are handed on as they came.

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

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// No arguments at all: the embedded configuration.
    Default,
    /// Read the configuration and serve.
    Run(Options),
    /// `-c`: read the configuration and say whether it is right.
    Check(Options),
    /// `-cc`: evaluate a condition.
    Condition(Condition),
    /// `-v` and its kin: [`version::version`].
    Version(version::Kind),
    /// `-vv`: [`version::build`], and behind it what is linked.
    Listing,
    /// `-h`: [`help`].
    Help,
    /// `--dump-keywords`.
    DumpKeywords,
    /// `--man`: [`man`].
    Man,
    /// `--completions`: [`completions`].
    Completions(Shell),
    /// `forward` and the words behind it.
    Forward(Vec<OsString>),
    /// `probe` and the words behind it.
    Probe(Vec<OsString>),
}

/// A condition, and the switches that it may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) expression: String,
    pub(crate) switches: Switches,
}
