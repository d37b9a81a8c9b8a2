//! `resolvers` sections, and what resolves the name of a server.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use proto_core::address::Address;
use proto_core::protocol::Connector;
use proxy_resolve::settings::AcceptFamily;
use proxy_resolve::{Counters, DomainName, Family, Preference, ResolverPolicy};
use proxy_rules::{ResolveNames, Resolving};
use tokio::sync::{mpsc, oneshot};

use super::order::{MAILBOX, Order};

/// How a name server is reached.
#[derive(Clone, Debug)]
pub enum Way {
    /// By datagrams. Answers that do not fit in one are asked for over a stream.
    Datagram(SocketAddr, Option<Arc<dyn Connector>>),
    /// By a stream.
    Stream(Address, Arc<dyn Connector>),
}

/// A name server.
#[derive(Clone, Debug)]
pub struct NameServer {
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub way: Way,
}

/// The configuration of a section.
#[derive(Clone, Debug)]
pub struct ResolverConfig {
    /// Its name.
    pub name: String,
    /// Its settings.
    pub policy: ResolverPolicy,
    /// Its name servers.
    pub servers: Vec<NameServer>,
    /// The families of addresses that answers may have.
    pub families: AcceptFamily,
}

/// A `resolvers` section. One worker asks its name servers; others send it orders.
#[derive(Debug)]
pub struct ResolverSection {
    config: ResolverConfig,
    counters: Vec<Counters>,
    orders: mpsc::Sender<Order>,
    mailbox: Mutex<Option<mpsc::Receiver<Order>>>,
}

impl ResolverSection {
    /// Creates a section.
    pub fn new(config: ResolverConfig) -> Arc<ResolverSection> {
        let (orders, mailbox) = mpsc::channel(MAILBOX);
        let counters = config.servers.iter().map(|_| Counters::default()).collect();
        Arc::new(ResolverSection { config, counters, orders, mailbox: Mutex::new(Some(mailbox)) })
    }

    /// Returns the configuration.
    pub fn config(&self) -> &ResolverConfig {
        &self.config
    }

    /// Returns the name servers and their counters.
    pub fn servers(&self) -> impl Iterator<Item = (&NameServer, &Counters)> {
        self.config.servers.iter().zip(&self.counters)
    }

    /// Takes what receives orders. It can be taken once.
    pub(super) fn take_mailbox(&self) -> Option<mpsc::Receiver<Order>> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Resolves a name for a rule. Returns `None` if it has no address, or if too many names are resolved.
    pub(crate) async fn lookup(&self, name: DomainName, prefers: Family) -> Option<IpAddr> {
        let (found, answer) = oneshot::channel();
        self.orders.try_send(Order::Lookup { name, prefers, found }).ok()?;
        answer.await.ok().flatten()
    }

    /// Has the name of a server resolved that was changed, or whose address may have changed. Orders that are too many
    /// are dropped: names are resolved all the time.
    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.try_send(order);
    }
}

/// What resolves the name of a server.
#[derive(Clone, Debug)]
pub struct NameResolution {
    /// The section.
    pub section: Arc<ResolverSection>,
    /// What the server prefers of several addresses.
    pub preference: Preference,
    /// The service whose SRV records define the server, if it is one of those.
    pub service: Option<DomainName>,
}

impl ResolveNames for ResolverSection {
    fn resolve(self: Arc<Self>, name: &str, prefers_v4: bool) -> Resolving {
        let name = DomainName::parse(name);
        let prefers = if prefers_v4 { Family::V4 } else { Family::V6 };
        Box::pin(async move { self.lookup(name?, prefers).await })
    }
}
