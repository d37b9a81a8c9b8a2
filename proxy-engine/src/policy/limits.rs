//! Limits and names of frontends and their listeners.

/// `maxconn` of the process, a frontend or a bind line: the limit of concurrent connections. 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxConn(pub usize);

impl MaxConn {
    /// Returns the limit, if there is one.
    pub fn limit(self) -> Option<usize> {
        Some(self.0).filter(|limit| *limit > 0)
    }
}

/// `name` of a bind line: the name of its listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindName(pub String);
