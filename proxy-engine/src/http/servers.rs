//! Obtains a connection to a server for an exchange: one that its client has for itself, one of the worker's pool, an
//! idle one of another worker, or a new one.

use std::sync::Arc;
use std::task::Context;

use proto_core::address::Address;
use proto_core::spec::Target;
use proto_core::stream::Stream;

use crate::connection::{ClientConnection, Owned, RuleTraces};
use crate::exchange::StreamRef;
use crate::exchange::back::{Back, BackExchange, SerialBack};
use crate::policy::{HttpPolicy, Reuse};
use crate::upstream::Server;
use crate::upstream::behalf::Behalf;
use crate::upstream::connect::{Connections, ServerFindings};
use crate::upstream::handover::Handed;
use crate::upstream::pool::{Idle, Personal, PoolKey, Pooled, Reusable, Shared};

/// The server's side of an exchange, and the connection that carries it.
#[derive(Debug)]
pub(crate) struct ServerExchange {
    carrier: Carrier,
    /// The number of exchanges that the connection carried before this one.
    exchanges: u32,
    findings: ServerFindings,
}

#[derive(Debug)]
enum Carrier {
    /// A connection that carries this exchange alone.
    Connection(Box<dyn SerialBack>, PoolKey),
    /// A stream of a connection that may carry other exchanges as well.
    Stream(Box<dyn BackExchange>, Box<Shared>),
}

impl ServerExchange {
    /// Returns whether the connection was used before: its server may close it at any moment.
    pub(crate) fn is_reused(&self) -> bool {
        self.exchanges > 0
    }

    /// Returns the exchange.
    pub(crate) fn back(&mut self) -> &mut dyn BackExchange {
        match &mut self.carrier {
            Carrier::Connection(back, _) => &mut **back,
            Carrier::Stream(back, _) => &mut **back,
        }
    }

    /// Returns the exchange, for reading its state.
    pub(crate) fn look(&self) -> &dyn BackExchange {
        match &self.carrier {
            Carrier::Connection(back, _) => &**back,
            Carrier::Stream(back, _) => &**back,
        }
    }

    /// Returns what the handshakes of the connection's layers found out.
    pub(crate) fn findings(&self) -> &ServerFindings {
        &self.findings
    }

    /// Returns whether a connection that carries this exchange alone is open and silent after a complete response. The
    /// waker is called when that changes. A shared connection counts as quiet.
    pub(crate) fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.carrier {
            Carrier::Connection(back, _) => back.is_quiet(cx),
            Carrier::Stream(..) => true,
        }
    }

    /// Converts the exchange into a stream of bytes.
    pub(crate) fn into_stream(self) -> Box<dyn Stream> {
        match self.carrier {
            Carrier::Connection(back, _) => back.into_stream(),
            Carrier::Stream(back, _) => back.into_stream(),
        }
    }

    fn of(pooled: Pooled) -> ServerExchange {
        match pooled {
            Pooled::Idle(Idle { back, key, exchanges, findings }) => {
                ServerExchange { carrier: Carrier::Connection(back, key), exchanges, findings }
            }
            Pooled::Exchange(back, shared, exchanges) => {
                let findings = shared.findings.clone();
                ServerExchange { carrier: Carrier::Stream(back, Box::new(shared)), exchanges, findings }
            }
        }
    }
}

/// The search of an exchange for a connection to a server.
pub(crate) struct Servers<'a> {
    pub(crate) connection: &'a ClientConnection,
    /// The policy of the backend.
    pub(crate) policy: &'a HttpPolicy,
    /// The changes that rules have made.
    pub(crate) traces: &'a RuleTraces,
    /// What servers may be told about the client, if any server of the backend is told something.
    pub(crate) behalf: Option<Box<Behalf>>,
    /// Whether to use only new connections: a reused one may be closed before the response.
    pub(crate) only_new: bool,
}

/// Returns what the layers of a server tell it about a client, as far as this binds the connection to the client.
fn identity(server: &Server, behalf: &Behalf, address: &Address) -> Vec<Vec<u8>> {
    let target = Target::new(address.clone());
    let formats = behalf.formats(server);
    let to = behalf.outgoing(&target, &formats);
    server.config().layers.iter().filter_map(|layer| layer.identity(&to)).collect()
}

