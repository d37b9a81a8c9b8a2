//! Ready-made networks.
//!
//! ```text
//!             10.SITE.1.1 ---- path1 ---- 10.SITE.1.2
//!   client    fd00:SITE:1::1               fd00:SITE:1::2    server
//!             10.SITE.2.1 ---- path2 ---- 10.SITE.2.2
//!             fd00:SITE:2::1               fd00:SITE:2::2
//! ```
//!
//! The client is a host with two ways to the network: each of its addresses leaves by its own link. How an MPTCP
//! connection over one path learns of the other is an [`Offer`].
//!
//! The kernel opens the subflow when the connection is *fully established* (RFC 8684, 3.1): when the server's
//! first acknowledgement of data has arrived. A connection that never sent a byte stays on one path.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::address::{Cidr, Table};
use crate::endpoint::{Endpoint, EndpointFlags};
use crate::error::Result;
use crate::link::{Interface, Veth};
use crate::ns::Namespace;
use crate::skip::Lab;
use crate::tc::Rate;

/// The number of subflows besides the first, and of announced addresses, that a connection may use.
const LIMIT: u32 = 4;

/// A number that distinguishes the addresses of several [`TwoPaths`] in one namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site(pub u8);

/// How a connection learns of its second path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The client has its addresses as `subflow` endpoints. The server has none and is reached at one address
    /// over both links.
    Subflow,
    /// The server announces its addresses (`signal` endpoints), and the client, which has none, connects to them. The
    /// server must listen on all of them: a listener on one address refuses the second path.
    ///
    /// To be used if the client is also the server of others: the kernel would try its `subflow` endpoints for the
    /// connections it has *accepted* too, towards clients that do not listen.
    Signal,
}

/// Two namespaces joined by two links.
#[derive(Debug)]
pub struct TwoPaths {
    /// The host that connects.
    pub client: Namespace,
    /// The host that is connected to: a proxy, whose backend is on its loopback or connected by another `TwoPaths`.
    pub server: Namespace,
    /// The links.
    pub paths: [Path; 2],
}

impl TwoPaths {
    /// Makes two new namespaces and joins them.
    pub fn new(lab: &Lab) -> Result<Self> {
        Self::between(&lab.namespace("client")?, &lab.namespace("server")?, Site(1), Offer::Subflow)
    }

    /// Joins two namespaces with two paths.
    ///
    /// To put a backend behind a proxy, join a third namespace with the proxy as its client, another site and
    /// [`Offer::Signal`].
    pub fn between(client: &Namespace, server: &Namespace, site: Site, offer: Offer) -> Result<Self> {
        let join = |number| Veth::join(client, server, &format!("site{}path{number}", site.0));
        let [first, second] = [join(1)?, join(2)?];
        Self::over([(first.a, first.b), (second.a, second.b)], site, offer)
    }

    /// Makes two paths of two links that already join two namespaces, given as client's and server's end:
    /// links in user space, for instance. Needs MPTCP in the kernel.
    pub fn over(links: [(Interface, Interface); 2], site: Site, offer: Offer) -> Result<Self> {
        let [first, second] = links;
        let (client, server) = (first.0.namespace().clone(), first.1.namespace().clone());
        for namespace in [&client, &server] {
            namespace.set_sysctl("net.mptcp.enabled", "1")?;
            namespace.set_mptcp_limits(LIMIT, LIMIT)?;
        }
        let paths = [Path::new(first, site, 1)?, Path::new(second, site, 2)?];
        for path in &paths {
            path.offer(offer)?;
        }
        Ok(Self { client, server, paths })
    }

    /// Limits both links, in both directions.
    pub fn set_rate(&self, rate: Rate) -> Result<()> {
        self.paths.iter().try_for_each(|path| path.set_rate(rate))
    }
}

/// The addresses of one end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The IPv4 address.
    pub v4: IpAddr,
    /// The IPv6 address.
    pub v6: IpAddr,
}

impl Addresses {
    fn new(site: Site, path: u8, host: u8) -> Self {
        let (wide_site, wide_path) = (u16::from(site.0), u16::from(path));
        Self {
            v4: Ipv4Addr::new(10, site.0, path, host).into(),
            v6: Ipv6Addr::new(0xfd00, wide_site, wide_path, 0, 0, 0, 0, host.into()).into(),
        }
    }

    /// Returns both, with their prefixes.
    pub fn each(self) -> [Cidr; 2] {
        [Cidr { address: self.v4, prefix: 24 }, Cidr { address: self.v6, prefix: 64 }]
    }
}

/// One of the two links and its addresses.
#[derive(Debug)]
pub struct Path {
    /// The client's end of the link.
    pub client_end: Interface,
    /// The server's end of the link.
    pub server_end: Interface,
    /// The client's addresses.
    pub client: Addresses,
    /// The server's addresses.
    pub server: Addresses,
    table: Table,
}

impl Path {
    fn new((client_end, server_end): (Interface, Interface), site: Site, number: u8) -> Result<Self> {
        let path = Self {
            client_end,
            server_end,
            client: Addresses::new(site, number, 1),
            server: Addresses::new(site, number, 2),
            table: Table(1000 + u32::from(site.0) * 10 + u32::from(number)),
        };
        for cidr in path.server.each() {
            path.server_end.add_address(cidr)?;
        }
        for cidr in path.client.each() {
            path.client_end.add_address(cidr)?;
            path.client_end.route_source(cidr.address, path.table)?;
        }
        path.add_routes()?;
        Ok(path)
    }

    /// Switches the client's end off, like a phone that leaves a network. The server keeps its address.
    pub fn down(&self) -> Result<()> {
        self.client_end.down()
    }

