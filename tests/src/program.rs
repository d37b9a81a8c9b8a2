//! The program that a table of expectations is about: `braid`, or the HAProxy whose behaviour is its measure, started
//! with a configuration file and one inherited listener.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use socket2::Socket;

use crate::binary::braid_binary;
use crate::error::Result;
use crate::forks::{start_with, without_forks};
use crate::process::Process;
use crate::row_failure::RowFailure;

/// Names the HAProxy that tables are checked with.
const BRAID_HAPROXY: &str = "BRAID_HAPROXY";
/// How Braid refuses what it knows of HAProxy's language and does not serve.
const NOT_YET: &str = "not supported yet";
/// A configuration is checked in milliseconds; a machine with other work may make it seconds.
const LIMIT: Duration = Duration::from_secs(20);

/// A version of HAProxy, without the part that only counts its corrections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16);

impl Version {
    /// From `HAProxy version 3.2.1-... ` to 3.2.
    fn of_output(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("version ")?;
        let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).map(str::parse);
        Some(Self(numbers.next()?.ok()?, numbers.next()?.ok()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// What is started.
#[derive(Clone, Debug)]
pub struct Program {
    /// For messages.
    pub name: &'static str,
    path: PathBuf,
    /// Of a HAProxy: which. Braid says itself what it cannot do.
    pub version: Option<Version>,
}

impl Program {
    /// What this project builds.
    pub fn braid() -> Result<Self> {
        let _alone = without_forks();
        Ok(Self { name: "braid", path: braid_binary()?.to_owned(), version: None })
    }

    /// A HAProxy, or why there is none.
    pub fn haproxy() -> std::result::Result<Self, String> {
        let path = env::var_os(BRAID_HAPROXY).unwrap_or_else(|| OsString::from("haproxy"));
        let _alone = without_forks();
        let output = Command::new(&path).arg("-v").output();
        let output = output.map_err(|error| format!("no {}: {error}", Path::new(&path).display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = Version::of_output(&text).ok_or_else(|| format!("no version in {text:?}"))?;
        Ok(Self { name: "haproxy", path: path.into(), version: Some(version) })
    }

    /// Why what a HAProxy does since this version cannot be asked of it, if so.
    pub fn is_too_old(&self, since: Version) -> Option<String> {
        self.version.is_some_and(|version| version < since).then(|| format!("needs version {since}"))
    }

    /// Starts it with `config`; `listener` is inherited under its number. Braid is asked first whether `config` has
    /// something that it knows but does not serve yet.
    pub fn start(&self, config: &Path, listener: &Socket) -> std::result::Result<Process, RowFailure> {
        if self.version.is_none() {
            let check = self.spawn("-c", config, listener)?;
            check.wait_for_exit(LIMIT).map_err(|error| error.to_string())?;
            if let Ok(said) = check.wait_for_line(NOT_YET, LIMIT) {
                return Err(RowFailure::Unsupported(
                    said.rsplit(" : ").next().unwrap_or_default().to_owned(),
                ));
            }
        }
        // In the foreground, also if it would find a reason to do otherwise.
        Ok(self.spawn("-db", config, listener)?)
    }

    fn spawn(&self, flag: &str, config: &Path, listener: &Socket) -> Result<Process> {
        let mut command = Command::new(&self.path);
        command.arg(flag).arg("-f").arg(config);
        start_with(command, listener)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_and_compared() {
        let version = Version::of_output("HAProxy version 3.2.1-abc 2026/01/01 - https://haproxy.org/\n");
        assert_eq!(version, Some(Version(3, 2)));
        assert_eq!(Version::of_output("something else"), None);
        let program = Program { name: "haproxy", path: PathBuf::new(), version };
        assert_eq!(program.is_too_old(Version(3, 2)), None);
        assert_eq!(program.is_too_old(Version(3, 10)).as_deref(), Some("needs version 3.10"));
        assert_eq!(Program { version: None, ..program }.is_too_old(Version(9, 0)), None);
    }
}
