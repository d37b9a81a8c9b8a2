//! The life of a configured process: into the background, giving up its rights, onto its CPUs, and to its end.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use braid_tests::forward::{Braid, Forward, LIMIT};
use braid_tests::process::Signal;
use braid_tests::skip::skip;

/// More than any Linux lets a process have: the largest `fs.nr_open` is below it.
const TOO_MANY_FILES: u32 = i32::MAX as u32;

/// A proxy from a UNIX socket to a server of the test, with a directory of its own for both.
struct Site {
    dir: PathBuf,
    server: TcpListener,
}

impl Site {
    /// `test` names the directory.
    fn new(test: &str) -> Site {
        let dir = std::env::temp_dir().join(format!("braid-{}-{test}", std::process::id()));
        fs::create_dir_all(dir.join("jail")).unwrap();
        Site { dir, server: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Makes a command `braid -f` with lines of `global`.
    fn braid(&self, global: &str) -> Forward {
        let (file, socket) = (self.path("braid.cfg"), self.text("socket"));
        let server = self.server.local_addr().unwrap();
        let text = format!(
            "global\n{global}\n\
             defaults\n timeout connect 10s\n timeout client 1m\n timeout server 1m\n\
             listen l\n bind unix@{socket}\n server s {server}\n"
        );
        fs::write(&file, text).unwrap();
        Forward::command().unwrap().args(["-f", file.to_str().unwrap()])
    }

    /// Makes a connection through the proxy, over which something has been sent each way, and returns both ends.
    fn connect(&self) -> (UnixStream, TcpStream) {
        let mut client = UnixStream::connect(self.path("socket")).unwrap();
        let (mut served, _) = self.server.accept().unwrap();
        client.set_read_timeout(Some(LIMIT)).unwrap();
        served.set_read_timeout(Some(LIMIT)).unwrap();
        client.write_all(b"ping").unwrap();
        served.read_exact(&mut [0; 4]).unwrap();
        served.write_all(b"pong").unwrap();
        client.read_exact(&mut [0; 4]).unwrap();
        (client, served)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.dir));
    }
}

/// Returns the value of a line of a `status` file of `/proc`.
fn status(path: &Path, name: &str) -> String {
    let text = fs::read_to_string(path.join("status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the directories of a process's threads in `/proc`, with their names, sorted by name.
fn threads(pid: u32) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let mut all: Vec<(String, PathBuf)> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (fs::read_to_string(path.join("comm")).unwrap().trim().to_owned(), path))
        .collect();
    all.sort();
    all
}

fn workers(pid: u32) -> Vec<(String, PathBuf)> {
    threads(pid).into_iter().filter(|(name, _)| name.starts_with("worker-")).collect()
}

/// Returns the CPUs that this test may use, lowest first.
fn cpus() -> Vec<usize> {
    let list = status(Path::new("/proc/thread-self"), "Cpus_allowed_list");
    let bounds = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        first.parse::<usize>().unwrap()..=last.parse().unwrap()
    };
    list.split(',').flat_map(bounds).collect()
}

/// Returns whether the test has root's rights; otherwise it is counted as skipped.
fn is_root(test: &str) -> bool {
    let root = status(Path::new("/proc/thread-self"), "Uid").starts_with("0 0");
    if !root {
        skip(test, "only root may");
    }
    root
}

fn ends_when_told(braid: &Braid) {
    braid.process.signal(Signal::Terminate).unwrap();
    let status = braid.process.wait_for_exit(LIMIT).unwrap();
    assert_eq!(status.signal(), Some(libc::SIGTERM), "{}", braid.process.output());
}

/// A process that is not a child of the test. Dropping it kills it.
struct Daemon(OwnedFd);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It fails when the process has ended.
        drop(sys::send(&self.0, libc::SIGKILL));
    }
}

#[test]
fn a_daemon_serves_when_its_launcher_exits() {
    for (site, option) in [("keyword", ""), ("option", "-D")] {
        let site = Site::new(&format!("daemon-{site}"));
        let pidfile = site.text("pid");
        let keyword = if option.is_empty() { "daemon" } else { "" };
        let braid = site.braid(&format!("{keyword}\npidfile {pidfile}"));
        let braid = if option.is_empty() { braid } else { braid.args([option]) };
        let begin = Instant::now();
        let (code, output) = braid.run().unwrap();
        let launch = begin.elapsed();
        // From here on it would outlive the test.
        let pid: u32 =
            fs::read_to_string(&pidfile).unwrap_or_else(|_| panic!("{output}")).trim().parse().unwrap();
        let daemon = Daemon(sys::open(pid).unwrap());
        assert_eq!(code, Some(0), "{output}");
        // Else the wait for the standard streams to be closed took until the limit.
        assert!(launch < LIMIT, "the daemon holds the standard streams of its launcher");
        let (mut client, _served) = site.connect();

        let proc = PathBuf::from(format!("/proc/{pid}"));
        for stream in ["0", "1", "2"] {
            assert_eq!(fs::read_link(proc.join("fd").join(stream)).unwrap(), Path::new("/dev/null"));
        }
        let stat = fs::read_to_string(proc.join("stat")).unwrap();
        // State, parent, process group, session, terminal.
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        assert_eq!((fields[3], fields[4]), (pid.to_string().as_str(), "0"), "{stat}");

        sys::send(&daemon.0, libc::SIGTERM).unwrap();
        assert!(sys::has_ended(&daemon.0, LIMIT).unwrap());
        assert_eq!(client.read(&mut [0]).unwrap_or(0), 0, "the connection is closed");
    }
}

