//! Turns `option clitcpka`, `srvtcpka` and their numbers into socket options.

use proto_core::options::SocketOption;
use proto_core::spec::Settings;

use crate::policy::KeepAlive;

/// Adds the options of a section to those of a line. Options that the line sets are kept.
pub(super) fn apply(keep_alive: &KeepAlive, settings: &mut Settings) {
    if !keep_alive.on {
        return;
    }
    let wanted = [
        Some(SocketOption::KeepAlive),
        keep_alive.count.map(SocketOption::KeepAliveCount),
        keep_alive.idle.map(SocketOption::KeepAliveIdle),
        keep_alive.interval.map(SocketOption::KeepAliveInterval),
    ];
    for option in wanted.into_iter().flatten() {
        if !settings.options.has(&option) {
            settings.options.set(option);
        }
    }
}
