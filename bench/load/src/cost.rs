//! The cost of a process: CPU time and memory from `/proc/PID`.
//!
//! utime plus stime of `stat` is the scheduler's run time rounded to ticks (10 ms), with softirq work done in the
//! process's context. `schedstat` of each thread has the same in nanoseconds, if the kernel provides it, but does
//! not count threads that have ended, and lags a running one by a tick; so it is used as long as it agrees with the
//! ticks.

use std::fs;
use std::io;
use std::time::Duration;

use crate::sys;

/// A process to measure, threads included, children not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pid(pub u32);

/// The error of a process that could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("read /proc/{}/stat", pid.0)]
    Read { pid: Pid, source: io::Error },
    #[error("/proc/{}/stat has an unknown form", pid.0)]
    Form { pid: Pid },
}

/// The cost of the same processes between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// User plus system time.
    pub cpu: Duration,
    /// The resident bytes at the second reading.
    pub memory: u64,
    /// The resident bytes gained since the first reading.
    pub memory_growth: i64,
}

impl Cost {
    /// Returns the CPU seconds per 10^9 bytes.
    pub fn seconds_per_gb(&self, bytes: u64) -> Option<f64> {
        (bytes > 0).then(|| self.cpu.as_secs_f64() * 1e9 / bytes as f64)
    }

    /// Returns the CPU microseconds per unit, whatever the units are.
    pub fn micros_per(&self, units: u64) -> Option<f64> {
        (units > 0).then(|| self.cpu.as_secs_f64() * 1e6 / units as f64)
    }

    pub fn bytes_per_connection(&self, connections: u64) -> Option<f64> {
        (connections > 0).then(|| self.memory_growth as f64 / connections as f64)
    }
}

/// The first reading.
#[derive(Debug)]
pub struct Meter {
    pids: Vec<Pid>,
    before: Usage,
}

impl Meter {
    pub fn start(pids: &[Pid]) -> Result<Self, ProcessError> {
        Ok(Self { pids: pids.to_vec(), before: Usage::of_all(pids)? })
    }

    /// Takes the second reading; `None` without processes. May be called more than once, each time relative to the
    /// first reading.
    pub fn stop(&self) -> Result<Option<Cost>, ProcessError> {
        if self.pids.is_empty() {
            return Ok(None);
        }
        let after = Usage::of_all(&self.pids)?;
        Ok(Some(Cost {
            cpu: after.cpu_since(&self.before),
            memory: after.pages * sys::page_size(),
            memory_growth: (after.pages as i64 - self.before.pages as i64) * sys::page_size() as i64,
        }))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Usage {
    ticks: u64,
    /// The nanoseconds of the threads that exist; 0 if the kernel does not provide them.
    exact: u64,
    pages: u64,
}

impl Usage {
    fn of_all(pids: &[Pid]) -> Result<Self, ProcessError> {
        pids.iter().try_fold(Self::default(), |sum, &pid| {
            let text = fs::read_to_string(format!("/proc/{}/stat", pid.0))
                .map_err(|source| ProcessError::Read { pid, source })?;
            let usage = Self::parse(&text).ok_or(ProcessError::Form { pid })?;
            Ok(Self {
                ticks: sum.ticks + usage.ticks,
                exact: sum.exact + exact(pid),
                pages: sum.pages + usage.pages,
            })
        })
    }

    fn cpu_since(&self, before: &Self) -> Duration {
        let tick = 1.0 / sys::ticks_per_second() as f64;
        let coarse = Duration::from_secs_f64(self.ticks.saturating_sub(before.ticks) as f64 * tick);
        let exact = Duration::from_nanos(self.exact.saturating_sub(before.exact));
        // utime and stime are rounded separately, at both readings.
        let rounding = Duration::from_secs_f64(4.0 * tick);
        if coarse > exact + rounding { coarse } else { exact }
    }

    /// Parses proc_pid_stat(5). The second field is a name in brackets that may contain anything, brackets and
    /// blanks included.
    fn parse(stat: &str) -> Option<Self> {
        let (_, after_name) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        // `fields[0]` is the third field of the manual page.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self { ticks: field(14)? + field(15)?, exact: 0, pages: field(24)? })
    }
}

/// Returns the first field of `schedstat`, the time spent running, summed over all threads.
fn exact(pid: Pid) -> u64 {
    let Ok(threads) = fs::read_dir(format!("/proc/{}/task", pid.0)) else { return 0 };
    threads
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_and_blanks_do_not_shift_fields() {
        let stat = "7 (a b) (c) S 1 1 1 0 -1 4 0 0 0 0 30 12 0 0 20 0 1 0 99 4096 55 18446744073709551615";
        assert_eq!(Usage::parse(stat), Some(Usage { ticks: 42, exact: 0, pages: 55 }));
        assert_eq!(Usage::parse("7 (x) S 1"), None);
        assert_eq!(Usage::parse(""), None);
    }

    #[test]
    fn the_exact_time_is_taken_unless_the_ticks_know_of_more() {
        let tick = 1_000_000_000 / sys::ticks_per_second();
        let usage = |ticks, exact| Usage { ticks, exact, pages: 0 };
        let cpu = |after: Usage| u64::try_from(after.cpu_since(&usage(10, 10 * tick)).as_nanos());
        assert_eq!(cpu(usage(20, 20 * tick + 5)), Ok(10 * tick + 5));
        // A thread has ended, or there is no exact time.
        assert_eq!(cpu(usage(20, 11 * tick)), Ok(10 * tick));
        assert_eq!(cpu(usage(20, 0)), Ok(10 * tick));
    }

    #[test]
    fn this_process_can_be_measured_and_a_missing_one_is_named() {
        let meter = Meter::start(&[Pid(std::process::id())]).expect("we run");
        let cost = meter.stop().expect("we still run").expect("one process was asked for");
        assert!(cost.memory > 0);
        assert!(Meter::start(&[]).expect("nothing to read").stop().expect("nothing to read").is_none());
        let missing = Meter::start(&[Pid(u32::MAX)]).expect_err("no such process").to_string();
        assert!(missing.contains("4294967295"), "{missing}");
    }
}
