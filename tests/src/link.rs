//! Interfaces, and pairs of them that join two namespaces.

use std::fmt;
use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use crate::error::{Context, Error, Result};
use crate::netlink::{CREATE, Message, Netlink, attribute, text};
use crate::ns::Namespace;
use crate::poll::eventually;

// `include/uapi/linux/if_link.h`, `if.h`, `veth.h`.
const IFLA_IFNAME: u16 = 3;
const IFLA_OPERSTATE: u16 = 16;
const IFLA_LINKINFO: u16 = 18;
const IFLA_NET_NS_FD: u16 = 28;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
const IF_OPER_UNKNOWN: u8 = 0;
const IF_OPER_UP: u8 = 6;

/// The size of `struct ifinfomsg`: family, type, index, flags, change mask.
const IFINFOMSG: usize = 16;

/// How long to wait for the carrier of an interface; it takes less than a millisecond.
const CARRIER_LIMIT: Duration = Duration::from_secs(5);

/// A network interface inside a namespace.
#[derive(Clone, Debug)]
pub struct Interface {
    namespace: Namespace,
    name: String,
    index: u32,
}

impl Interface {
    /// Returns the interface with this name.
    pub fn find(namespace: &Namespace, name: &str) -> Result<Self> {
        let message = Message::new(libc::RTM_GETLINK, 0, &[0; IFINFOMSG]).attribute(IFLA_IFNAME, &text(name));
        let answers = Netlink::route(namespace)?.query(message);
        let index = answers.and_then(|all| all.first().and_then(|link| index_of(link)).ok_or_else(missing));
        let index = index.context("find interface", format_args!("{name} in {namespace}"))?;
        Ok(Self { namespace: namespace.clone(), name: name.to_owned(), index })
    }

    /// Returns its namespace.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns its name in the namespace.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its number in the namespace.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Switches it on. A pair has a carrier when both ends are on.
    pub fn up(&self) -> Result<()> {
        self.set_flags(libc::IFF_UP as u32).context("switch on", self)
    }

    /// Switches it off: its routes are removed, its addresses stay, and the other end loses its carrier.
    pub fn down(&self) -> Result<()> {
        self.set_flags(0).context("switch off", self)
    }

    /// Waits until the interface sends packets, rather than only accepting them: at first they may still be dropped.
    pub fn wait_operational(&self) -> Result<()> {
        let socket = Netlink::route(&self.namespace)?;
        let state = || {
            let answers = socket.query(Message::new(libc::RTM_GETLINK, 0, &self.header(0, 0))).ok()?;
            let (header, attributes) = answers.first()?.split_at_checked(IFINFOMSG)?;
            let flags = u32::from_ne_bytes(*header.get(8..)?.first_chunk()?);
            // A TUN interface has no carrier to wait for and reports "unknown"; a new pair may report so too, but only
            // at first.
            let wanted = if flags & libc::IFF_POINTOPOINT as u32 == 0 { IF_OPER_UP } else { IF_OPER_UNKNOWN };
            (attribute(attributes, IFLA_OPERSTATE)? == [wanted]).then_some(())
        };
        eventually(CARRIER_LIMIT, state)
            .ok_or_else(|| io::ErrorKind::TimedOut.into())
            .context("see the carrier of", self)
    }

    fn set_flags(&self, flags: u32) -> std::result::Result<(), io::Error> {
        let message = Message::new(libc::RTM_SETLINK, 0, &self.header(flags, libc::IFF_UP as u32));
        Netlink::route(&self.namespace).map_err(|e: Error| e.source)?.request(message)
    }

    fn header(&self, flags: u32, change: u32) -> [u8; IFINFOMSG] {
        let mut header = [0; IFINFOMSG];
        header[4..8].copy_from_slice(&self.index.to_ne_bytes());
        header[8..12].copy_from_slice(&flags.to_ne_bytes());
        header[12..16].copy_from_slice(&change.to_ne_bytes());
        header
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.name, self.namespace)
    }
}

/// A pair of virtual Ethernet interfaces: what enters one end leaves the other.
#[derive(Clone, Debug)]
pub struct Veth {
    /// The end in the first namespace.
    pub a: Interface,
    /// The end in the second namespace.
    pub b: Interface,
}