impl Servers<'_> {
    fn reusable(&self) -> Option<Reusable> {
        let is_first = !self.connection.is_known();
        match self.policy.reuse {
            Reuse::Never => None,
            Reuse::Safe if is_first => None,
            Reuse::Aggressive if is_first => Some(Reusable::Proven),
            Reuse::Safe | Reuse::Aggressive | Reuse::Always => Some(Reusable::Any),
        }
    }

    /// Wraps a stream in the codec that the server speaks.
    fn back(&self, server: &Server, stream: Box<dyn Stream>) -> Back {
        let codec = (self.connection.worker.codecs.back)(server, &*stream);
        codec(stream, self.policy, &self.connection.worker.memory)
    }

    fn key(&self, server: &Server, address: &Address) -> PoolKey {
        let has_options = !self.traces.server_options().is_empty();
        let may_be_personal = server.config().is_personal || self.behalf.is_some() || has_options;
        let personal = may_be_personal.then(|| self.personal(server, address)).flatten();
        PoolKey { address: address.clone(), personal }
    }

    /// Returns the pool keys of the server's addresses other than the preferred one.
    fn alternatives(&self, server: &Server, target: &Target) -> impl Iterator<Item = PoolKey> {
        let others = target.alternatives.iter().flat_map(|others| others.iter());
        others.map(|address| self.key(server, address))
    }

    fn personal(&self, server: &Server, address: &Address) -> Option<Box<Personal>> {
        let behalf = self.behalf.as_ref();
        let source = match server.source_field() {
            Some(field) => behalf.and_then(|behalf| behalf.named_source(field, address)),
            None => server.config().is_personal.then(|| self.traces.source(self.connection).clone()),
        };
        let options = self.traces.server_options().to_vec();
        let identity = behalf.map_or_else(Vec::new, |behalf| identity(server, behalf, address));
        let is_one = source.is_some() || !identity.is_empty() || !options.is_empty();
        is_one.then(|| Box::new(Personal { source, identity, options }))
    }

    /// Takes the connection that this client has for itself, if it leads to the target and is usable; else closes it.
    fn owned(&self, cx: &mut Context<'_>, server: &Server, target: &Target, key: &PoolKey) -> Option<Pooled> {
        let fits =
            |other: &PoolKey| other == key || self.alternatives(server, target).any(|key| *other == key);
        match self.connection.take_owned(server.key())? {
            Owned::Idle(mut idle) if fits(&idle.key) => idle.back.is_quiet(cx).then_some(Pooled::Idle(idle)),
            Owned::Shared(shared) if fits(&shared.key) => {
                let opened = Pooled::open(&shared);
                match opened {
                    Some(_) => self.own(server, shared),
                    None => shared.connection.stop(),
                }
                opened
            }
            other => {
                other.close();
                None
            }
        }
    }

    /// Returns the connection of a finished exchange to the pool or to its client, or closes it.
    pub(crate) fn give_back(&self, server: &Arc<Server>, exchange: ServerExchange, closes: bool) {
        let ServerExchange { carrier, exchanges, findings } = exchange;
        let (back, key) = match carrier {
            Carrier::Connection(back, key) => (back, key),
            // The stream ends with its exchange. Its connection was offered to all clients before it was known that no
            // other client may use it.
            Carrier::Stream(_, shared) => {
                if self.is_exclusive(server) && !shared.is_exclusive() {
                    self.own(server, *shared);
                }
                return;
            }
        };
        let worker = &self.connection.worker;
        let exchanges = exchanges.saturating_add(1);
        let is_used_up = server.config().pool.most_reuses.is_some_and(|most| exchanges > most);
        if !back.is_reusable() || is_used_up || closes || worker.is_stopping() {
            return;
        }
        if self.is_exclusive(server) {
            self.connection.own(server.key(), Owned::Idle(Idle { back, key, exchanges, findings }));
        } else {
            worker.pool.put(server, Idle { back, key, exchanges, findings });
        }
    }

    /// Keeps a shared connection for this client alone, unless it has carried as many exchanges as `max-reuse` allows.
    fn own(&self, server: &Server, shared: Shared) {
        shared.make_exclusive();
        if !shared.retire_used_up(server) {
            self.connection.own(server.key(), Owned::Shared(shared));
        }
    }

    /// Returns whether connections made for this client must not serve others.
    fn is_exclusive(&self, server: &Server) -> bool {
        self.connection.is_exclusive.get() || server.config().is_personal || self.policy.reuse == Reuse::Never
    }
}

impl Connections for Servers<'_> {
    type Connection = ServerExchange;

    fn existing(
        &mut self,
        cx: &mut Context<'_>,
        server: &Arc<Server>,
        target: &Target,
    ) -> Option<ServerExchange> {
        if self.only_new {
            return None;
        }
        let key = self.key(server, &target.address);
        let pooled = self.owned(cx, server, target, &key).or_else(|| {
            let (pool, which) = (&self.connection.worker.pool, self.reusable()?);
            pool.take(server, &key, which, cx).or_else(|| {
                self.alternatives(server, target).find_map(|key| pool.take(server, &key, which, cx))
            })
        });
        pooled.map(ServerExchange::of)
    }

    async fn elsewhere(&mut self, server: &Arc<Server>, target: &Target) -> Option<ServerExchange> {
        if self.only_new || !self.policy.tuning.shared_pools {
            return None;
        }
        let which = self.reusable()?;
        // Only for the preferred address: each of the other workers may take a while to answer.
        let key = self.key(server, &target.address);
        let handed = self.connection.worker.handover.ask(server, &key, which).await?;
        let Handed { connection, exchanges, findings } = handed;
        match self.back(server, connection) {
            Back::Serial(back) => {
                Some(ServerExchange::of(Pooled::Idle(Idle { back, key, exchanges, findings })))
            }
            Back::Multiplexed(..) => None,
        }
    }

    fn established(
        &mut self,
        server: &Arc<Server>,
        address: &Address,
        stream: Box<dyn Stream>,
        findings: ServerFindings,
    ) -> ServerExchange {
        let worker = &self.connection.worker;
        match self.back(server, stream) {
            Back::Serial(back) => {
                let carrier = Carrier::Connection(back, self.key(server, address));
                ServerExchange { carrier, exchanges: 0, findings }
            }
            Back::Multiplexed(connection, driver) => {
                tokio::task::spawn_local(driver.0);
                let key = self.key(server, address);
                let shared = Shared::new(connection, key, findings.clone());
                let exchange = shared.open_first();
                if self.is_exclusive(server) {
                    self.own(server, shared.clone());
                } else {
                    worker.pool.share(server, shared.clone());
                }
                ServerExchange {
                    carrier: Carrier::Stream(exchange, Box::new(shared)),
                    exchanges: 0,
                    findings,
                }
            }
        }
    }

    fn look(exchange: &ServerExchange) -> StreamRef<'_> {
        exchange.look().stream()
    }

    fn behalf(&self) -> Option<&Behalf> {
        self.behalf.as_deref()
    }

    fn close_idle(&mut self) -> bool {
        self.connection.worker.pool.close_idle()
    }
}
