//! Socket options, as data: their names, when they may be set, and which connections of a listener get them.
//!
//! Setting and reading them is in [`apply`]; their keywords are in `keywords.rs`.

pub mod apply;
mod keywords;
mod warnings;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::keywords::KEYWORDS;
pub use self::warnings::Warnings;

/// A socket option with its value.
///
/// Each has the name of HAProxy's keyword; options that HAProxy has only as a `tune.` setting, or not at all, have the
/// name of the system's option.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SocketOption {
    /// `mss`: `TCP_MAXSEG`, in bytes. On an MPTCP socket since Linux 6.17.
    Mss(u16),
    /// `tfo`: TCP Fast Open (RFC 7413). On a listener a queue of 4096, capped by `net.core.somaxconn`; on a connection
    /// the first write connects.
    FastOpen,
    /// `defer-accept`: `TCP_DEFER_ACCEPT` of one second, as in HAProxy: the kernel returns a connection with its first
    /// byte.
    DeferAccept,
    /// `backlog`: connections that may wait to be accepted. The kernel caps it at `net.core.somaxconn`.
    Backlog(u32),
    /// `interface`: `SO_BINDTODEVICE`. Needs `CAP_NET_RAW` on a socket that already has one.
    Interface(String),
    /// `transparent`: `IP_TRANSPARENT`, or `IP_FREEBIND` if that is not permitted: bind to addresses of other hosts.
    Transparent,
    /// `v4v6`: an IPv6 listener accepts IPv4 too, whatever `net.ipv6.bindv6only` is.
    V4V6,
    /// `v6only`: an IPv6 listener accepts IPv6 only. Takes precedence over `v4v6`.
    V6Only,
    /// `namespace`: the network namespace to make the socket in, by its name in `/run/netns`.
    Namespace(String),
    /// `tcp-ut`: `TCP_USER_TIMEOUT` (RFC 5482), in milliseconds. Not on MPTCP sockets.
    UserTimeout(Duration),
    /// `tcp-ss`: `TCP_SAVE_SYN`: 1 keeps the headers of the SYN, 2 also those of the link. Not on MPTCP sockets.
    SaveSyn(u8),
    /// `cc`: `TCP_CONGESTION`, the congestion control algorithm.
    CongestionControl(String),
    /// `tcp-md5sig`: `TCP_MD5SIG` (RFC 2385), at most 80 bytes. Not on MPTCP sockets.
    Md5Signature(Secret),
    /// `nolinger`: closing resets the connection and discards unsent data.
    NoLinger,
    /// Undoes `NoLinger`: closing sends what was written, which is what sockets do at first.
    Linger,
    /// `keepalive`: `SO_KEEPALIVE`.
    KeepAlive,
    /// `keepalive-idle`: `TCP_KEEPIDLE`, whole seconds without traffic before the first probe.
    KeepAliveIdle(Duration),
    /// `keepalive-interval`: `TCP_KEEPINTVL`, whole seconds between probes.
    KeepAliveInterval(Duration),
    /// `keepalive-count`: `TCP_KEEPCNT`, unanswered probes that end a connection.
    KeepAliveCount(u8),
    /// `rcvbuf`: `SO_RCVBUF`, bytes of payload; the kernel doubles it for its own use and caps it at
    /// `net.core.rmem_max`.
    ReceiveBuffer(u32),
    /// `sndbuf`: `SO_SNDBUF`, in the same way, capped at `net.core.wmem_max`.
    SendBuffer(u32),
    /// `notsent-lowat`: `TCP_NOTSENT_LOWAT`, unsent bytes above which a socket is not writable.
    NotSentLowat(u32),
    /// `mark`: `SO_MARK`, for routing and filters. Needs `CAP_NET_ADMIN`.
    Mark(u32),
    /// HAProxy's `option tcp-smart-accept` and `tcp-smart-connect`: `TCP_QUICKACK` off, so that the first
    /// acknowledgement is sent with data. It lasts until the kernel changes it. Not on MPTCP sockets.
    DelayAck,
    /// `tos`: `IP_TOS` and `IPV6_TCLASS`.
    Tos(u8),
    /// `TCP_REPAIR`: closing the connection sends no packet and forgets it. Needs `CAP_NET_ADMIN`; not on MPTCP sockets.
    Repair,
    /// `IP_TTL` and `IPV6_UNICAST_HOPS`: how many routers a packet may pass.
    Ttl(u8),
    /// `source`: the address that a connection comes from.
    Source(Source),
    /// `usesrc`: an address of another host that a connection comes from, with `IP_TRANSPARENT`.
    UseSource(UseSource),
}