impl Veth {
    /// Joins two namespaces with a pair whose ends are both called `name`, on, and without addresses.
    pub fn join(a: &Namespace, b: &Namespace, name: &str) -> Result<Self> {
        let peer = b.fd().as_raw_fd().to_ne_bytes();
        let message = Message::new(libc::RTM_NEWLINK, CREATE, &[0; IFINFOMSG])
            .attribute(IFLA_IFNAME, &text(name))
            .nest(IFLA_LINKINFO, |info| {
                info.attribute(IFLA_INFO_KIND, b"veth").nest(IFLA_INFO_DATA, |data| {
                    data.nest(VETH_INFO_PEER, |peer_info| {
                        peer_info
                            .raw(&[0; IFINFOMSG])
                            .attribute(IFLA_IFNAME, &text(name))
                            .attribute(IFLA_NET_NS_FD, &peer)
                    })
                })
            });
        Netlink::route(a)?.request(message).context("join", format_args!("{a} and {b} with {name}"))?;
        let veth = Self { a: Interface::find(a, name)?, b: Interface::find(b, name)? };
        veth.a.up()?;
        veth.b.up()?;
        veth.a.wait_operational()?;
        veth.b.wait_operational()?;
        Ok(veth)
    }
}

impl Namespace {
    /// Makes a new namespace with its loopback up. The name is for messages only. See [`Lab::namespace`].
    ///
    /// [`Lab::namespace`]: crate::skip::Lab::namespace
    pub(crate) fn new(name: &str) -> Result<Self> {
        let namespace = Self::bare(name)?;
        Interface::find(&namespace, "lo")?.up()?;
        Ok(namespace)
    }

    /// Returns the names of the namespace's interfaces.
    pub fn interfaces(&self) -> Result<Vec<String>> {
        let links = Netlink::route(self)?.dump(Message::new(libc::RTM_GETLINK, 0, &[0; IFINFOMSG]));
        let name = |link: &Vec<u8>| {
            let name = attribute(link.get(IFINFOMSG..)?, IFLA_IFNAME)?;
            Some(String::from_utf8_lossy(name.strip_suffix(&[0]).unwrap_or(name)).into_owned())
        };
        Ok(links.context("list interfaces of", self)?.iter().filter_map(name).collect())
    }
}

fn index_of(link: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(*link.get(4..)?.first_chunk()?))
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

    use super::*;
    use crate::address::Cidr;
    use crate::lab;

    #[test]
    fn two_namespaces_talk_over_a_pair() {
        let Some(lab) = lab!() else { return };
        let (a, b) = (lab.namespace("a").unwrap(), lab.namespace("b").unwrap());
        let veth = Veth::join(&a, &b, "pair").unwrap();
        veth.a.add_address(Cidr { address: Ipv4Addr::new(10, 0, 0, 1).into(), prefix: 24 }).unwrap();
        veth.b.add_address(Cidr { address: Ipv4Addr::new(10, 0, 0, 2).into(), prefix: 24 }).unwrap();

        let listener = b.run(|| TcpListener::bind("10.0.0.2:0").unwrap()).unwrap();
        let server = listener.local_addr().unwrap();
        let client = a.run(move || TcpStream::connect(server).unwrap()).unwrap();
        let (mut accepted, peer) = listener.accept().unwrap();
        assert_eq!(peer.ip(), Ipv4Addr::new(10, 0, 0, 1));
        (&client).write_all(b"ping").unwrap();
        let mut received = [0; 4];
        accepted.read_exact(&mut received).unwrap();
        assert_eq!(&received, b"ping");
    }

    #[test]
    fn asynchronous_work_runs_inside() {
        let Some(lab) = lab!() else { return };
        let namespace = lab.namespace("async").unwrap();
        let listener = namespace.run(|| TcpListener::bind("[::1]:0").unwrap()).unwrap();
        let server: SocketAddr = listener.local_addr().unwrap();
        let client = namespace
            .block_on(|| async move { tokio::net::TcpStream::connect(server).await.unwrap().local_addr() });
        assert_eq!(listener.accept().unwrap().1, client.unwrap().unwrap());
        // The host's loopback is another one.
        assert!(TcpStream::connect(server).is_err());
    }
}
