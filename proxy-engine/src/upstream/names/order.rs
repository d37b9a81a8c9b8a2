//! What other threads ask of the worker of a section.

use std::net::IpAddr;

use proxy_resolve::{DomainName, Family};
use tokio::sync::oneshot;

/// The most orders that wait.
pub(super) const MAILBOX: usize = 1024;

/// An order to a section.
#[derive(Debug)]
pub(crate) enum Order {
    /// A server has another name.
    Renamed {
        /// The number of its backend.
        backend: u32,
        /// Its place in its backend.
        index: usize,
    },
    /// A server cannot be reached: its address may have changed.
    Hurry {
        /// The number of its backend.
        backend: u32,
        /// Its place in its backend.
        index: usize,
    },
    /// A rule needs the address of a name.
    Lookup {
        /// The name.
        name: DomainName,
        /// The preferred family.
        prefers: Family,
        /// Gets the address.
        found: oneshot::Sender<Option<IpAddr>>,
    },
}
