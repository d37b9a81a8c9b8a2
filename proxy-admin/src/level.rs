//! Levels: what the clients of a socket may do.

use std::fmt;

use proto_core::extension::Access;

/// What a client may do. Each level includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Reading what is not sensitive.
    User,
    /// Reading everything, and changes that do no harm.
    #[default]
    Operator,
    /// Reading and changing everything.
    Admin,
}

impl Level {
    /// All levels, by their words.
    pub const ALL: [(&'static str, Level); 3] =
        [("user", Level::User), ("operator", Level::Operator), ("admin", Level::Admin)];
}

impl From<Access> for Level {
    fn from(access: Access) -> Level {
        match access {
            Access::User => Level::User,
            Access::Operator => Level::Operator,
            Access::Admin => Level::Admin,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::User => "user",
            Level::Operator => "operator",
            Level::Admin => "admin",
        })
    }
}
