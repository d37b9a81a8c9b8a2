//! The command line.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Context;
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
braid-cost: instructions and heap of braid per request, connection and idle connection, counted by valgrind

  --braid FILE   the binary to measure, several times to compare with the first;
                 unless given, the `braid` in the folder of this program
  --only TEXT    only cases whose name contains TEXT
";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Measure { binaries: Vec<PathBuf>, only: Option<String> },
}

pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> anyhow::Result<Command> {
    let mut parser = Parser::from_args(args);
    let (mut binaries, mut only) = (Vec::new(), None);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long("braid") => binaries.push(parser.value()?.into()),
            Arg::Long("only") => only = Some(parser.value()?.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if binaries.is_empty() {
        let own = env::current_exe().context("find the folder of this program")?;
        binaries.push(own.with_file_name("braid"));
    }
    Ok(Command::Measure { binaries, only })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> anyhow::Result<Command> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn binaries_keep_their_order_and_default_to_a_neighbour() {
        let Ok(Command::Measure { binaries, only }) = parsed("--braid old --only http --braid new") else {
            panic!("not a measurement")
        };
        assert_eq!((binaries, only.as_deref()), (vec!["old".into(), "new".into()], Some("http")));
        let Ok(Command::Measure { binaries, only: None }) = parsed("") else { panic!("not a measurement") };
        assert!(matches!(&binaries[..], [one] if one.ends_with("braid") && one.is_absolute()));
    }

    #[test]
    fn wrong_lines_are_refused() {
        for line in ["--braid", "--what", "word", "--only"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
