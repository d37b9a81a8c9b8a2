//! The program that a table of expectations tests: `braid`, or the HAProxy whose behaviour is the reference, started
//! with a configuration file and one inherited listener.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use socket2::Socket;

use crate::binary::braid_binary;
use crate::directory::Directory;
use crate::error::Result;
use crate::forks::{start_with, without_forks};
use crate::ns::Namespace;
use crate::process::Process;
use crate::row_failure::RowFailure;
use crate::sys;

/// The variable with the HAProxy that tables are checked with.
const BRAID_HAPROXY: &str = "BRAID_HAPROXY";
/// The text with which Braid refuses what it knows of HAProxy's language and does not support.
const NOT_YET: &str = "not supported yet";
/// The longest time of a check. It takes milliseconds; on a busy machine it can take seconds.
const LIMIT: Duration = Duration::from_secs(20);

/// A version of HAProxy, without its patch number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16);

impl Version {
    /// Reads 3.2 from `HAProxy version 3.2.1-... `.
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

/// A program that can be started.
#[derive(Clone, Debug)]
pub struct Program {
    /// The name, for messages.
    pub name: &'static str,
    path: PathBuf,
    /// The version of a HAProxy. Braid reports itself what it does not support.
    pub version: Option<Version>,
}

impl Program {
    /// Returns the program that this project builds.
    pub fn braid() -> Result<Self> {
        let _alone = without_forks();
        Ok(Self { name: "braid", path: braid_binary()?.to_owned(), version: None })
    }

    /// Returns the HAProxy to compare with, or why there is none.
    pub fn haproxy() -> std::result::Result<Self, String> {
        let path = env::var_os(BRAID_HAPROXY).unwrap_or_else(|| OsString::from("haproxy"));
        let _alone = without_forks();
        let output = Command::new(&path).arg("-v").output();
        let output = output.map_err(|error| format!("no {}: {error}", Path::new(&path).display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = Version::of_output(&text).ok_or_else(|| format!("no version in {text:?}"))?;
        Ok(Self { name: "haproxy", path: path.into(), version: Some(version) })
    }

    /// Returns the reason to skip what HAProxy does since a version, if this one is older.
    pub fn is_too_old(&self, since: Version) -> Option<String> {
        self.version.is_some_and(|version| version < since).then(|| format!("needs version {since}"))
    }

    /// Starts it with `config`; `listener` is inherited under its number. For Braid it is checked first whether
    /// `config` has something that it knows but does not support yet.
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
        // In the foreground, whatever the configuration says.
        Ok(self.spawn("-db", config, listener)?)
    }

    /// Starts it inside a namespace with `config`; `listener` is inherited under its number.
    ///
    /// # Errors
    /// Returns an error if it cannot be started.
    pub fn start_inside(&self, config: &Path, listener: OwnedFd, namespace: &Namespace) -> Result<Process> {
        let mut command = Command::new(&self.path);
        command.arg("-db").arg("-f").arg(config);
        sys::inherit(&mut command, listener);
        namespace.spawn(command)
    }

    /// Starts it with these arguments.
    ///
    /// # Errors
    /// Returns an error if it cannot be started.
    pub fn start_with(&self, arguments: &[&str]) -> Result<Process> {
        let mut command = Command::new(&self.path);
        command.args(arguments);
        Process::start(command)
    }

    fn spawn(&self, flag: &str, config: &Path, listener: &Socket) -> Result<Process> {
        let mut command = Command::new(&self.path);
        command.arg(flag).arg("-f").arg(config);
        start_with(command, listener)
    }
}

/// Starts Braid with a configuration in which `{log}` stands for a log target and `{fd}` for the number of `listener`.
/// The file is in `directory`.
pub fn start_braid(
    config: &str,
    directory: &Directory,
    log: &str,
    listener: &Socket,
) -> std::result::Result<Process, RowFailure> {
    let config = config.replace("{log}", log).replace("{fd}", &listener.as_raw_fd().to_string());
    let file = directory.file("cfg");
    fs::write(&file, config)?;
    Program::braid()?.start(&file, listener)
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
