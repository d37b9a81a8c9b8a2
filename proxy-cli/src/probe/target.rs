//! From the text of an address to a connection: the family of the address and the prefix select the protocol, and that
//! connects. Which protocol it is nobody here knows.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use proto_core::Registry;
use proto_core::address::{
    Address, AddressError, AddressSpec, Host, HostName, Parser, Port, PortRule, ProcessEnvironment, Rules,
};
use proto_core::error::{ConnectError, ConnectFailure, Refusal};
use proto_core::kernel::Kernel;
use proto_core::protocol::connect_within;
use proto_core::spec::{ServerSpec, Target};
use proto_core::stream::Stream;
use proxy_engine::config::resolve::{Resolver as _, SystemResolver};

/// The prefix that is meant when there is none.
pub(crate) const PREFIX: &str = "mptcp@";
/// What the prefixes of this question have in common.
const PREFIXES: &str = "mptcp";
/// One host, one port, a stream.
const RULES: Rules = Rules { port: PortRule::Mandatory, offset: false, datagrams: false, ..Rules::SERVER };

/// An address that cannot be probed: the command line is wrong.
#[derive(Debug)]
pub(crate) enum BadAddress {
    Malformed(AddressError),
    OtherProtocol(String),
    NoHost(String),
}

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadAddress::Malformed(error) => error.fmt(f),
            BadAddress::OtherProtocol(text) => {
                write!(
                    f,
                    "'{text}' asks for another protocol: the prefix is mptcp@, mptcp4@ or mptcp6@, or none"
                )
            }
            BadAddress::NoHost(text) => write!(f, "'{text}' is no host with a port"),
        }
    }
}

impl std::error::Error for BadAddress {}

impl From<AddressError> for BadAddress {
    fn from(error: AddressError) -> Self {
        BadAddress::Malformed(error)
    }
}

/// There is no connection to judge.
#[derive(Debug)]
pub(crate) enum NoConnection {
    NotLinked,
    Unresolvable {
        name: HostName,
        source: io::Error,
    },
    ResolverSilent(HostName),
    NoAddress(HostName),
    Connect(ConnectError),
    /// Something of this machine failed.
    System(io::Error),
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoConnection::NotLinked => f.write_str("this binary is built without MPTCP"),
            NoConnection::Unresolvable { name, source } => write!(f, "cannot resolve '{name}': {source}"),
            NoConnection::ResolverSilent(name) => write!(f, "cannot resolve '{name}': no answer in time"),
            NoConnection::NoAddress(name) => {
                write!(f, "'{name}' has no address of a family that is admitted here")
            }
            NoConnection::Connect(error) => error.fmt(f),
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
    /// In one word, for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            NoConnection::NotLinked
            | NoConnection::Connect(ConnectError::Refused(Refusal::NotBuiltIn { .. })) => "not-linked",
            NoConnection::Unresolvable { .. }
            | NoConnection::ResolverSilent(_)
            | NoConnection::NoAddress(_) => "unresolvable",
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

/// A connection, and how it came about.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) peer: Address,
    /// When connecting to this address began.
    pub(crate) began: Instant,
    /// What the protocol said about this machine.
    pub(crate) warnings: Vec<String>,
}

/// Whether the prefix of this question leads anywhere.
pub(crate) fn is_linked(registry: &Registry) -> bool {
    registry.prefixes().any(|prefix| prefix.text == PREFIX)
}

/// Reads the address.
///
/// # Errors
/// When it is wrong, or of something else.
pub(crate) fn read(registry: &Registry, text: &str) -> Result<AddressSpec, BadAddress> {
    let parser = Parser::new(registry, &RULES);
    let mut spec = parser.parse(text, &ProcessEnvironment)?;
    if spec.prefix.is_none() && spec.modifier.is_none() {
        spec = parser.parse(&format!("{PREFIX}{text}"), &ProcessEnvironment)?;
    }
    if spec.prefix.is_none_or(|prefix| !prefix.text.starts_with(PREFIXES)) {
        return Err(BadAddress::OtherProtocol(text.to_owned()));
    }
    match (&spec.host, spec.port) {
        (Host::Ip(_) | Host::Name(_), Port::One(_)) => Ok(spec),
        _ => Err(BadAddress::NoHost(text.to_owned())),
    }
}

/// The host and the port without the prefix, as the `Host` field of a request has them.
pub(crate) fn authority(spec: &AddressSpec) -> String {
    match &spec.host {
        Host::Ip(IpAddr::V6(ip)) => format!("[{ip}]{}", spec.port),
        Host::Ip(ip) => format!("{ip}{}", spec.port),
        other => format!("{other}{}", spec.port),
    }
}

/// Connects to the first address that answers. Each gets its share of the time until `end`.
///
/// # Errors
/// Why there is no connection to the last one.
pub(crate) async fn connect(
    registry: &Registry,
    spec: &AddressSpec,
    end: Instant,
) -> Result<Connected, NoConnection> {
    let addresses = addresses(spec, end).await?;
    let mut failure = None;
    for (place, address) in addresses.iter().enumerate() {
        let waiting = u32::try_from(addresses.len() - place).unwrap_or(u32::MAX);
        let share = end.saturating_duration_since(Instant::now()) / waiting;
        match connect_one(registry, spec, address, share).await {
            Ok(connected) => return Ok(connected),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or(NoConnection::NotLinked))
}

async fn connect_one(
    registry: &Registry,
    spec: &AddressSpec,
    address: &Address,
    limit: Duration,
) -> Result<Connected, NoConnection> {
    let protocol = registry.select(&spec.selector, address.family()).ok_or(NoConnection::NotLinked)?;
    let any_family = spec.selector.families.is_none_or(|families| families.len() > 1);
    let server = ServerSpec { any_family, ..ServerSpec::new(address.clone()) };
    let made = protocol.connector(server, &Kernel::detect())?;
    let began = Instant::now();
    let stream = connect_within(&*made.connector, &Target::new(address.clone()), limit).await?;
    let warnings = made.warnings.into_iter().map(|warning| warning.message).collect();
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
