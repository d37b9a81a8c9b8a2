//! The program under test: `braid` or a HAProxy, started with a configuration file of its own.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use braid_tests::binary::braid_binary;
use braid_tests::process::Process;
use socket2::Socket;

use crate::peers::LIMIT;
use crate::scenario::Version;

/// Names the HAProxy that the table is checked with.
const BRAID_HAPROXY: &str = "BRAID_HAPROXY";

/// How Braid refuses what it knows of HAProxy's language and does not serve.
const NOT_YET: &str = "not supported yet";

/// What is started.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// For messages.
    pub(crate) name: &'static str,
    path: PathBuf,
    /// Of a HAProxy: which. Braid says itself which rows it cannot play.
    pub(crate) version: Option<Version>,
}

impl Program {
    /// What this project builds.
    pub(crate) fn braid() -> Self {
        let _alone = without_forks();
        Self { name: "braid", path: braid_binary().unwrap().to_owned(), version: None }
    }

    /// A HAProxy, or why there is none.
    pub(crate) fn haproxy() -> Result<Self, String> {
        let path = env::var_os(BRAID_HAPROXY).unwrap_or_else(|| OsString::from("haproxy"));
        let _alone = without_forks();
        let output = Command::new(&path).arg("-v").output();
        let output = output.map_err(|error| format!("no {}: {error}", Path::new(&path).display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = version(&text).ok_or_else(|| format!("no version in {text:?}"))?;
        Ok(Self { name: "haproxy", path: path.into(), version: Some(version) })
    }

    /// What Braid says if `config` has something that it knows but does not serve yet.
    pub(crate) fn refusal(&self, config: &Path, listener: &Socket) -> Option<String> {
        if self.version.is_some() {
            return None;
        }
        let check = self.spawn("-c", config, listener);
        check.wait_for_exit(LIMIT).unwrap();
        let said = check.wait_for_line(NOT_YET, LIMIT).ok()?;
        Some(said.rsplit(" : ").next().unwrap_or_default().to_owned())
    }

    /// Starts it with `config`; `listener` is inherited under its number.
    pub(crate) fn start(&self, config: &Path, listener: &Socket) -> Process {
        // In the foreground, also if it would find a reason to do otherwise.
        self.spawn("-db", config, listener)
    }

    fn spawn(&self, flag: &str, config: &Path, listener: &Socket) -> Process {
        let mut command = Command::new(&self.path);
        command.arg(flag).arg("-f").arg(config);
        let _alone = without_forks();
        listener.set_cloexec(false).unwrap();
        let process = Process::start(command);
        listener.set_cloexec(true).unwrap();
        process.unwrap()
    }
}

/// While it is held nothing is started, and everything that was is past the moment in which it has all descriptors of
/// this process. One row must not hold the door of another, nor a connection that is to end at once.
pub(crate) fn without_forks() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From `HAProxy version 3.2.1-... ` to 3.2.
fn version(text: &str) -> Option<Version> {
    let (_, rest) = text.split_once("version ")?;
    let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some(Version(numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// A directory that is removed with its files.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// For the row of this name; short, because the path of a socket has to be.
    pub(crate) fn new(name: &str) -> Self {
        // Rows of two groups may have one name.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("braid-{}-{count}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
