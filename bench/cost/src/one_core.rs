//! Runs everything on one core.
//!
//! valgrind runs one thread of a program at a time. On several cores the load of the machine decides whether a
//! thread that was woken starts before the one that woke it has released its lock, and waiting for a lock costs
//! instructions. On one core the order is nearly always the same.

use std::fs;

use anyhow::Context;
use braid_load::pin_thread;

/// Binds this process, which should have no other threads yet, and the proxy that it starts later.
pub(crate) fn pin() -> anyhow::Result<()> {
    let status = fs::read_to_string("/proc/self/status").context("read /proc/self/status")?;
    let core = first_allowed(&status).context("no core in Cpus_allowed_list of /proc/self/status")?;
    pin_thread(core).with_context(|| format!("run on core {core}"))
}

fn first_allowed(status: &str) -> Option<usize> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim();
    list.split([',', '-']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_core_of_a_list_is_taken() {
        for (list, core) in [("0-1", Some(0)), ("3", Some(3)), ("12,14-15", Some(12)), ("", None)] {
            assert_eq!(first_allowed(&format!("Name:\tx\nCpus_allowed_list:\t{list}\n")), core, "{list}");
        }
    }
}
