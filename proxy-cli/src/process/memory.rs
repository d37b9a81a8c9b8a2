//! `-m`: how much memory the process may have.

use std::io;

use super::sys;

/// Limits the data of the process, as HAProxy does (`RLIMIT_DATA`): what is over it is not given.
///
/// # Errors
/// The system's, when the limit would be raised over what is allowed.
pub(crate) fn limit_memory(bytes: u64) -> io::Result<()> {
    sys::set_data_limit(bytes)
}
