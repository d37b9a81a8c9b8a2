//! Network namespaces, anonymous: held by a descriptor, without a name in the file system.
//!
//! When the last descriptor, thread and process of a namespace is gone the kernel removes it with all its
//! interfaces, also after a crash. A namespace belongs to a *thread*, so work inside one is done on a thread
//! of its own and the caller's thread never leaves its place.

use std::fmt;
use std::fs::{self, File};
use std::os::fd::{AsFd, OwnedFd};
use std::panic;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use crate::error::{Context, Result};
use crate::process::Process;
use crate::sys;

/// Settings of each new namespace: path and value below `/proc/sys`, and why.
const SETTINGS: [(&str, &str); 3] = [
    // A host may default to bbr, whose pacing makes short transfers depend on its probing; reno is always
    // built in.
    ("net.ipv4.tcp_congestion_control", "reno"),
    // A socket closed on a dead link holds its namespace until its FIN is no longer retried: about 3 s, not 100 s.
    ("net.ipv4.tcp_orphan_retries", "3"),
    // IPv6 addresses stay when a link goes down, as IPv4's do.
    ("net.ipv6.conf.all.keep_addr_on_down", "1"),
];

/// A network namespace. Clones are handles to the same one.
#[derive(Clone)]
pub struct Namespace {
    name: Arc<str>,
    fd: Arc<OwnedFd>,
}

impl Namespace {
    /// Makes a new namespace with its loopback down. The name is for messages only.
    pub(crate) fn bare(name: &str) -> Result<Self> {
        let make = || {
            sys::unshare_network()?;
            File::open("/proc/thread-self/ns/net")
        };
        let file = on_thread(make).context("make network namespace", name)?;
        let namespace = Self { name: name.into(), fd: Arc::new(file.into()) };
        for (key, value) in SETTINGS {
            namespace.set_sysctl(key, value)?;
        }
        Ok(namespace)
    }

    /// Runs `work` on a thread inside the namespace and returns its result; a panic in it is resumed in the caller.
    ///
    /// A socket made by `work` belongs to the namespace for good, wherever it is used afterwards.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        on_thread(|| sys::enter_network(self.fd.as_fd()).map(|()| work())).context("enter", self)
    }

    /// As [`run`](Self::run), for asynchronous work: the future runs on a single-threaded tokio runtime inside the
    /// namespace.
    pub fn block_on<T: Send, F: Future<Output = T>>(&self, work: impl FnOnce() -> F + Send) -> Result<T> {
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            Ok(runtime.block_on(async { work().await }))
        };
        self.run(run)?.context("start runtime in", self)
    }

    /// Starts a thread inside the namespace, for a server beside the test. Joining it resumes its panic.
    pub fn thread<T, W>(&self, work: W) -> Result<thread::JoinHandle<T>>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let namespace = self.clone();
        let (entered, outcome) = std::sync::mpsc::sync_channel(1);
        let body = move || {
            let result = sys::enter_network(namespace.fd.as_fd());
            let failed = result.is_err();
            drop(entered.send(result));
            // A failure is reported by this function, so the handle with this panic is never seen.
            assert!(!failed, "not inside the namespace");
            work()
        };
        let thread = thread::Builder::new().name(self.name.to_string()).spawn(body);
        let thread = thread.context("start thread in", self)?;
        outcome.recv().map_err(std::io::Error::other).flatten().context("enter", self)?;
        Ok(thread)
    }

    /// Starts a process inside the namespace.
    pub fn spawn(&self, mut command: Command) -> Result<Process> {
        sys::start_in_network(&mut command, Arc::clone(&self.fd));
        Process::start(command)
    }

    /// Sets a sysctl of the namespace, such as `net.mptcp.enabled`.
    pub fn set_sysctl(&self, key: &str, value: &str) -> Result<()> {
        let path = sysctl_path(key);
        self.run(|| fs::write(&path, value))?.context("set sysctl", format_args!("{key}={value} in {self}"))
    }

    /// Reads a sysctl of the namespace.
    pub fn sysctl(&self, key: &str) -> Result<String> {
        let path = sysctl_path(key);
        let text = self.run(|| fs::read_to_string(&path))?;
        Ok(text.context("read sysctl", format_args!("{key} in {self}"))?.trim_end().to_owned())
    }

    pub(crate) fn fd(&self) -> &OwnedFd {
        &self.fd
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "namespace {}", self.name)
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Namespace({})", self.name)
    }
}

