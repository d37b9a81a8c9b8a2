//! Users and groups of the system.

use std::fmt;
use std::io;

use proto_core::accounts;

/// A user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uid(pub(crate) u32);

/// A group id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gid(pub(crate) u32);

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Gid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns the user with this name, or `None`. It is looked up in the system, so not from inside a jail.
///
/// # Errors
/// Returns an error if the lookup fails.
pub(crate) fn user_by_name(name: &str) -> io::Result<Option<Uid>> {
    Ok(accounts::user_id(name)?.map(Uid))
}

/// Returns the group with this name, or `None`. It is looked up in the system, so not from inside a jail.
///
/// # Errors
/// Returns an error if the lookup fails.
pub(crate) fn group_by_name(name: &str) -> io::Result<Option<Gid>> {
    Ok(accounts::group_id(name)?.map(Gid))
}