/// An address of this host that connections come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The address; its port is 0 for any, else the first that may be used.
    pub addr: SocketAddr,
    /// The last port that may be used. A range of ports serves as many connections of one server at a time.
    pub last_port: u16,
}

impl Source {
    /// Returns whether there is more than one port to take.
    pub fn is_range(&self) -> bool {
        self.addr.port() != self.last_port
    }
}

impl From<SocketAddr> for Source {
    fn from(addr: SocketAddr) -> Source {
        Source { addr, last_port: addr.port() }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Source { addr, last_port } = self;
        match self.is_range() {
            true => write!(f, "{addr}-{last_port}"),
            false => write!(f, "{addr}"),
        }
    }
}

/// The source of a connection's foreign address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UseSource {
    /// The client's address and port.
    Client,
    /// The client's address and any port.
    ClientIp,
    /// The address that a field of the client's request names, and any port. Without one the connection comes from an
    /// address of this host.
    Field(SourceField),
    /// A fixed address.
    Address(SocketAddr),
}

/// A header field of requests, and which of its values is an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourceField {
    /// The name of the field, in lower case.
    pub name: Arc<str>,
    /// The value that counts: the first is 1, the last is -1.
    pub occurrence: i32,
}

/// A key that is never shown in messages.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The length of the longest key in bytes (`TCP_MD5SIG_MAXKEYLEN` in `linux/tcp.h`).
    pub const MAX: usize = 80;

    /// Returns a key, or `None` if it is empty or too long.
    pub fn new(key: impl Into<Vec<u8>>) -> Option<Secret> {
        let key = key.into();
        (1..=Secret::MAX).contains(&key.len()).then_some(Secret(key))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// A stage at which options are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// On a socket that is neither bound nor connected.
    Fresh,
    /// On a bound socket, before it listens; its connections inherit it.
    Listening,
    /// Before a socket connects.
    Connecting,
    /// On a connection.
    Connected,
}

/// The connections of a listener that have an option which was set on it. Seen on Linux 6.18.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inherited {
    /// No connection: it applies to the listener itself.
    No,
    /// All connections of the listener.
    Always,
    /// All except plain TCP connections of an MPTCP listener, on which it must be set again.
    NotByFallback,
    /// Only plain TCP connections of an MPTCP listener, which itself refuses it.
    OnlyByFallback,
}

/// Whether somebody relies on an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It says who may connect, from where, or as whom. If it cannot be set the bind or the connection fails.
    Protects,
    /// It makes something faster or more robust. If it cannot be set there is a warning.
    Tunes,
}

/// The properties of an option that do not depend on its value.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    /// The name, which is the keyword.
    pub name: &'static str,
    /// The stages at which it may be set.
    pub stages: &'static [Stage],
    /// The connections of a listener that get it.
    pub inherited: Inherited,
    /// Whether anything may go on without it.
    pub role: Role,
}

use Inherited::{Always, No, NotByFallback, OnlyByFallback};
use Stage::{Connected, Connecting, Fresh, Listening};

const ON_BOTH: &[Stage] = &[Listening, Connecting, Connected];

impl SocketOption {
    /// Returns the properties that do not depend on the value.
    pub fn spec(&self) -> OptionSpec {
        let spec = |name, stages, inherited| OptionSpec { name, stages, inherited, role: Role::Tunes };
        let guard =
            |name, stages, inherited| OptionSpec { role: Role::Protects, ..spec(name, stages, inherited) };
        match self {
            SocketOption::Mss(_) => spec("mss", ON_BOTH, Always),
            SocketOption::FastOpen => spec("tfo", &[Listening, Connecting], No),
            SocketOption::DeferAccept => spec("defer-accept", &[Listening], No),
            SocketOption::Backlog(_) => spec("backlog", &[], No),
            SocketOption::Interface(_) => guard("interface", &[Fresh], Always),
            SocketOption::Transparent => guard("transparent", &[Fresh], Always),
            SocketOption::V4V6 => spec("v4v6", &[], No),
            SocketOption::V6Only => guard("v6only", &[], No),
            SocketOption::Namespace(_) => guard("namespace", &[], No),
            SocketOption::UserTimeout(_) => spec("tcp-ut", ON_BOTH, OnlyByFallback),
            SocketOption::SaveSyn(_) => spec("tcp-ss", &[Listening], No),
            SocketOption::CongestionControl(_) => spec("cc", ON_BOTH, Always),
            SocketOption::Md5Signature(_) => guard("tcp-md5sig", &[Listening, Connecting], No),
            SocketOption::NoLinger => spec("nolinger", ON_BOTH, Always),
            SocketOption::Linger => spec("linger", &[Connected], No),
            SocketOption::KeepAlive => spec("keepalive", ON_BOTH, Always),
            SocketOption::KeepAliveIdle(_) => spec("keepalive-idle", ON_BOTH, Always),
            SocketOption::KeepAliveInterval(_) => spec("keepalive-interval", ON_BOTH, Always),
            SocketOption::KeepAliveCount(_) => spec("keepalive-count", ON_BOTH, Always),
            SocketOption::ReceiveBuffer(_) => spec("rcvbuf", ON_BOTH, Always),
            SocketOption::SendBuffer(_) => spec("sndbuf", ON_BOTH, Always),
            SocketOption::NotSentLowat(_) => spec("notsent-lowat", ON_BOTH, NotByFallback),
            SocketOption::Mark(_) => spec("mark", ON_BOTH, Always),
            SocketOption::DelayAck => spec("delay-ack", &[Connecting, Connected], No),
            SocketOption::Tos(_) => spec("tos", ON_BOTH, NotByFallback),
            SocketOption::Repair => spec("repair", &[Connected], No),
            SocketOption::Ttl(_) => spec("ttl", &[Connected], No),
            SocketOption::Source(_) => spec("source", &[], No),
            SocketOption::UseSource(_) => spec("usesrc", &[], No),
        }
    }
}