    /// Switches the client's end on again, with its routes.
    pub fn up(&self) -> Result<()> {
        self.client_end.up()?;
        self.client_end.wait_operational()?;
        self.server_end.wait_operational()?;
        self.add_routes()
    }

    /// Limits the link in both directions.
    pub fn set_rate(&self, rate: Rate) -> Result<()> {
        self.client_end.set_rate(rate)?;
        self.server_end.set_rate(rate)
    }

    fn offer(&self, offer: Offer) -> Result<()> {
        let (namespace, addresses, flags) = match offer {
            Offer::Subflow => (self.client_end.namespace(), self.client, EndpointFlags::SUBFLOW),
            Offer::Signal => (self.server_end.namespace(), self.server, EndpointFlags::SIGNAL),
        };
        let mut endpoints = addresses.each().into_iter().map(|cidr| Endpoint::new(cidr.address, flags));
        endpoints.try_for_each(|endpoint| namespace.add_endpoint(endpoint))
    }

    fn add_routes(&self) -> Result<()> {
        self.server
            .each()
            .iter()
            .try_for_each(|cidr| self.client_end.set_default_route(cidr.address, self.table))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;
    use crate::lab;
    use crate::mib::MptcpCounters;
    use crate::mptcp::{self, SubflowCount};
    use crate::poll::eventually;
    use crate::tun::{Loss, Quality, TunLink};

    const LIMIT: Duration = Duration::from_secs(10);

    /// Connects from the client to the server's address, and returns both ends once there are two subflows.
    fn connected(net: &TwoPaths, server: IpAddr) -> (TcpStream, TcpStream) {
        let any: IpAddr =
            if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let listener = net.server.run(move || mptcp::listen((any, 0).into()).unwrap()).unwrap();
        let address = (server, listener.local_addr().unwrap().port()).into();
        let client = net.client.run(move || mptcp::connect(address).unwrap()).unwrap();
        let mut accepted = listener.accept().unwrap().0;
        (&client).write_all(b"?").unwrap();
        accepted.read_exact(&mut [0]).unwrap();
        let two = |end| SubflowCount::of(end).unwrap() == SubflowCount { extra: 1, total: 2 };
        let both = || (two(&client) && two(&accepted)).then_some(());
        let counters = || (MptcpCounters::read(&net.client), MptcpCounters::read(&net.server));
        assert!(eventually(LIMIT, both).is_some(), "no second subflow: {:?}", counters());
        (client, accepted)
    }

    #[test]
    fn a_connection_gains_the_other_path() {
        let Some(lab) = lab!(Mptcp) else { return };
        let net = TwoPaths::new(&lab).unwrap();
        for path in &net.paths {
            for address in [path.server.v4, path.server.v6] {
                connected(&net, address);
            }
        }
        let joins = MptcpCounters::read(&net.server).unwrap();
        assert_eq!(joins.get("MPJoinAckRx"), Some(4));
    }

    #[test]
    fn a_transfer_survives_the_loss_of_either_path() {
        let Some(lab) = lab!(Mptcp, Rate) else { return };
        let net = TwoPaths::new(&lab).unwrap();
        net.set_rate(Rate::mbit(40)).unwrap();
        for (i, path) in net.paths.iter().enumerate() {
            let (client, mut accepted) = connected(&net, net.paths[0].server.v4);
            let size = 6_000_000;
            let sending = std::thread::spawn(move || (&client).write_all(&vec![7; size]).unwrap());
            let mut received = vec![0; size];
            accepted.read_exact(&mut received[..size / 4]).unwrap();
            path.down().unwrap();
            accepted.read_exact(&mut received[size / 4..]).unwrap();
            sending.join().unwrap();
            assert!(received.iter().all(|byte| *byte == 7), "path {i}");
            path.up().unwrap();
        }
        // The routes exist again: a new connection has both paths.
        connected(&net, net.paths[0].server.v6);
    }

    #[test]
    fn a_transfer_survives_a_path_that_dies_silently() {
        let Some(lab) = lab!(Mptcp, Tun) else { return };
        let (client, server) = (lab.namespace("client").unwrap(), lab.namespace("server").unwrap());
        let quality =
            Quality { rate: Some(Rate::mbit(20)), delay: Duration::from_millis(5), ..Quality::default() };
        let wires = ["one", "two"].map(|name| TunLink::join(&client, &server, name, quality, 7).unwrap());
        let ends = wires.each_ref().map(|wire| (wire.a.clone(), wire.b.clone()));
        let net = TwoPaths::over(ends, Site(1), Offer::Subflow).unwrap();
        let (client, mut accepted) = connected(&net, net.paths[0].server.v4);
        let size = 3_000_000;
        let sending = std::thread::spawn(move || (&client).write_all(&vec![7; size]).unwrap());
        let mut received = vec![0; size];
        accepted.read_exact(&mut received[..size / 4]).unwrap();
        wires[0].set_quality(Quality { loss: Loss::ALL, ..quality });
        accepted.read_exact(&mut received[size / 4..]).unwrap();
        sending.join().unwrap();
        assert!(received.iter().all(|byte| *byte == 7));
        net.paths[0].down().unwrap();
        net.paths[0].up().unwrap();
    }

    #[test]
    fn a_proxy_reaches_its_backend_over_two_paths() {
        let Some(lab) = lab!(Mptcp) else { return };
        let front = TwoPaths::new(&lab).unwrap();
        let back =
            TwoPaths::between(&front.server, &lab.namespace("backend").unwrap(), Site(2), Offer::Signal)
                .unwrap();
        connected(&front, front.paths[0].server.v4);
        connected(&back, back.paths[0].server.v4);
    }
}
