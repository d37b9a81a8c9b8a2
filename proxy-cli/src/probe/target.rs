//! From a line to a connection: the family of the address and the prefix select the protocol, which connects; then the
//! layers of the line do their handshakes. This module does not know which protocols and layers there are.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use proto_core::address::{Address, AddressSpec, Host, HostName};
use proto_core::error::{ConnectError, ConnectFailure, Refusal};
use proto_core::findings::Findings;
use proto_core::layer::{LayerError, Outgoing, connect_by};
use proto_core::protocol::connect_within;
use proto_core::spec::Target;
use proto_core::stream::Stream;
use proxy_config::Diagnostics;
use proxy_engine::config::Route;
use proxy_engine::config::resolve::{Resolver as _, SystemResolver};

use super::line::Line;
use crate::setup::Setup;

/// The reason why there is no connection to judge.
#[derive(Debug)]
pub(crate) enum NoConnection {
    NotLinked(String),
    Unresolvable {
        name: HostName,
        source: io::Error,
    },
    ResolverSilent(HostName),
    NoAddress(HostName),
    /// The protocol or a layer does not support what the line says.
    Unusable(String),
    Connect(ConnectError),
    Handshake(LayerError),
    /// A system call of this machine failed.
    System(io::Error),
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoConnection::NotLinked(address) => {
                write!(f, "no protocol for {address} is built into this binary")
            }
            NoConnection::Unresolvable { name, source } => write!(f, "cannot resolve '{name}': {source}"),
            NoConnection::ResolverSilent(name) => write!(f, "cannot resolve '{name}': no answer in time"),
            NoConnection::NoAddress(name) => {
                write!(f, "'{name}' has no address of an allowed family")
            }
            NoConnection::Unusable(why) => f.write_str(why),
            NoConnection::Connect(error) => error.fmt(f),
            NoConnection::Handshake(error) => error.fmt(f),
            NoConnection::System(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoConnection {}

impl From<ConnectError> for NoConnection {
    fn from(error: ConnectError) -> Self {
        NoConnection::Connect(error)
    }
}

impl From<io::Error> for NoConnection {
    fn from(error: io::Error) -> Self {
        NoConnection::System(error)
    }
}

impl NoConnection {
    /// Returns a word for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            NoConnection::NotLinked(_)
            | NoConnection::Connect(ConnectError::Refused(Refusal::NotBuiltIn { .. })) => "not-linked",
            NoConnection::Unresolvable { .. }
            | NoConnection::ResolverSilent(_)
            | NoConnection::NoAddress(_) => "unresolvable",
            NoConnection::Unusable(_) => "unusable",
            NoConnection::Handshake(LayerError::TimedOut { .. }) => "timed-out",
            NoConnection::Handshake(LayerError::Failed { .. }) => "handshake",
            NoConnection::System(_) => "system",
            NoConnection::Connect(error) => match error.failure() {
                ConnectFailure::Refused => "refused",
                ConnectFailure::TimedOut => "timed-out",
                ConnectFailure::Unreachable => "unreachable",
                ConnectFailure::Denied => "denied",
                ConnectFailure::NoLocalAddress
                | ConnectFailure::Exhausted
                | ConnectFailure::Unsupported
                | ConnectFailure::Other => "system",
            },
        }
    }
}

/// An established connection, and how it was made.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) peer: Address,
    /// When connecting to this address began.
    pub(crate) began: Instant,
    /// The warnings of the protocol about this machine.
    pub(crate) warnings: Vec<String>,
}

/// Returns the host and the port without the prefix, for the `Host` field of a request. An address outside of the
/// Internet has no such name.
pub(crate) fn authority(spec: &AddressSpec) -> String {
    match &spec.host {
        Host::Ip(IpAddr::V6(ip)) => format!("[{ip}]{}", spec.port),
        Host::Ip(ip) => format!("{ip}{}", spec.port),
        Host::Name(name) => format!("{name}{}", spec.port),
        _ => "localhost".to_owned(),
    }
}

/// Connects to the first address that answers. Each gets its share of the time until `end`.
///
/// # Errors
/// Returns why there is no connection to the last one.
pub(crate) async fn connect(setup: &Setup<'_>, line: &Line, end: Instant) -> Result<Connected, NoConnection> {
    let spec = line.address();
    let addresses = addresses(spec, end).await?;
    let mut failure = None;
    for (place, address) in addresses.iter().enumerate() {
        let waiting = u32::try_from(addresses.len() - place).unwrap_or(u32::MAX);
        let share = end.saturating_duration_since(Instant::now()) / waiting;
        match connect_one(setup, line, address, share).await {
            Ok(connected) => return Ok(connected),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(|| NoConnection::NotLinked(spec.to_string())))
}

async fn connect_one(
    setup: &Setup<'_>,
    line: &Line,
    address: &Address,
    limit: Duration,
) -> Result<Connected, NoConnection> {
    let selector = &line.address().selector;
    if setup.registry.select(selector, address.family()).is_none() {
        return Err(NoConnection::NotLinked(line.address().to_string()));
    }
    let mut diagnostics = Diagnostics::default();
    let assembly = setup.plain_assembly();
    let Route { connector, via, layers, warnings, .. } = assembly
        .route(&line.section, &line.server, address, &mut diagnostics)
        .map_err(|mistake| NoConnection::Unusable(mistake.message))?;
    let warnings = warnings.into_iter().map(|warning| warning.message).collect();

    let (began, target) = (Instant::now(), Target::new(address.clone()));
    let through = via.map(|via| Target { address: via, ..target.clone() });
    let mut stream = connect_within(&*connector, through.as_ref().unwrap_or(&target), limit).await?;
    let (to, mut findings) = (Outgoing::new(&target), Findings::default());
    for layer in &layers {
        let handshake = connect_by((began + limit).into(), limit, &**layer, stream, &to, &mut findings);
        stream = handshake.await.map_err(NoConnection::Handshake)?;
    }
    Ok(Connected { stream, peer: address.clone(), began, warnings })
}

async fn addresses(spec: &AddressSpec, end: Instant) -> Result<Vec<Address>, NoConnection> {
    let Host::Name(name) = &spec.host else {
        return Ok(spec.addresses().unwrap_or_default());
    };
    // A resolver blocks; one that never answers keeps its thread until the program ends.
    let asked = name.clone();
    let answer = tokio::task::spawn_blocking(move || SystemResolver.resolve(&asked));
    let answer = tokio::time::timeout_at(end.into(), answer)
        .await
        .map_err(|_| NoConnection::ResolverSilent(name.clone()))?
        .map_err(io::Error::other)?
        .map_err(|source| NoConnection::Unresolvable { name: name.clone(), source })?;
    let admitted = answer.into_iter().filter(|ip| spec.admits(*ip));
    let addresses: Vec<Address> =
        admitted.filter_map(|ip| spec.with_ip(ip).addresses().ok()).flatten().collect();
    if addresses.is_empty() { Err(NoConnection::NoAddress(name.clone())) } else { Ok(addresses) }
}
