//! Addresses, routes and routing rules of an interface.
//!
//! A host with two ways out needs more than addresses: a packet must leave through the link of its source address, or a
//! second MPTCP subflow takes the first one's link. This takes a rule per source address and a table per link, as
//! <https://www.mptcp.dev/pm.html> recommends.

use std::fmt;
use std::net::IpAddr;

use crate::error::{Context, Result};
use crate::link::Interface;
use crate::netlink::{CREATE, Message, Netlink, REPLACE, text};

// `include/uapi/linux/if_addr.h`, `rtnetlink.h`, `fib_rules.h`.
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_F_NODAD: u8 = 0x02;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTA_TABLE: u16 = 15;
const RTPROT_STATIC: u8 = 4;
const RTN_UNICAST: u8 = 1;
const RTN_LOCAL: u8 = 2;
const RT_SCOPE_HOST: u8 = 254;
const RTNH_F_ONLINK: u32 = 4;
const FRA_SRC: u16 = 2;
const FRA_IIFNAME: u16 = 3;
const FRA_TABLE: u16 = 15;
const FR_ACT_TO_TBL: u8 = 1;

/// An address and the length of its network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    /// The address.
    pub address: IpAddr,
    /// The length of the prefix, in bits.
    pub prefix: u8,
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// A routing table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table(pub u32);

impl Table {
    /// The table that is used if no rule selects another.
    pub const MAIN: Self = Self(254);
}

impl Interface {
    /// Adds an address. An IPv6 address is usable at once: no other host can have it here, so duplicate address
    /// detection is off.
    pub fn add_address(&self, cidr: Cidr) -> Result<()> {
        let message = self.address_message(libc::RTM_NEWADDR, CREATE, cidr);
        let object = format_args!("{cidr} to {self}");
        Netlink::route(self.namespace())?.request(message).context("add address", object)
    }

    /// Removes an address. Connections that use it stay and can no longer send.
    pub fn remove_address(&self, cidr: Cidr) -> Result<()> {
        let message = self.address_message(libc::RTM_DELADDR, 0, cidr);
        let object = format_args!("{cidr} from {self}");
        Netlink::route(self.namespace())?.request(message).context("remove address", object)
    }

    /// Adds a default route in `table` through this interface to `gateway`. Lost when the link goes down.
    pub fn set_default_route(&self, gateway: IpAddr, table: Table) -> Result<()> {
        let mut header = [0; 12];
        header[0] = family(gateway);
        header[5] = RTPROT_STATIC;
        header[7] = RTN_UNICAST;
        // The gateway is a neighbour by construction; the kernel does not have to find a route to it first.
        header[8..12].copy_from_slice(&RTNH_F_ONLINK.to_ne_bytes());
        let message = Message::new(libc::RTM_NEWROUTE, REPLACE, &header)
            .attribute(RTA_GATEWAY, &octets(gateway))
            .attribute(RTA_OIF, &self.index().to_ne_bytes())
            .attribute(RTA_TABLE, &table.0.to_ne_bytes());
        let object = format_args!("via {gateway} on {self}");
        Netlink::route(self.namespace())?.request(message).context("add default route", object)
    }

    /// Routes packets of this interface's namespace with the source address `source` by `table`.
    pub fn route_source(&self, source: IpAddr, table: Table) -> Result<()> {
        let bytes = octets(source);
        let mut header = [0; 12];
        header[0] = family(source);
        header[2] = (bytes.len() * 8) as u8;
        header[7] = FR_ACT_TO_TBL;
        let message = Message::new(libc::RTM_NEWRULE, CREATE, &header)
            .attribute(FRA_SRC, &bytes)
            .attribute(FRA_TABLE, &table.0.to_ne_bytes());
        let object = format_args!("from {source} in {}", self.namespace());
        Netlink::route(self.namespace())?.request(message).context("add rule", object)
    }

    /// Delivers what arrives on this interface to this host, whatever address it is sent to: what transparent proxying
    /// needs, since both the clients' requests and the servers' answers are sent to addresses of others. `table` is for
    /// this alone.
    pub fn deliver_all(&self, table: Table) -> Result<()> {
        let loopback = Interface::find(self.namespace(), "lo")?;
        let socket = Netlink::route(self.namespace())?;
        for family in [libc::AF_INET, libc::AF_INET6] {
            let mut header = [0; 12];
            header[0] = family as u8;
            header[5] = RTPROT_STATIC;
            header[6] = RT_SCOPE_HOST;
            header[7] = RTN_LOCAL;
            let route = Message::new(libc::RTM_NEWROUTE, REPLACE, &header)
                .attribute(RTA_OIF, &loopback.index().to_ne_bytes())
                .attribute(RTA_TABLE, &table.0.to_ne_bytes());
            let mut header = [0; 12];
            header[0] = family as u8;
            header[7] = FR_ACT_TO_TBL;
            let rule = Message::new(libc::RTM_NEWRULE, CREATE, &header)
                .attribute(FRA_IIFNAME, &text(self.name()))
                .attribute(FRA_TABLE, &table.0.to_ne_bytes());
            for message in [route, rule] {
                socket.request(message).context("deliver all that arrives on", self)?;
            }
        }
        Ok(())
    }

    fn address_message(&self, kind: u16, flags: u16, cidr: Cidr) -> Message {
        let mut header = [0; 8];
        header[0] = family(cidr.address);
        header[1] = cidr.prefix;
        header[2] = IFA_F_NODAD;
        header[4..8].copy_from_slice(&self.index().to_ne_bytes());
        let bytes = octets(cidr.address);
        Message::new(kind, flags, &header).attribute(IFA_LOCAL, &bytes).attribute(IFA_ADDRESS, &bytes)
    }
}

pub(crate) fn family(address: IpAddr) -> u8 {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    family as u8
}

pub(crate) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}
