//! The time zone of this machine: `TZ`, or else `/etc/localtime`, read once.
//!
//! It is not read again when it changes: the files may be out of reach by then (`chroot`), and a line never waits for a
//! lock or a file.

use std::sync::OnceLock;

use jiff::tz::TimeZone;

static LOCAL: OnceLock<TimeZone> = OnceLock::new();

/// Reads the time zone, if that has not been done. Called before the process confines itself.
pub fn read_time_zone() {
    let _ = local();
}

/// Where it cannot be found out, that of Greenwich.
pub(super) fn local() -> &'static TimeZone {
    LOCAL.get_or_init(|| TimeZone::try_system().unwrap_or(TimeZone::UTC))
}