/// `/proc/sys/net` shows the namespace of the thread that opens it, unlike `/proc/net`, a link to that of the
/// process's first thread.
fn sysctl_path(key: &str) -> String {
    format!("/proc/sys/{}", key.replace('.', "/"))
}

fn on_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|cause| panic::resume_unwind(cause))
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::time::Duration;

    use super::*;
    use crate::lab;
    use crate::link::Veth;
    use crate::poll::eventually;

    const LIMIT: Duration = Duration::from_secs(30);
    /// The variable that is set in the process that is to crash.
    const VICTIM: &str = "BRAID_LAB_VICTIM";
    /// The text before the id of a process that it started.
    const CHILD: &str = "child process ";

    fn current() -> Namespace {
        let file = File::open("/proc/thread-self/ns/net").unwrap();
        Namespace { name: "current".into(), fd: Arc::new(file.into()) }
    }

    fn only_loopback(namespace: &Namespace) -> bool {
        eventually(LIMIT, || (namespace.interfaces().unwrap() == ["lo"]).then_some(())).is_some()
    }

    #[test]
    fn a_dropped_namespace_is_gone() {
        let Some(lab) = lab!() else { return };
        let (stays, goes) = (lab.namespace("stays").unwrap(), lab.namespace("goes").unwrap());
        let link = Veth::join(&stays, &goes, "leftover").unwrap();
        assert_eq!(stays.interfaces().unwrap(), ["lo", "leftover"]);
        let held =
            fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(goes.fd()))).unwrap();
        drop((link, goes));
        assert!(only_loopback(&stays));
        let mut open =
            fs::read_dir("/proc/self/fd").unwrap().filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
        assert!(open.all(|target| target != held), "a descriptor of the namespace is still open");
        assert!(!current().interfaces().unwrap().contains(&"leftover".to_owned()));
    }

    #[test]
    fn a_crash_leaves_nothing_behind() {
        let Some(lab) = lab!() else { return };
        if env::var_os(VICTIM).is_some() {
            let _link = Veth::join(&current(), &lab.namespace("inner").unwrap(), "leftover").unwrap();
            assert_eq!(current().interfaces().unwrap(), ["lo", "leftover"]);
            let mut command = Command::new("sleep");
            command.arg("1000");
            let child = Process::start(command).unwrap();
            println!("{CHILD}{}", child.pid());
            std::process::abort();
        }
        let outer = lab.namespace("outer").unwrap();
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["ns::tests::a_crash_leaves_nothing_behind", "--exact", "--nocapture"]).env(VICTIM, "1");
        let victim = outer.spawn(command).unwrap();
        let status = victim.wait_for_exit(LIMIT).unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(libc::SIGABRT),
            "{}",
            victim.output()
        );
        assert!(only_loopback(&outer));
        let line = victim.wait_for_line(CHILD, LIMIT).unwrap();
        let child = format!("/proc/{}", line.split_once(CHILD).unwrap().1);
        assert!(
            eventually(LIMIT, || (!fs::exists(&child).unwrap()).then_some(())).is_some(),
            "{child} lives"
        );
    }

    #[test]
    fn a_thread_serves_inside_and_its_settings_are_its_own() {
        let Some(lab) = lab!() else { return };
        let namespace = lab.namespace("settings").unwrap();
        let outside = current().sysctl("net.ipv4.tcp_fin_timeout").unwrap();
        namespace.set_sysctl("net.ipv4.tcp_fin_timeout", "17").unwrap();
        let inside =
            namespace.thread(|| fs::read_to_string("/proc/sys/net/ipv4/tcp_fin_timeout").unwrap()).unwrap();
        assert_eq!(inside.join().unwrap().trim(), "17");
        assert_eq!(current().sysctl("net.ipv4.tcp_fin_timeout").unwrap(), outside);
    }
}
