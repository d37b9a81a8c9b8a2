//! The time zone of this machine: `TZ`, or else `/etc/localtime`, read once.
//!
//! It is not read again when it changes: the files may be out of reach by then (`chroot`), and a log line never waits
//! for a lock or a file.

use std::sync::OnceLock;

use jiff::tz::TimeZone;

static LOCAL: OnceLock<TimeZone> = OnceLock::new();

/// Reads the time zone, unless that has been done. Called before the process confines itself.
pub fn read_time_zone() {
    let _ = local();
}

/// Returns the time zone; UTC if it cannot be determined.
pub(super) fn local() -> &'static TimeZone {
    LOCAL.get_or_init(|| TimeZone::try_system().unwrap_or(TimeZone::UTC))
}
