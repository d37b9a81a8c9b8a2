//! What the process does to itself, tested in child processes.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use proto_core::conformance::skipped;
use tokio::time::timeout;

use super::files::FilesError;
use super::sys::FilesLimit;
use super::*;

const LIMIT: Duration = Duration::from_secs(20);

/// Returns a path in the directory for temporary files that no other test has.
fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("braid-process-{}-{name}", std::process::id()))
}

/// Returns whether the test has root's rights; otherwise it is counted as skipped.
fn is_root(test: &str) -> bool {
    let root = sys::users().is_ok_and(|[_, effective, _]| effective == 0);
    if !root {
        skipped(test, "only root may");
    }
    root
}

/// Reads a line of `/proc/self/status`, kept open from before the process goes where there is no `/proc`.
fn status(file: &mut File, name: &str) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ensure(holds: bool, what: impl ToString) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_string()) }
}

/// Formats an error with its causes.
fn whole(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", whole(cause)),
        None => error.to_string(),
    }
}

#[test]
fn a_pidfile_replaces_what_was_there_and_follows_no_link() {
    let (file, other) = (path("pidfile"), path("pidfile-other"));
    fs::write(&other, "theirs").unwrap();
    let _ = fs::remove_file(&file);
    std::os::unix::fs::symlink(&other, &file).unwrap();
    for _ in 0..2 {
        write_pidfile(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("{}\n", std::process::id()));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o133, 0);
    }
    assert_eq!(fs::read_to_string(&other).unwrap(), "theirs");
    fs::remove_file(&file).unwrap();
    let nowhere = other.join("pid");
    let error = write_pidfile(&nowhere).unwrap_err();
    assert!(error.to_string().contains(nowhere.to_str().unwrap()), "{error}");
    fs::remove_file(&other).unwrap();
}

#[test]
fn a_confined_process_is_in_its_jail_and_cannot_go_back() {
    if !is_root("a_confined_process_is_in_its_jail_and_cannot_go_back") {
        return;
    }
    let jail = path("jail");
    fs::create_dir_all(&jail).unwrap();
    fs::write(jail.join("inside"), "").unwrap();
    let wanted = Confinement {
        jail: Some(Jail::Directory(jail.clone())),
        user: Some(Uid(12_345)),
        group: Some(Gid(23_456)),
        ..Confinement::default()
    };
    let result = sys::in_child(|| {
        let mut file = File::open("/proc/self/status").map_err(|error| error.to_string())?;
        sys::join_groups(&[1, 2, 23_456]).map_err(|error| error.to_string())?;
        let warning = confine(&wanted).map_err(|error| whole(&error))?;
        ensure(warning.is_none(), format!("{warning:?}"))?;
        let (user, group) = (status(&mut file, "Uid"), status(&mut file, "Gid"));
        ensure(user == "12345 12345 12345 12345", user)?;
        ensure(group == "23456 23456 23456 23456", group)?;
        let (groups, rights) = (status(&mut file, "Groups"), status(&mut file, "CapEff"));
        ensure(groups.is_empty(), groups)?;
        ensure(rights.bytes().all(|digit| digit == b'0'), rights)?;
        ensure(fs::exists("/inside").unwrap_or(false), "the jail is not the root")?;
        ensure(std::env::current_dir().is_ok_and(|dir| dir.as_os_str() == "/"), "outside the jail")?;
        ensure(sys::set_user(0).is_err() && sys::set_group(0).is_err(), "root again")
    });
    fs::remove_dir_all(&jail).unwrap();
    result.unwrap();
}

#[test]
fn a_jail_without_a_name_is_empty_and_takes_nothing() {
    if !is_root("a_jail_without_a_name_is_empty_and_takes_nothing") {
        return;
    }
    let wanted = Confinement { jail: Some(Jail::Nameless), ..Confinement::default() };
    sys::in_child(|| {
        confine(&wanted).map_err(|error| whole(&error))?;
        ensure(fs::read_dir("/").is_ok_and(|entries| entries.count() == 0), "there is something")?;
        ensure(File::create("/file").is_err(), "there is room")
    })
    .unwrap();
    let left = format!("braid-jail-{}", std::process::id());
    let names = fs::read_dir(std::env::temp_dir()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with(&left)));
}

#[test]
fn a_process_that_cannot_be_confined_says_why() {
    let missing = path("no-such-jail");
    let wanted = Confinement { jail: Some(Jail::Directory(missing.clone())), ..Confinement::default() };
    sys::in_child(|| {
        let Err(error) = confine(&wanted) else { return Err("it was".to_owned()) };
        ensure(error.to_string().contains(missing.to_str().unwrap_or("?")), whole(&error))
    })
    .unwrap();
    // No other user can be had once the first one has been set.
    if !is_root("a_process_that_cannot_be_confined_says_why") {
        return;
    }
    sys::in_child(|| {
        let first = Confinement { user: Some(Uid(12_345)), ..Confinement::default() };
        confine(&first).map_err(|error| whole(&error))?;
        for wanted in [
            Confinement { user: Some(Uid(7)), ..Confinement::default() },
            Confinement { group: Some(Gid(7)), ..Confinement::default() },
            Confinement { jail: Some(Jail::Directory("/tmp".into())), ..Confinement::default() },
        ] {
            ensure(confine(&wanted).is_err(), format!("{wanted:?}"))?;
        }
        ensure(confine(&first).is_ok(), "who is it already may become it")?;
        let nothing = Confinement {
            user: Some(Uid(0)),
            group: Some(Gid(0)),
            jail: Some(Jail::Directory("/".into())),
            ..Confinement::default()
        };
        ensure(confine(&nothing).is_ok(), "0 changes nothing")
    })
    .unwrap();
}

