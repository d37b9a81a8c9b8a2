//! Who asks about names.

/// Who wants to know about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requester {
    /// A server: its name has an address.
    Server {
        /// The number of its backend.
        backend: u32,
        /// Its place among the servers of its backend.
        index: usize,
    },
    /// Servers of a backend that SRV records define.
    Service(usize),
    /// A rule.
    Lookup(u64),
}

impl Requester {
    /// Returns whether both are servers of the same backend.
    pub(crate) fn shares_backend(self, other: Requester) -> bool {
        match (self, other) {
            (Requester::Server { backend, .. }, Requester::Server { backend: other, .. }) => backend == other,
            _ => false,
        }
    }
}
