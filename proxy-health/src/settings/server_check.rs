//! `check`, `no-check` and what they enable: the health check of a server.

use std::net::IpAddr;

use proto_core::address::{AddressSpec, Host, Port};
use proxy_config::{Parameter, Scope, Spanned};

use crate::interval::Intervals;
use crate::rules::Connect;
use crate::state::Tally;

/// The health check of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCheck {
    /// Whether the server is checked.
    pub enabled: bool,
    /// The times from one check to the next.
    pub intervals: Intervals,
    /// How many checks in a row have to pass until it is up.
    pub rise: u32,
    /// How many checks in a row have to fail until it is down.
    pub fall: u32,
    /// The port to connect to, if it is not that of the server.
    pub port: Option<u16>,
    /// The address to connect to, if it is not that of the server.
    pub address: Option<Spanned<AddressSpec>>,
    /// Whether a header of the PROXY protocol is sent first.
    pub send_proxy: bool,
    /// Whether the connection is made through the SOCKS4 proxy of the server.
    pub via_socks4: bool,
    /// The protocol of the connection, if it was written.
    pub protocol: Option<Spanned<CheckProtocol>>,
    /// The transport, if it was written.
    pub(super) transport: Option<CheckTransport>,
}

/// The protocol that a check speaks on its connection (`check-proto`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckProtocol {
    /// HTTP/1.
    Http1,
    /// None: the steps of the check say what is sent.
    None,
}

/// The transport of the connection of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckTransport {
    /// That of the server.
    OfServer,
    /// That of the address of the check.
    OfAddress,
    /// Plain TCP.
    Tcp,
    /// MPTCP. A connection that has fallen back to TCP fails the check.
    Mptcp,
}

impl Default for ServerCheck {
    fn default() -> ServerCheck {
        ServerCheck {
            enabled: false,
            intervals: Intervals::default(),
            rise: Tally::RISE,
            fall: Tally::FALL,
            port: None,
            address: None,
            send_proxy: false,
            via_socks4: false,
            protocol: None,
            transport: None,
        }
    }
}

impl ServerCheck {
    /// Returns whether the check connects to the server just as its clients' connections do.
    fn is_as_traffic(&self) -> bool {
        self.port.is_none() && self.address.is_none()
    }

    /// Returns the transport of a connection. As in HAProxy, another port and the steps of a check are reached over TCP;
    /// the address of a check names its own transport.
    pub fn transport(&self, connect: &Connect) -> CheckTransport {
        match (self.transport, &self.address) {
            (Some(transport), _) => transport,
            (None, _) if !connect.default => CheckTransport::Tcp,
            (None, Some(_)) => CheckTransport::OfAddress,
            (None, None) if self.port.is_some() => CheckTransport::Tcp,
            (None, None) => CheckTransport::OfServer,
        }
    }

    /// Returns whether a header of the PROXY protocol is sent on a connection, to a server whose ordinary connections
    /// have one or not.
    pub fn sends_proxy(&self, connect: &Connect, does_traffic: bool) -> bool {
        let of_server = self.send_proxy || (does_traffic && self.is_as_traffic());
        connect.send_proxy || (connect.default && of_server)
    }

    /// Returns whether a connection is made through the SOCKS4 proxy of the server.
    pub fn goes_via_socks4(&self, connect: &Connect) -> bool {
        connect.via_socks4 || (connect.default && self.via_socks4)
    }

    /// Returns the port of a connection: of those of the step, its address, the check, its address and the server, the
    /// first that is given. `of_step` is the port that the step says.
    pub fn port(&self, connect: &Connect, of_step: Option<u16>, of_server: Option<u16>) -> Option<u16> {
        let of_address = |address: &Option<Spanned<AddressSpec>>| {
            address.as_ref().and_then(|address| fixed_port(&address.value))
        };
        of_step
            .or_else(|| of_address(&connect.address))
            .or(self.port)
            .or_else(|| of_address(&self.address))
            .or(of_server)
    }

    /// Returns the address of a connection: of those of the step, the check and the server, the first that is given. Its
    /// port is that of [`port`](Self::port).
    pub fn address<'a>(&'a self, connect: &'a Connect, of_server: &'a AddressSpec) -> &'a AddressSpec {
        let given = connect.address.as_ref().or(self.address.as_ref());
        given.map_or(of_server, |given| &given.value)
    }

    /// Returns a tally for its results.
    pub fn tally(&self) -> Tally {
        Tally::new(self.rise, self.fall)
    }
}

/// Returns the port of an address, if it has just one.
pub(super) fn fixed_port(address: &AddressSpec) -> Option<u16> {
    match address.port {
        Port::One(port) if port > 0 => Some(port),
        _ => None,
    }
}

/// Returns whether an address has ports.
pub(super) fn has_ports(address: &AddressSpec) -> bool {
    matches!(address.host, Host::Ip(IpAddr::V4(_) | IpAddr::V6(_)) | Host::Name(_))
}

inventory::submit! {
    Parameter::new("check", Scope::Server, "", "check the server", |endpoint| {
        endpoint.values.get_mut::<ServerCheck>().enabled = true;
        Ok(())
    })
}

inventory::submit! {
    Parameter::new("no-check", Scope::Server, "", "do not check the server", |endpoint| {
        endpoint.values.get_mut::<ServerCheck>().enabled = false;
        Ok(())
    })
}