#[test]
fn groups_that_cannot_be_left_are_reported() {
    if !is_root("groups_that_cannot_be_left_are_reported") {
        return;
    }
    sys::in_child(|| {
        let become_other = || {
            sys::join_groups(&[1, 2])?;
            sys::set_group(23_456)?;
            sys::set_user(12_345)
        };
        become_other().map_err(|error| error.to_string())?;
        let wanted = Confinement { group: Some(Gid(23_456)), ..Confinement::default() };
        let warning = confine(&wanted).map_err(|error| whole(&error))?;
        ensure(
            warning.as_ref().is_some_and(|text| text.contains("2 supplementary groups")),
            format!("{warning:?}"),
        )
    })
    .unwrap();
}

#[test]
fn files_are_raised_as_far_as_they_are_needed_or_it_is_an_error() {
    // Beyond what any machine allows, even to root (fs.nr_open).
    const TOO_MANY: u64 = 1 << 40;
    sys::in_child(|| {
        let hard = sys::files_limit().map_err(|error| error.to_string())?.hard;
        let low = FilesLimit { soft: 32, hard };
        let set = || sys::set_files_limit(low).map_err(|error| error.to_string());
        let soft = |needed, asked, strict| {
            set()?;
            let raised = raise_files_limit(needed, asked, strict).map_err(|error| whole(&error))?;
            Ok::<_, String>((raised.limit.soft, raised.missing.len()))
        };
        ensure(soft(40, None, true)? == (40, 0), "as many as are needed")?;
        ensure(soft(20, None, true)? == (32, 0), "never lowered")?;
        ensure(soft(40, Some(50), true)? == (50, 0), "as many as are asked for")?;
        ensure(soft(TOO_MANY, None, false)? == (hard, 2), "as many as can be had")?;
        ensure(soft(60, Some(50), false)? == (50, 1), "asked for too few")?;
        set()?;
        let refused = raise_files_limit(TOO_MANY, None, true);
        ensure(matches!(refused, Err(FilesError::Raise { wanted: TOO_MANY, .. })), format!("{refused:?}"))?;
        let too_low = raise_files_limit(60, Some(50), true);
        ensure(matches!(too_low, Err(FilesError::TooLow { needed: 60, .. })), format!("{too_low:?}"))
    })
    .unwrap();
}

#[test]
fn a_thread_runs_where_it_is_pinned_and_so_do_those_it_makes() {
    let here = cpus::available().unwrap();
    assert_eq!(default_threads().unwrap(), here.len().min(64));
    let last = here.iter().last().unwrap();
    let one: CpuSet = [last, CpuSet::SIZE - 1].into_iter().collect();
    let lists = std::thread::spawn(move || {
        let list = || status(&mut File::open("/proc/thread-self/status").unwrap(), "Cpus_allowed_list");
        pin_this_thread(&one).unwrap();
        (list(), std::thread::spawn(list).join().unwrap())
    });
    let (own, its_childs) = lists.join().unwrap();
    // A machine that has the highest CPU would keep it.
    assert!(own == last.to_string() || own == one.to_string(), "{own}");
    assert_eq!(own, its_childs);
    assert_eq!(cpus::available().unwrap(), here, "other threads stay where they were");
    let none: CpuSet = (0..CpuSet::SIZE).filter(|cpu| *cpu > 512 && !here.contains(*cpu)).collect();
    let error = std::thread::spawn(move || pin_this_thread(&none)).join().unwrap().unwrap_err();
    assert!(error.to_string().contains("CPUs 513-"), "{error}");
}

#[test]
fn sets_are_written_as_lists() {
    for (cpus, list) in [(&[][..], ""), (&[5], "5"), (&[0, 1, 2, 64, 66, 67, 1023], "0-2,64,66-67,1023")] {
        let set: CpuSet = cpus.iter().copied().collect();
        assert_eq!(
            (set.to_string().as_str(), set.len(), set.is_empty()),
            (list, cpus.len(), cpus.is_empty())
        );
        assert_eq!(set.iter().collect::<Vec<_>>(), cpus);
    }
    let mut set = CpuSet::default();
    set.insert(CpuSet::SIZE);
    assert!(set.is_empty() && !set.contains(CpuSet::SIZE));
}

