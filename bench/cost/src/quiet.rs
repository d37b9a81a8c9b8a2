//! Finds out from outside when a process has nothing left to do.
//!
//! Peers that act while the proxy is still busy with an earlier step change what it has to do: a response that has
//! already arrived saves a wait for it, two events at once save a turn of the event loop. So each step of a load
//! waits until all threads of the proxy wait.

use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// The timeout of a step of the load, for a machine under any load.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// The time between two checks.
const LOOK_AGAIN: Duration = Duration::from_micros(50);

/// The evidence that a thread has waited all the time between two checks: it waits at both, and has not begun
/// another wait in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waiting {
    thread: u32,
    /// The number of waits it has begun.
    waits: u64,
}

/// Returns when there was a moment at which all threads of a process waited.
pub(crate) fn wait(pid: u32) -> anyhow::Result<()> {
    let give_up = Instant::now() + PATIENCE;
    let mut last = None;
    loop {
        let now = look(pid)?;
        // Each thread has waited from the first check of it to the second, so between the two rounds all of them
        // did.
        if now.is_some() && now == last {
            return Ok(());
        }
        ensure!(Instant::now() < give_up, "braid is still busy after {PATIENCE:?}");
        last = now;
        thread::park_timeout(LOOK_AGAIN);
    }
}

/// Returns `None` if a thread is running or has ended since it was listed.
fn look(pid: u32) -> anyhow::Result<Option<Vec<Waiting>>> {
    let folder = format!("/proc/{pid}/task");
    let mut threads = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("read {folder}"))? {
        let path = entry.with_context(|| format!("read {folder}"))?.path();
        let status = match fs::read_to_string(path.join("status")) {
            Err(error) if is_gone(&error) => return Ok(None),
            status => status.with_context(|| format!("read the status of {}", path.display()))?,
        };
        match State::parse(&status).with_context(|| format!("unknown form of {}", path.display()))? {
            State::Waiting(waiting) => threads.push(waiting),
            State::Busy => return Ok(None),
            State::Ended => bail!("braid has ended"),
        }
    }
    Ok(Some(threads))
}

fn is_gone(error: &io::Error) -> bool {
    // The second is the error of a read when the thread ends after the file was opened.
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(ESRCH)
}

/// `errno(3)`: no such process.
const ESRCH: i32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting(Waiting),
    Busy,
    Ended,
}

impl State {
    /// Reads `/proc/PID/task/TID/status`, proc_pid_status(5).
    fn parse(status: &str) -> Option<Self> {
        let field = |name: &str| {
            status.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
        };
        Some(match field("State")?.chars().next()? {
            'S' => Self::Waiting(Waiting {
                thread: field("Pid")?.parse().ok()?,
                waits: field("voluntary_ctxt_switches")?.parse().ok()?,
            }),
            'Z' | 'X' => Self::Ended,
            _ => Self::Busy,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn states_are_distinguished() {
        let status = |state| {
            format!(
                "Name:\tState: R\nState:\t{state}\nPid:\t70\nPPid:\t1\nvoluntary_ctxt_switches:\t150\n\
                 nonvoluntary_ctxt_switches:\t545\n"
            )
        };
        let waiting = State::Waiting(Waiting { thread: 70, waits: 150 });
        for (state, read) in [
            ("S (sleeping)", waiting),
            ("R (running)", State::Busy),
            ("D (disk sleep)", State::Busy),
            ("Z (zombie)", State::Ended),
        ] {
            assert_eq!(State::parse(&status(state)), Some(read), "{state}");
        }
        assert_eq!(State::parse("State:\tS (sleeping)\nPid:\t1\n"), None);
    }

    #[test]
    fn a_process_that_waits_for_input_is_quiet_and_one_that_has_ended_is_an_error() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        wait(child.id()).unwrap();
        drop(child.stdin.take());
        // The child has not been reaped, but it ends: sooner or later it is a zombie, and never quiet again.
        child.wait().unwrap();
        assert!(wait(child.id()).is_err());
    }
}