#[test]
fn a_launcher_says_that_its_daemon_did_not_start() {
    let site = Site::new("daemon-fails");
    let nowhere = site.text("no/such/directory");
    for (global, message) in [
        (format!("daemon\npidfile {nowhere}"), nowhere.as_str()),
        (format!("daemon\nulimit-n {TOO_MANY_FILES}"), "limit on open files"),
        (format!("daemon\nchroot {nowhere}"), nowhere.as_str()),
    ] {
        let (code, output) = site.braid(&global).run().unwrap();
        assert_eq!(code, Some(1), "{global}: {output}");
        assert!(output.contains(message), "{global}: {output}");
    }
}

#[test]
fn a_pidfile_is_a_daemons() {
    let site = Site::new("pidfile");
    let braid = site.braid(&format!("pidfile {}", site.text("pid"))).start().unwrap();
    assert!(!site.path("pid").exists(), "no file in the foreground");
    ends_when_told(&braid);
}

#[test]
fn a_confined_process_serves_with_no_right_left() {
    if !is_root("a_confined_process_serves_with_no_right_left") {
        return;
    }
    let site = Site::new("confined");
    for (jail, seen) in [(site.text("jail"), Some(site.path("jail"))), ("auto".to_owned(), None)] {
        let braid = site.braid(&format!("uid 12345\ngid 23456\nchroot {jail}")).start().unwrap();
        let pid = braid.process.pid();
        for (name, path) in threads(pid) {
            assert_eq!(status(&path, "Uid"), "12345 12345 12345 12345", "{name}");
            assert_eq!(status(&path, "Gid"), "23456 23456 23456 23456", "{name}");
            assert_eq!(status(&path, "Groups"), "", "{name}");
            assert_eq!(status(&path, "CapEff").trim_matches('0'), "", "{name}");
        }
        let root = PathBuf::from(format!("/proc/{pid}/root"));
        match seen {
            Some(jail) => assert_eq!(fs::read_link(&root).unwrap(), jail.canonicalize().unwrap()),
            None => assert_eq!(fs::read_dir(&root).unwrap().count(), 0),
        }
        drop(site.connect());
        ends_when_told(&braid);
    }
}

#[test]
fn a_process_that_stays_root_gives_a_warning_unless_it_is_configured() {
    if !is_root("a_process_that_stays_root_gives_a_warning_unless_it_is_configured") {
        return;
    }
    let site = Site::new("root");
    for (global, expected) in [("", &["'chroot'", "'user'"][..]), ("uid 0\nchroot /", &[])] {
        let braid = site.braid(global).start().unwrap();
        let output = braid.process.output();
        for word in expected {
            assert!(output.contains(&format!("started as root without {word}")), "{output}");
        }
        assert_eq!(output.contains("started as root"), !expected.is_empty(), "{output}");
        ends_when_told(&braid);
    }
}

#[test]
fn there_is_a_worker_for_each_cpu_or_as_many_as_configured() {
    let site = Site::new("nbthread");
    for (global, expected) in [("", cpus().len().min(64)), ("nbthread 1", 1), ("nbthread 3", 3)] {
        let braid = site.braid(global).start().unwrap();
        assert_eq!(workers(braid.process.pid()).len(), expected, "{global}");
        ends_when_told(&braid);
    }
}

#[test]
fn workers_run_on_the_cpus_of_their_map() {
    let cpus = cpus();
    let [first, .., last] = cpus[..] else {
        return skip("workers_run_on_the_cpus_of_their_map", "there is one CPU");
    };
    let site = Site::new("cpu-map");
    for (map, expected) in [
        (format!("auto:1/1-2 {last},{first}"), [first.to_string(), last.to_string()]),
        (format!("1 {last}"), [last.to_string(), last.to_string()]),
        (format!("1/1 {first}\ncpu-map 1/2 {last}\ncpu-map 2 0"), [first.to_string(), last.to_string()]),
    ] {
        let braid = site.braid(&format!("nbthread 2\ncpu-map {map}")).start().unwrap();
        drop(site.connect());
        let allowed =
            workers(braid.process.pid()).into_iter().map(|(_, path)| status(&path, "Cpus_allowed_list"));
        assert_eq!(allowed.collect::<Vec<_>>(), expected, "{map}");
        let shared = expected[0] == expected[1];
        assert_eq!(braid.process.output().contains("'cpu-map'"), shared, "{}", braid.process.output());
        ends_when_told(&braid);
    }
}

