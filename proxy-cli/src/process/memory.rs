//! `-m`: the limit on the memory of the process.

use std::io;

use super::sys;

/// Limits the data of the process, as HAProxy does (`RLIMIT_DATA`): allocations above the limit fail.
///
/// # Errors
/// Returns the system's error if the limit would be raised above what is allowed.
pub(crate) fn limit_memory(bytes: u64) -> io::Result<()> {
    sys::set_data_limit(bytes)
}
