//! Shared by the tests over loopback.

use std::time::Duration;

use braid_load::Transport;

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Below the peer's window, or one MPTCP subflow on loopback stalls 200 ms at a time (Linux 6.18).
pub(crate) const SEND_BUFFER: usize = 128 * 1024;

/// Returns TCP, and MPTCP if it is available.
pub(crate) fn transports(test: &str) -> Vec<Transport> {
    let mut all = vec![Transport::Tcp];
    match Transport::Mptcp.probe() {
        Ok(()) => all.push(Transport::Mptcp),
        Err(error) => eprintln!("skipped: {test} over MPTCP: {error}"),
    }
    all
}
