//! Connecting to a server over a kernel stream socket.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use async_trait::async_trait;
use libc::{IPPROTO_IP, c_int};
use socket2::{SockAddr, Socket};
use tokio::net::TcpStream;

use super::bind::{Made, NotMade, Policy, make};
use super::source_ports::{SourcePort, SourcePorts};
use super::stream::{KernelStream, register_stream};
use super::{KernelModel, Origin, reapplied, set_option};
use crate::address::{Address, unmapped};
use crate::error::{ConnectError, Refusal, Step};
use crate::info::FallbackReason;
use crate::kernel::{Kernel, SocketKind, SocketSupport};
use crate::options::{Role, SocketOption, SocketOptions, Source, Stage, UseSource, Warnings, apply};
use crate::protocol::{Connectable, Connector};
use crate::spec::{ServerSpec, Target};
use crate::stream::{Stream, Support};
use crate::sys;

/// How many ports of a range are tried for one connection while others of this host use them, as in HAProxy.
const BIND_ATTEMPTS: u32 = 10;

#[derive(Debug)]
struct KernelConnector {
    model: &'static KernelModel,
    kind: SocketKind,
    policy: Policy,
    /// The options that the kernel accepted on a temporary socket.
    options: SocketOptions,
    /// The options to set again, or for the first time, on a connection that turns out to be plain TCP.
    reapplied: Vec<SocketOption>,
    source: Option<OwnSource>,
    use_source: Option<UseSource>,
    note: Option<&'static str>,
    /// What the kernel offers for the kind of socket: a kind that is missing is not attempted for every connection.
    support: SocketSupport,
}

/// The address of this host that connections come from.
#[derive(Debug)]
struct OwnSource {
    /// The address, with the port if it is one for all connections.
    addr: SocketAddr,
    /// The ports that are free, if there is a range of them.
    ports: Option<Arc<SourcePorts>>,
}

impl OwnSource {
    fn new(source: Source) -> OwnSource {
        let Source { addr, last_port } = source;
        OwnSource { addr, ports: source.is_range().then(|| SourcePorts::new(addr.port()..=last_port)) }
    }
}

pub(super) fn connector(
    model: &'static KernelModel,
    spec: ServerSpec,
    kernel: &Kernel,
) -> Result<Connectable, ConnectError> {
    let Some(inet) = spec.address.inet() else {
        let refusal = Refusal::WrongFamily { protocol: model.descriptor.name, family: spec.address.family() };
        return Err(ConnectError::refused(refusal));
    };
    let mut warnings = Warnings::new(model.descriptor.name, &spec.address);
    let asked = &spec.settings.options;
    let source = asked.find(|option| match option {
        SocketOption::Source(source) => Some(*source),
        _ => None,
    });
    let use_source = asked.find(|option| match option {
        SocketOption::UseSource(from) => Some(from.clone()),
        _ => None,
    });
    let (inet6, note) = domain(model, &spec, inet, source.is_some() || use_source.is_some(), kernel);
    let fixed = match use_source {
        Some(UseSource::Address(addr)) => Some(addr),
        _ => source.map(|source| source.addr),
    };
    // The unspecified address means the one that the client connected to, of any family.
    let fits = |addr: &SocketAddr| addr.is_ipv4() == inet.is_ipv4() || inet.ip().is_unspecified();
    if let Some(addr) = fixed.filter(|addr| !fits(addr)) {
        let why = format!("the source address {addr} is not of the family of the server {inet}");
        return Err(ConnectError::refused(Refusal::Policy(why)));
    }
    let source = source.map(OwnSource::new);
    let kind = SocketKind { inet6, ipproto: model.ipproto };
    let policy = Policy::of(&spec.settings.extensions);

    let support = kernel.sockets(kind);
    if support.missing.is_none() && asked.is_empty() {
        // There is nothing to find out, and a configuration may have a hundred thousand servers.
        let (options, reapplied) = (SocketOptions::default(), Vec::new());
        let connector =
            KernelConnector { model, kind, policy, options, reapplied, source, use_source, note, support };
        let warnings = warnings.finish().map_err(ConnectError::refused)?;
        return Ok(Connectable { connector: Arc::new(connector), warnings });
    }
    let made = make(model, kind, support, asked, policy).map_err(|why| not_made(why, &spec.address))?;
    if let Some(text) = made.warning {
        warnings.push(text);
    }
    let made_of = SocketKind { ipproto: made.ipproto, ..kind };
    let keep = |option: &&SocketOption| {
        let set = || set_option(kernel, made_of, made.socket.as_fd(), option, inet);
        !of_a_connection(option) || warnings.note(option, is_known(made_of, option).and_then(|()| set()))
    };
    let options = asked.iter().filter(keep).cloned().collect();
    let reapplied = reapplied(asked);
    let connector =
        KernelConnector { model, kind, policy, options, reapplied, source, use_source, note, support };
    let warnings = warnings.finish().map_err(ConnectError::refused)?;
    Ok(Connectable { connector: Arc::new(connector), warnings })
}

