//! Separate processes for cases: parallel tests share the descriptor table and the network.

use std::collections::BTreeSet;
use std::os::fd::RawFd;
use std::process::{Command, Stdio};

use super::sys;

/// Set in the child, so that it runs the case instead of starting a child.
const CHILD: &str = "BRAID_CONFORMANCE_CHILD";

/// Runs `work` in a process that runs only this test.
pub(super) fn in_child(case: &str, module: &str, work: impl FnOnce()) {
    child(case, module, false, work).expect("the test can start itself");
}

/// Does the same, with a separate network if `isolate` is set. Returns an error if the child cannot be started.
pub(super) fn child(case: &str, module: &str, isolate: bool, work: impl FnOnce()) -> std::io::Result<()> {
    if std::env::var_os(CHILD).is_some() {
        work();
        return Ok(());
    }
    // A test's name is its path without the crate.
    let path = module.split_once("::").map_or(module, |(_, path)| path);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", &format!("{path}::{case}"), "--nocapture", "--test-threads=1"]);
    command.env(CHILD, "1").stdin(Stdio::null());
    if isolate {
        sys::isolate_network(&mut command);
    }
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "in its own process: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Returns the descriptors of this process.
pub(super) fn descriptors() -> BTreeSet<RawFd> {
    let entries = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let numbers: Vec<RawFd> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    // The descriptor with which the directory was read is closed again.
    numbers.into_iter().filter(|number| crate::sys::duplicate(*number).is_ok()).collect()
}
