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

/// `fullconn`: the number of sessions of a backend from which its servers have their whole limits. 0, the default, stands
/// for a tenth of the sessions that its frontends admit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FullConn(pub usize);

/// `rate-limit sessions` of a frontend: the most new sessions in a second; 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionRate(pub u32);

/// `maxconnrate`: the most new connections of the process in a second; 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionRate(pub u32);

/// `maxsessrate`: the most new sessions of the process in a second; 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessSessionRate(pub u32);

/// `name` of a bind line: the name of its listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindName(pub String);
