//! The descriptors that the process has inherited.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::RawFd;

/// Returns the descriptors that are open now. To be called first of all: later some are our own. Without `/proc` only
/// the standard streams are known.
pub(crate) fn open_descriptors() -> BTreeSet<RawFd> {
    const LIST: &str = "/proc/self/fd";
    let names =
        |list: fs::ReadDir| list.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    let mut found: BTreeSet<RawFd> = fs::read_dir(LIST).map(names).unwrap_or_default();
    // The listing itself was a descriptor, and is closed by now.
    found.retain(|fd| fs::symlink_metadata(format!("{LIST}/{fd}")).is_ok());
    found.extend(0..=2);
    found
}