/// Formats the name and the value as on a configuration line; a secret is not shown.
impl fmt::Display for SocketOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec().name)?;
        match self {
            SocketOption::Mss(value) => write!(f, " {value}"),
            SocketOption::Backlog(value)
            | SocketOption::ReceiveBuffer(value)
            | SocketOption::SendBuffer(value)
            | SocketOption::NotSentLowat(value)
            | SocketOption::Mark(value) => write!(f, " {value}"),
            SocketOption::Interface(name)
            | SocketOption::Namespace(name)
            | SocketOption::CongestionControl(name) => write!(f, " {name}"),
            SocketOption::UserTimeout(time)
            | SocketOption::KeepAliveIdle(time)
            | SocketOption::KeepAliveInterval(time) => write!(f, " {}ms", time.as_millis()),
            SocketOption::SaveSyn(value)
            | SocketOption::KeepAliveCount(value)
            | SocketOption::Tos(value)
            | SocketOption::Ttl(value) => {
                write!(f, " {value}")
            }
            SocketOption::Source(source) => write!(f, " {source}"),
            SocketOption::UseSource(UseSource::Address(addr)) => write!(f, " {addr}"),
            SocketOption::UseSource(UseSource::Client) => f.write_str(" client"),
            SocketOption::UseSource(UseSource::ClientIp) => f.write_str(" clientip"),
            SocketOption::UseSource(UseSource::Field(SourceField { name, occurrence })) => {
                write!(f, " hdr_ip({name},{occurrence})")
            }
            SocketOption::Md5Signature(_) => f.write_str(" ..."),
            SocketOption::FastOpen
            | SocketOption::DeferAccept
            | SocketOption::Transparent
            | SocketOption::V4V6
            | SocketOption::V6Only
            | SocketOption::NoLinger
            | SocketOption::Linger
            | SocketOption::DelayAck
            | SocketOption::Repair
            | SocketOption::KeepAlive => Ok(()),
        }
    }
}

/// The options of one listener or server, with at most one value each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketOptions(Vec<SocketOption>);

impl SocketOptions {
    /// Sets an option, replacing an earlier value.
    pub fn set(&mut self, option: SocketOption) {
        let name = option.spec().name;
        self.0.retain(|other| other.spec().name != name);
        self.0.push(option);
    }

    /// Returns the options, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = &SocketOption> {
        self.0.iter()
    }

    /// Returns the options to set at a stage.
    pub fn at(&self, stage: Stage) -> impl Iterator<Item = &SocketOption> {
        self.0.iter().filter(move |option| option.spec().stages.contains(&stage))
    }

    /// Returns whether there are no options.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether an option without a value is set.
    pub fn has(&self, option: &SocketOption) -> bool {
        self.0.contains(option)
    }

    /// Returns the first result of a function that picks the value of one option.
    pub fn find<'a, T>(&'a self, pick: impl FnMut(&'a SocketOption) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(pick)
    }
}

impl FromIterator<SocketOption> for SocketOptions {
    fn from_iter<I: IntoIterator<Item = SocketOption>>(options: I) -> Self {
        let mut all = SocketOptions::default();
        options.into_iter().for_each(|option| all.set(option));
        all
    }
}
