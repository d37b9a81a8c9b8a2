//! Waiting until a program has done all that it can do.

use std::fs;
use std::time::Duration;

use crate::poll::eventually;
use crate::process::Process;

/// Waits until all threads of the program sleep.
///
/// Whatever a thread waits for wakes it at once, so a sleeping one has seen all events so far. The kernel notifies a
/// server of a connection before the program that made it has looked at it.
pub fn wait_until_idle(process: &Process, limit: Duration) -> Result<(), String> {
    let tasks = format!("/proc/{}/task", process.pid());
    let sleeps = |stat: String| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'));
    let all = || {
        let tasks = fs::read_dir(&tasks).ok()?;
        let stats = tasks.map(|task| fs::read_to_string(task.ok()?.path().join("stat")).ok());
        stats.map(|stat| Some(sleeps(stat?))).collect::<Option<Vec<_>>>()
    };
    let idle = || all().is_some_and(|all| all.into_iter().all(|sleeps| sleeps)).then_some(());
    eventually(limit, idle).ok_or_else(|| "never idle".to_owned())
}