/// Checks a congestion control algorithm. Until it has a path, an MPTCP socket accepts any name and forgets one that
/// does not exist (Linux 6.18). A TCP socket knows which names exist.
fn is_known(kind: SocketKind, option: &SocketOption) -> io::Result<()> {
    match option {
        SocketOption::CongestionControl(_) if kind.ipproto != libc::IPPROTO_TCP => {
            let socket = sys::stream_socket(kind.domain(), libc::IPPROTO_TCP, None)?;
            apply::set(socket.as_fd(), option).map(drop)
        }
        _ => Ok(()),
    }
}

fn of_a_connection(option: &SocketOption) -> bool {
    let stages = option.spec().stages;
    stages.contains(&Stage::Fresh) || stages.contains(&Stage::Connecting)
}

/// Returns whether to use an IPv6 socket, and a note if an IPv4 socket is used although IPv6 would be better.
///
/// An MPTCP connection of an IPv4 socket can never use an IPv6 path, but one of an IPv6 socket to a mapped address can
/// use both (Linux 6.18). So where the line leaves the family open, IPv4 servers are reached through an IPv6 socket.
fn domain(
    model: &KernelModel,
    spec: &ServerSpec,
    inet: SocketAddr,
    has_source: bool,
    kernel: &Kernel,
) -> (bool, Option<&'static str>) {
    if inet.is_ipv6() {
        return (true, None);
    }
    if !model.mapped || !spec.any_family {
        return (false, None);
    }
    let inet6 = SocketKind { inet6: true, ipproto: model.ipproto };
    if has_source {
        (false, Some("IPv4 paths only: the line names a source address"))
    } else if kernel.sockets(inet6).missing == Some(libc::EAFNOSUPPORT) {
        (false, Some("IPv4 paths only: this kernel makes no IPv6 sockets"))
    } else {
        (true, None)
    }
}

fn not_made(why: NotMade, address: &Address) -> ConnectError {
    match why {
        NotMade::System(error) => ConnectError::system(Step::Create, address, error),
        NotMade::Policy(why) => ConnectError::refused(Refusal::Policy(why)),
    }
}

#[async_trait]
impl Connector for KernelConnector {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let inet = self.reachable(&target.address)?;
        let at = |step: Step| {
            let address = target.address.clone();
            move |error: io::Error| ConnectError::system(step, &address, error)
        };
        let Made { socket, ipproto, .. } =
            make(self.model, self.kind, self.support, &self.options, self.policy)
                .map_err(|why| not_made(why, &target.address))?;
        self.set_options(&socket, inet, target).map_err(at(Step::Create))?;
        let port = self.bind(&socket, target)?;
        let wire = if self.kind.inet6 { mapped(inet) } else { inet };

        tokio::runtime::Handle::try_current().map_err(io::Error::other).map_err(at(Step::Register))?;
        let stream = connected(socket, wire).await.map_err(at(Step::Connect))?;
        let fallback = self.fallback(stream.as_fd(), ipproto);
        if fallback.is_some() {
            for option in &self.reapplied {
                let _ = apply::set(stream.as_fd(), option);
            }
        }
        let (transport, peer) = (self.model.descriptor.name, Address::Inet(unmapped(inet)));
        let origin = Origin { transport, fallback, note: self.note, ipproto, peer };
        Ok(Box::new(KernelStream::new(self.model, stream, origin).with_port(port)))
    }
}

impl KernelConnector {
    /// Returns the address if a socket of this connector's family can reach it: an IPv6 socket reaches both families.
    fn reachable(&self, address: &Address) -> Result<SocketAddr, ConnectError> {
        match address.inet() {
            Some(inet) if self.kind.inet6 || inet.is_ipv4() => Ok(inet),
            _ => {
                let (protocol, family) = (self.model.descriptor.name, address.family());
                Err(ConnectError::refused(Refusal::WrongFamily { protocol, family }))
            }
        }
    }

