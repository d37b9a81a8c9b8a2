//! The command line.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use anyhow::Context;
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
braid-cost: instructions and heap of braid per request, connection and idle connection, counted by valgrind

  --braid FILE   the binary to measure, several times to compare with the first;
                 unless given, the `braid` in the folder of this program
  --layers TEXT  layers that clients of the binary before it pass, such as `lz+`
  --only TEXT    only cases whose name contains TEXT
";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Measure { subjects: Vec<Subject>, only: Option<String> },
}

/// A binary, and the layers that clients connect through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) binary: PathBuf,
    /// The prefix of the address that it listens on.
    pub(crate) layers: String,
}

impl Subject {
    pub(crate) fn new(binary: impl Into<PathBuf>) -> Subject {
        Subject { binary: binary.into(), layers: String::new() }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.binary.display())?;
        if self.layers.is_empty() { Ok(()) } else { write!(f, " with {}", self.layers) }
    }
}

pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> anyhow::Result<Command> {
    let mut parser = Parser::from_args(args);
    let (mut subjects, mut only) = (Vec::new(), None);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long("braid") => subjects.push(Subject::new(parser.value()?)),
            Arg::Long("layers") => {
                let last: &mut Subject =
                    subjects.last_mut().context("--layers belongs to the --braid before it")?;
                last.layers = parser.value()?.string()?;
            }
            Arg::Long("only") => only = Some(parser.value()?.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if subjects.is_empty() {
        let own = env::current_exe().context("find the folder of this program")?;
        subjects.push(Subject::new(own.with_file_name("braid")));
    }
    Ok(Command::Measure { subjects, only })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> anyhow::Result<Command> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn binaries_keep_their_order_and_default_to_a_neighbour() {
        let line = "--braid old --only http --braid new --layers lz+";
        let Ok(Command::Measure { subjects, only }) = parsed(line) else { panic!("not a measurement") };
        let new = Subject { layers: "lz+".to_owned(), ..Subject::new("new") };
        assert_eq!((subjects, only.as_deref()), (vec![Subject::new("old"), new], Some("http")));
        let Ok(Command::Measure { subjects, only: None }) = parsed("") else { panic!("not a measurement") };
        let [Subject { binary, .. }] = &subjects[..] else { panic!("{subjects:?}") };
        assert!(binary.ends_with("braid") && binary.is_absolute());
    }

    #[test]
    fn wrong_lines_are_refused() {
        for line in ["--braid", "--what", "word", "--only", "--layers lz+"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
