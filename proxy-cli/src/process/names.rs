//! Users and groups of the system.

use std::fmt;
use std::io;

use proto_core::accounts;

/// The number of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uid(pub(crate) u32);

/// The number of a group.
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

/// A user by name; `None` if there is none. Asks the system, so not from inside a jail.
///
/// # Errors
/// When the system cannot tell.
pub(crate) fn user_by_name(name: &str) -> io::Result<Option<Uid>> {
    Ok(accounts::user_id(name)?.map(Uid))
}

/// A group by name; `None` if there is none. Asks the system, so not from inside a jail.
///
/// # Errors
/// When the system cannot tell.
pub(crate) fn group_by_name(name: &str) -> io::Result<Option<Gid>> {
    Ok(accounts::group_id(name)?.map(Gid))
}
