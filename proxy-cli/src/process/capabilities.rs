//! Capabilities that the process keeps when it becomes another user: `setcap`.

use std::io;

use super::sys;

/// A capability (`capabilities(7)`), by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capability(u32);

/// The capabilities that are useful here, by the names that HAProxy uses. The numbers are those of `linux/capability.h`.
const KNOWN: &[(&str, u32)] =
    &[("cap_net_bind_service", 10), ("cap_net_admin", 12), ("cap_net_raw", 13), ("cap_sys_admin", 21)];

impl Capability {
    /// Returns the capability with this name.
    pub(crate) fn named(name: &str) -> Option<Capability> {
        KNOWN.iter().find(|(known, _)| *known == name).map(|(_, number)| Capability(*number))
    }

    /// Returns all names.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|(name, _)| *name)
    }

    /// Returns whether the capability allows foreign source addresses of connections.
    pub(crate) fn allows_foreign_sources(self) -> bool {
        [12, 13].contains(&self.0)
    }
}

/// Has the process keep what it may do when it becomes another user, until [`keep_only`].
///
/// # Errors
/// The system's.
pub(super) fn keep_all() -> io::Result<()> {
    sys::keep_capabilities()
}

/// Gives up all capabilities but these, which this thread and those that it starts later have from now on.
///
/// # Errors
/// When the process does not have one of them.
pub(super) fn keep_only(wanted: &[Capability]) -> io::Result<()> {
    sys::set_capabilities(wanted.iter().fold(0, |set, capability| set | 1 << capability.0))
}
