//! How long a variable lives.

use std::fmt;

/// The scope of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// As long as the process, and for all sessions.
    Process,
    /// As long as the client's connection.
    Session,
    /// As long as a request and its response.
    Exchange,
    /// While a request is looked at.
    Request,
    /// While a response is looked at.
    Response,
}

impl Scope {
    /// All, with their names.
    pub const NAMES: [(&'static str, Scope); 5] = [
        ("proc", Scope::Process),
        ("sess", Scope::Session),
        ("txn", Scope::Exchange),
        ("req", Scope::Request),
        ("res", Scope::Response),
    ];
}

/// `txn`
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Scope::NAMES.iter().find(|(_, scope)| scope == self).map_or("", |(name, _)| name))
    }
}