    /// Sets the options of a connection. One that is refused is skipped: the connector's warnings reported it already. But
    /// what protects was accepted then, and there is no connection without it.
    fn set_options(&self, socket: &Socket, inet: SocketAddr, target: &Target) -> io::Result<()> {
        let _ = socket.set_tcp_nodelay(true);
        let own = target.options.iter();
        for option in self.options.iter().filter(|option| of_a_connection(option)).chain(own) {
            match option {
                SocketOption::FastOpen if !target.data_ready => {}
                _ => match apply::set_towards(socket.as_fd(), option, inet) {
                    Ok(Support::Supported | Support::Partly(_)) => {}
                    refused if option.spec().role == Role::Protects => {
                        let why = refused.err().map_or("not supported".to_owned(), |error| error.to_string());
                        return Err(io::Error::other(format!("option '{option}' was refused: {why}")));
                    }
                    _ => {}
                },
            }
        }
        Ok(())
    }

    /// Binds a socket to the source address of a connection, if the line names one. Returns the port that the connection
    /// has taken from a range.
    fn bind(&self, socket: &Socket, target: &Target) -> Result<Option<Box<SourcePort>>, ConnectError> {
        let at = |addr: SocketAddr| move |error| ConnectError::system(Step::Bind, &addr.into(), error);
        if let Some(foreign) = self.foreign_source(target) {
            apply::make_foreign(socket.as_fd()).and_then(|()| bind(socket, foreign)).map_err(at(foreign))?;
            return Ok(None);
        }
        match &self.source {
            Some(OwnSource { addr, ports: Some(ports) }) => {
                bind_to_one_of(socket, *addr, ports).map(Some).map_err(at(*addr))
            }
            Some(OwnSource { addr, ports: None }) => bind(socket, *addr).map(|()| None).map_err(at(*addr)),
            None => Ok(None),
        }
    }

    /// Returns the source address of a connection if it is one of another host.
    fn foreign_source(&self, target: &Target) -> Option<SocketAddr> {
        let client = target.client.as_ref().and_then(Address::known_as);
        match self.use_source {
            Some(UseSource::Address(addr)) => Some(addr),
            Some(UseSource::Client) => client,
            Some(UseSource::ClientIp | UseSource::Field(_)) => {
                client.map(|client| SocketAddr::new(client.ip(), 0))
            }
            None => None,
        }
    }

    /// Returns why a connection that was just made is not one of the protocol, or `None` if it is.
    fn fallback(&self, socket: BorrowedFd<'_>, ipproto: c_int) -> Option<FallbackReason> {
        if ipproto != self.model.ipproto {
            return Some(FallbackReason::Kernel);
        }
        let native = self.model.fallback.as_ref().is_none_or(|fallback| (fallback.is_native)(socket));
        (!native).then_some(FallbackReason::Peer)
    }
}

fn bind(socket: &Socket, source: SocketAddr) -> io::Result<()> {
    if source.port() == 0 {
        // The port is chosen by `connect`, so that two connections to different servers may share one.
        let _ = sys::setsockopt_int(socket.as_fd(), IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, 1);
    } else {
        // The same address may be in use with another server, or its last connection may be in TIME-WAIT.
        socket.set_reuse_address(true)?;
    }
    let source = if socket.domain()? == socket2::Domain::IPV6 { mapped(source) } else { source };
    socket.bind(&SockAddr::from(source))
}

/// Binds a socket to the first free port of a range that nobody else uses.
fn bind_to_one_of(
    socket: &Socket,
    source: SocketAddr,
    ports: &Arc<SourcePorts>,
) -> io::Result<Box<SourcePort>> {
    let mut attempts = BIND_ATTEMPTS;
    loop {
        let port = ports.take()?;
        attempts -= 1;
        match bind(socket, SocketAddr::new(source.ip(), port.number())) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && attempts > 0 => {}
            bound => return bound.map(|()| Box::new(port)),
        }
    }
}

/// Connects a socket, and registers it with the runtime of this thread.
async fn connected(socket: Socket, to: SocketAddr) -> io::Result<TcpStream> {
    match socket.connect(&SockAddr::from(to)) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => return Err(error),
        Ok(()) | Err(_) => {}
    }
    // A server on this host has answered before the call returned: there is nothing to wait for.
    let is_connected = socket.peer_addr().is_ok();
    // Registered after the call: a socket that is not yet connecting is reported as ready, which means nothing.
    let stream = register_stream(socket)?;
    if !is_connected {
        poll_fn(|cx| stream.poll_write_ready(cx)).await?;
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
    }
    Ok(stream)
}

fn mapped(addr: SocketAddr) -> SocketAddr {
    match addr.ip() {
        IpAddr::V4(v4) => SocketAddr::new(v4.to_ipv6_mapped().into(), addr.port()),
        IpAddr::V6(_) => addr,
    }
}