#[test]
fn a_launcher_learns_that_its_daemon_serves() {
    let file = path("daemon");
    let _ = fs::remove_file(&file);
    sys::in_child(|| match daemonize().map_err(|error| whole(&error))? {
        Fork::Launcher(launched) => {
            ensure(launched == Launched::Ready && launched.code() == 0, format!("{launched:?}"))?;
            let pid = fs::read_to_string(&file).map_err(|error| error.to_string())?;
            ensure(pid.trim() != std::process::id().to_string(), "it is the launcher's")
        }
        Fork::Daemon(launch) => {
            write_pidfile(&file).map_err(|error| whole(&error))?;
            // Field 6 of proc_pid_stat(5), the fourth after the name, is the session.
            let stat = fs::read_to_string("/proc/self/stat").map_err(|error| error.to_string())?;
            let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
            let session = fields.split_whitespace().nth(3).unwrap_or_default();
            ensure(session == std::process::id().to_string(), format!("no session of its own: {stat}"))?;
            launch.ready().map_err(|error| whole(&error))
        }
    })
    .unwrap();
    fs::remove_file(&file).unwrap();
}

#[test]
fn a_daemon_closes_the_standard_streams() {
    sys::in_child(|| match daemonize().map_err(|error| whole(&error))? {
        Fork::Launcher(launched) => ensure(
            matches!(launched, Launched::Ended { .. }) && launched.code() == 0,
            format!("{launched:?}"),
        ),
        Fork::Daemon(launch) => {
            // Without reporting that it is ready, so that the launcher learns by its end whether the check failed.
            launch.leave_terminal().map_err(|error| whole(&error))?;
            (0..=2).try_for_each(|stream| {
                let path = fs::read_link(format!("/proc/self/fd/{stream}")).unwrap_or_default();
                ensure(path.as_os_str() == "/dev/null", path.display())
            })
        }
    })
    .unwrap();
}

#[test]
fn a_launcher_learns_how_its_daemon_failed() {
    let code = |run: fn() -> Result<(), String>, expected: u8| {
        sys::in_child(|| match daemonize().map_err(|error| whole(&error))? {
            Fork::Launcher(launched) => ensure(launched.code() == expected, format!("{launched:?}")),
            Fork::Daemon(_) => run(),
        })
        .unwrap();
    };
    code(|| Ok(()), 0);
    code(|| Err(String::new()), 1);
    code(|| sys::raise(libc::SIGKILL).map_err(|error| error.to_string()), 137);
}

#[test]
fn a_launcher_exits_as_its_daemon_did() {
    // The format of wait(2): a code in the second byte, a signal in the first.
    for (raw, code) in
        [(0, 0), (1 << 8, 1), (255 << 8, 255), (libc::SIGTERM, 0), (libc::SIGINT, 130), (libc::SIGSEGV, 139)]
    {
        let status = std::os::unix::process::ExitStatusExt::from_raw(raw);
        assert_eq!(Launched::Ended { pid: 1, status, why: String::new() }.code(), code, "{raw:#x}");
    }
}

#[test]
fn a_process_with_threads_does_not_fork() {
    let error = daemonize().unwrap_err();
    assert!(whole(&error).contains("threads already"), "{}", whole(&error));
}

/// One test for all signals, since they affect the whole process.
#[test]
fn signals_ask_and_none_ends_the_process() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut signals = Signals::listen().unwrap();
        for (signal, asked) in [
            (libc::SIGHUP, Asked::State),
            (libc::SIGQUIT, Asked::Memory),
            (libc::SIGTTOU, Asked::Pause),
            (libc::SIGTTIN, Asked::Resume),
            (libc::SIGUSR1, Asked::Stop(Request::StopSoftly)),
            (libc::SIGTERM, Asked::Stop(Request::StopNow(Fatal::Terminate))),
            (libc::SIGINT, Asked::Stop(Request::StopNow(Fatal::Interrupt))),
        ] {
            for nothing in [libc::SIGALRM, libc::SIGUSR2, libc::SIGPIPE] {
                sys::raise(nothing).unwrap();
            }
            sys::raise(signal).unwrap();
            assert_eq!(timeout(LIMIT, signals.asked()).await.unwrap(), asked, "signal {signal}");
        }
        sys::raise(libc::SIGHUP).unwrap();
        sys::raise(libc::SIGUSR1).unwrap();
        assert_eq!(timeout(LIMIT, signals.next()).await.unwrap(), Request::StopSoftly);
    });
}

#[test]
fn a_soft_stop_expires_after_its_time_and_not_before_it_began() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        const SOON: Duration = Duration::from_millis(20);
        let waits = |stop: &HardStop| {
            let mut over = std::pin::pin!(stop.over());
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            std::future::Future::poll(over.as_mut(), &mut context).is_pending()
        };
        let mut never = HardStop::after(None);
        never.begin();
        assert!(waits(&never));
        let mut stop = HardStop::after(Some(SOON));
        assert!(waits(&stop), "no stop has begun");
        let begin = std::time::Instant::now();
        stop.begin();
        timeout(LIMIT, stop.over()).await.unwrap();
        assert!(begin.elapsed() >= SOON);
        stop.begin();
        assert!(!waits(&stop), "a second signal wins no time");
    });
}