#[test]
fn a_soft_stop_that_takes_too_long_is_an_end() {
    const AFTER: Duration = Duration::from_millis(300);
    let site = Site::new("hard-stop");
    let braid = site.braid(&format!("hard-stop-after {}ms", AFTER.as_millis())).start().unwrap();
    let (mut client, mut served) = site.connect();
    let begin = Instant::now();
    braid.process.signal(Signal::User1).unwrap();
    for stream in [&mut client as &mut dyn Read, &mut served] {
        match stream.read(&mut [0]) {
            Ok(length) => assert_eq!(length, 0, "an end"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
        }
        assert!(begin.elapsed() >= AFTER, "too early: {:?}", begin.elapsed());
    }
    assert_eq!(braid.process.wait_for_exit(LIMIT).unwrap().code(), Some(0), "{}", braid.process.output());
}

/// In the foreground and in the background: none of them ends or stops the process.
#[test]
fn signals_that_mean_nothing_change_nothing() {
    let site = Site::new("signals");
    let braid = site.braid("").start().unwrap();
    let pidfd = sys::open(braid.process.pid()).unwrap();
    let held = site.connect();
    for signal in [
        libc::SIGHUP,
        libc::SIGQUIT,
        libc::SIGUSR2,
        libc::SIGPIPE,
        libc::SIGTTOU,
        libc::SIGTTIN,
        libc::SIGHUP,
    ] {
        sys::send(&pidfd, signal).unwrap();
        drop(site.connect());
    }
    drop(held);
    ends_when_told(&braid);
}

#[test]
fn a_limit_that_cannot_be_raised_is_an_error_or_a_warning() {
    let site = Site::new("limits");
    let (code, output) = site.braid(&format!("ulimit-n {TOO_MANY_FILES}")).run().unwrap();
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains(&TOO_MANY_FILES.to_string()), "{output}");
    let braid =
        site.braid(&format!("no strict-limits\nmaxconn 10\nulimit-n {TOO_MANY_FILES}")).start().unwrap();
    assert!(braid.process.output().contains(&TOO_MANY_FILES.to_string()), "{}", braid.process.output());
    drop(site.connect());
    ends_when_told(&braid);
    // Too few for the configuration, though more could be had.
    let (code, output) = site.braid("maxconn 2000\nulimit-n 1000").open_files(1000).run().unwrap();
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("too low"), "{output}");
}

#[test]
fn zero_warning_makes_a_warning_an_end() {
    let site = Site::new("zero-warning");
    const WARNS: &str = "stats timeout 5sec";
    for (global, expected) in [(WARNS.to_owned(), 0), (format!("{WARNS}\nzero-warning"), 1)] {
        let (code, output) = site.braid(&global).args(["-c"]).run().unwrap();
        assert_eq!(code, Some(expected), "{global}: {output}");
        assert!(output.contains("is ignored"), "{output}");
    }
}

#[test]
fn unknown_users_are_reported_before_anything_starts() {
    let site = Site::new("users");
    let (code, output) = site.braid("daemon\nuser no-such-user\ngroup no-such-group").run().unwrap();
    assert_eq!(code, Some(1), "{output}");
    assert!(
        output.contains("no user 'no-such-user'") && output.contains("no group 'no-such-group'"),
        "{output}"
    );
}

/// Processes that are not children of the test, by descriptors that cannot refer to another one.
mod sys {
    #![allow(unsafe_code, reason = "this is the module of the test that makes system calls")]

    use std::io;
    use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
    use std::time::Duration;

    pub(super) fn open(pid: u32) -> io::Result<OwnedFd> {
        // SAFETY: no memory is involved.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, libc::pid_t::try_from(pid).unwrap(), 0) };
        let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0).ok_or_else(io::Error::last_os_error)?;
        // SAFETY: the descriptor is new and nothing else owns it.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    pub(super) fn send(pidfd: &OwnedFd, signal: libc::c_int) -> io::Result<()> {
        let nothing = std::ptr::null::<libc::siginfo_t>();
        // SAFETY: `pidfd` is open for the call; without a siginfo_t the kernel makes its own.
        match unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal, nothing, 0) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Waits for the end of a process.
    pub(super) fn has_ended(pidfd: &OwnedFd, limit: Duration) -> io::Result<bool> {
        let mut poll = libc::pollfd { fd: pidfd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        let limit = i32::try_from(limit.as_millis()).unwrap();
        // SAFETY: `poll` is writable for the call.
        match unsafe { libc::poll(&raw mut poll, 1, limit) } {
            -1 => Err(io::Error::last_os_error()),
            ready => Ok(ready == 1),
        }
    }
}
