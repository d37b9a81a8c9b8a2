//! Resolves names to addresses.
//!
//! A resolver blocks, so it runs on a thread of its own, under a deadline. It is injected: tests bring their own.

use std::fmt;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use proto_core::address::HostName;

/// A resolver of names. It may block.
pub trait Resolver: fmt::Debug + Send + Sync + 'static {
    /// Returns the addresses of a name, in the order of preference.
    ///
    /// # Errors
    /// There are none, or there is no answer.
    fn resolve(&self, name: &HostName) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver (`getaddrinfo(3)`).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, name: &HostName) -> io::Result<Vec<IpAddr>> {
        let mut addresses: Vec<IpAddr> = Vec::new();
        for address in (name.as_str(), 0).to_socket_addrs()? {
            if !addresses.contains(&address.ip()) {
                addresses.push(address.ip());
            }
        }
        Ok(addresses)
    }
}

/// The error of a name that could not be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The resolver failed.
    #[error("cannot resolve '{name}': {source}")]
    Failed {
        /// The name.
        name: HostName,
        /// The error of the resolver.
        source: io::Error,
    },
    /// The resolver did not answer in time.
    #[error("cannot resolve '{name}': no answer within {limit:?}")]
    TimedOut {
        /// The name.
        name: HostName,
        /// The longest wait for an answer.
        limit: Duration,
    },
    /// The name has no address of a family that the line admits.
    #[error("'{name}' has no address of a family that is allowed here")]
    NoAddress {
        /// The name.
        name: HostName,
    },
}

/// The most addresses of a name that are kept.
const MOST_ADDRESSES: usize = 16;

/// Resolves a name to the first addresses that `admits` accepts, in the order of preference; at least one.
///
/// # Errors
/// [`ResolveError`]. A resolver that does not answer in time keeps its thread until it does.
pub fn resolve(
    resolver: &Arc<dyn Resolver>,
    name: &HostName,
    limit: Duration,
    admits: impl Fn(IpAddr) -> bool,
) -> Result<Vec<IpAddr>, ResolveError> {
    let (answer, answered) = mpsc::channel();
    let (asked, by) = (name.clone(), Arc::clone(resolver));
    let thread = std::thread::Builder::new().name("resolver".into());
    let failed = |source| ResolveError::Failed { name: name.clone(), source };
    thread.spawn(move || drop(answer.send(by.resolve(&asked)))).map_err(failed)?;
    let mut addresses = answered
        .recv_timeout(limit)
        .map_err(|_| ResolveError::TimedOut { name: name.clone(), limit })?
        .map_err(failed)?;
    addresses.retain(|ip| admits(*ip));
    addresses.truncate(MOST_ADDRESSES);
    if addresses.is_empty() { Err(ResolveError::NoAddress { name: name.clone() }) } else { Ok(addresses) }
}
