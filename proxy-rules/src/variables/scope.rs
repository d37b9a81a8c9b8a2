//! Lifetimes of variables.

use std::fmt;

/// The scope of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The process; the variable is shared by all sessions.
    Process,
    /// The client's connection.
    Session,
    /// A request and its response.
    Exchange,
    /// The processing of a request.
    Request,
    /// The processing of a response.
    Response,
    /// A health check.
    Check,
}

impl Scope {
    /// All scopes, with their names.
    pub const NAMES: [(&'static str, Scope); 6] = [
        ("proc", Scope::Process),
        ("sess", Scope::Session),
        ("txn", Scope::Exchange),
        ("req", Scope::Request),
        ("res", Scope::Response),
        ("check", Scope::Check),
    ];
}

/// `txn`
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Scope::NAMES.iter().find(|(_, scope)| scope == self).map_or("", |(name, _)| name))
    }
}
