//! The command `braid-cost`: what braid costs per request, per connection and per idle connection, measured by
//! valgrind.
//!
//! Counted instructions and bytes do not depend on clock speed or on other work on the machine, so a change of one
//! percent is visible. They do not include the kernel or cache misses: `braid-load compare-http` measures CPU time.
//!
//! ```text
//! for each case and each binary:
//!   run with `few` units, run with `many` units   braid under valgrind; client and origin in this process
//!   figure = (total of `many` - total of `few`) / (many - few)
//! ```

mod callgrind;
mod cases;
mod cli;
mod folder;
mod massif;
mod measure;
mod one_core;
mod peers;
mod proxy;
mod quiet;
mod sink;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;

use crate::cases::CASES;
use crate::cli::Command;
use crate::folder::Folder;
use crate::table::Table;

fn main() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, the error cannot be reported.
            let _ = writeln!(io::stderr(), "braid-cost: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn work() -> anyhow::Result<()> {
    let (subjects, only) = match cli::parse(std::env::args_os().skip(1))? {
        Command::Help => return say(cli::USAGE.trim_end()),
        Command::Measure { subjects, only } => (subjects, only),
    };
    let valgrind = proxy::valgrind_version()?;
    // A limit that stays too low appears as an error of the connection that exceeds it.
    let _ = braid_load::raise_file_limit();
    one_core::pin()?;
    let folder = Folder::new().context("make a folder for configurations and results")?;
    let mut table = Table::new(&valgrind, &subjects);
    for case in CASES.iter().filter(|case| only.as_ref().is_none_or(|only| case.name.contains(only))) {
        let mut figures = Vec::new();
        for subject in &subjects {
            let _ = writeln!(io::stderr(), "{}, {subject} ...", case.name);
            let figure = measure::measure(case, subject, &folder);
            figures.push(figure.with_context(|| format!("{}, {subject}", case.name))?);
        }
        table.add(case, figures);
    }
    say(table.to_string().trim_end())
}

fn say(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{text}").context("write to standard output")
}
