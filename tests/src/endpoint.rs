//! The kernel's MPTCP path manager: the endpoints and limits of a namespace, over generic netlink.
//!
//! This is the view of an administrator who prepares a machine. The product controls the path manager by code of its
//! own, so the two can check each other. Source: `include/uapi/linux/mptcp_pm.h`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bitflags::bitflags;

use crate::address::{family, octets};
use crate::error::{Context, Result};
use crate::netlink::{Message, Netlink, attribute};
use crate::ns::Namespace;

// `include/uapi/linux/genetlink.h`.
const GENL_ID_CTRL: u16 = 0x10;
const CTRL_CMD_GETFAMILY: u8 = 3;
const CTRL_ATTR_FAMILY_ID: u16 = 1;
const CTRL_ATTR_FAMILY_NAME: u16 = 2;
/// `struct genlmsghdr`: command, version, reserved.
const GENL_HEADER: usize = 4;

const ADD_ADDR: u8 = 1;
const DEL_ADDR: u8 = 2;
const GET_ADDR: u8 = 3;
const FLUSH_ADDRS: u8 = 4;
const SET_LIMITS: u8 = 5;

const ATTR_ADDR: u16 = 1;
const ATTR_RCV_ADD_ADDRS: u16 = 2;
const ATTR_SUBFLOWS: u16 = 3;

const ADDR_FAMILY: u16 = 1;
const ADDR_ID: u16 = 2;
const ADDR_ADDR4: u16 = 3;
const ADDR_ADDR6: u16 = 4;
const ADDR_PORT: u16 = 5;
const ADDR_FLAGS: u16 = 6;

bitflags! {
    /// How the kernel uses an endpoint.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct EndpointFlags: u32 {
        /// Announce the address to the peer.
        const SIGNAL = 1;
        /// Open a subflow from the address.
        const SUBFLOW = 2;
        /// Use its subflows only when no other works.
        const BACKUP = 4;
        /// Open a subflow to each address of the peer.
        const FULLMESH = 8;
    }
}

/// The number of an endpoint in its namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointId(pub u8);

/// An address the path manager may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its number; the kernel chooses one if it is absent.
    pub id: Option<EndpointId>,
    /// The local address.
    pub address: IpAddr,
    /// A port to announce with it; the kernel listens there itself.
    pub port: Option<u16>,
    /// How it is used.
    pub flags: EndpointFlags,
}

impl Endpoint {
    /// Makes an endpoint without a number or a port of its own.
    pub fn new(address: IpAddr, flags: EndpointFlags) -> Self {
        Self { id: None, address, port: None, flags }
    }

    fn encode(&self, message: Message) -> Message {
        let kind = if self.address.is_ipv4() { ADDR_ADDR4 } else { ADDR_ADDR6 };
        let family = u16::from(family(self.address));
        message.nest(ATTR_ADDR, |nest| {
            let mut nest = nest
                .attribute(ADDR_FAMILY, &family.to_ne_bytes())
                .attribute(kind, &octets(self.address))
                .attribute(ADDR_FLAGS, &self.flags.bits().to_ne_bytes());
            if let Some(EndpointId(id)) = self.id {
                nest = nest.attribute(ADDR_ID, &[id]);
            }
            if let Some(port) = self.port {
                nest = nest.attribute(ADDR_PORT, &port.to_ne_bytes());
            }
            nest
        })
    }

    fn decode(answer: &[u8]) -> Option<Self> {
        let nest = attribute(answer.get(GENL_HEADER..)?, ATTR_ADDR)?;
        let v4 = || Some(Ipv4Addr::from(*attribute(nest, ADDR_ADDR4)?.first_chunk::<4>()?).into());
        let v6 = || Some(Ipv6Addr::from(*attribute(nest, ADDR_ADDR6)?.first_chunk::<16>()?).into());
        Some(Self {
            id: attribute(nest, ADDR_ID).and_then(|id| id.first().copied().map(EndpointId)),
            address: v4().or_else(v6)?,
            port: attribute(nest, ADDR_PORT)
                .and_then(|port| port.first_chunk())
                .map(|port| u16::from_ne_bytes(*port))
                // The kernel reports "none" as zero.
                .filter(|port| *port != 0),
            flags: EndpointFlags::from_bits_retain(u32::from_ne_bytes(
                *attribute(nest, ADDR_FLAGS)?.first_chunk()?,
            )),
        })
    }
}

impl Namespace {
    /// Adds an endpoint. Existing connections use it too.
    pub fn add_endpoint(&self, endpoint: Endpoint) -> Result<()> {
        let result = PathManager::open(self)?.request(ADD_ADDR, |message| endpoint.encode(message));
        result.context("add endpoint", format_args!("{} in {self}", endpoint.address))
    }

    /// Removes an endpoint; its subflows are closed.
    pub fn delete_endpoint(&self, id: EndpointId) -> Result<()> {
        let encode = |message: Message| message.nest(ATTR_ADDR, |nest| nest.attribute(ADDR_ID, &[id.0]));
        let result = PathManager::open(self)?.request(DEL_ADDR, encode);
        result.context("delete endpoint", format_args!("{} in {self}", id.0))
    }

    /// Removes all endpoints.
    pub fn flush_endpoints(&self) -> Result<()> {
        PathManager::open(self)?.request(FLUSH_ADDRS, |message| message).context("flush endpoints of", self)
    }

    /// Returns the endpoints, in the order of the kernel.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>> {
        let manager = PathManager::open(self)?;
        let answers = manager.netlink.dump(manager.message(GET_ADDR)).context("list endpoints of", self)?;
        Ok(answers.iter().filter_map(|answer| Endpoint::decode(answer)).collect())
    }

    /// Sets how many subflows a connection may have besides its first, and how many announced addresses of its peer it
    /// may use. The kernel accepts at most 8 of each.
    pub fn set_mptcp_limits(&self, subflows: u32, add_addr_accepted: u32) -> Result<()> {
        let encode = |message: Message| {
            message
                .attribute(ATTR_RCV_ADD_ADDRS, &add_addr_accepted.to_ne_bytes())
                .attribute(ATTR_SUBFLOWS, &subflows.to_ne_bytes())
        };
        PathManager::open(self)?.request(SET_LIMITS, encode).context("set MPTCP limits of", self)
    }
}

struct PathManager {
    netlink: Netlink,
    family: u16,
}

impl PathManager {
    fn open(namespace: &Namespace) -> Result<Self> {
        let netlink = Netlink::generic(namespace)?;
        let question = Message::new(GENL_ID_CTRL, 0, &[CTRL_CMD_GETFAMILY, 1, 0, 0])
            .attribute(CTRL_ATTR_FAMILY_NAME, b"mptcp_pm\0");
        let family = netlink.query(question).and_then(|answers| {
            let body = answers.first().and_then(|answer| answer.get(GENL_HEADER..));
            let id =
                body.and_then(|body| attribute(body, CTRL_ATTR_FAMILY_ID)).and_then(|id| id.first_chunk());
            Ok(u16::from_ne_bytes(*id.ok_or(io::ErrorKind::InvalidData)?))
        });
        let family = family.context("find the MPTCP path manager of", namespace)?;
        Ok(Self { netlink, family })
    }

    fn request(&self, command: u8, encode: impl FnOnce(Message) -> Message) -> io::Result<()> {
        self.netlink.request(encode(self.message(command)))
    }

    fn message(&self, command: u8) -> Message {
        Message::new(self.family, 0, &[command, 1, 0, 0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab;

    #[test]
    fn endpoints_are_listed_as_added() {
        let Some(lab) = lab!(Mptcp) else { return };
        let namespace = lab.namespace("endpoints").unwrap();
        let v4 = Endpoint {
            id: Some(EndpointId(7)),
            port: Some(4432),
            // The kernel binds the port at once, so the address must be a local one.
            ..Endpoint::new(Ipv4Addr::LOCALHOST.into(), EndpointFlags::SIGNAL)
        };
        let flags = EndpointFlags::SUBFLOW | EndpointFlags::BACKUP | EndpointFlags::FULLMESH;
        let v6 = Endpoint { id: Some(EndpointId(9)), ..Endpoint::new(Ipv6Addr::LOCALHOST.into(), flags) };
        namespace.add_endpoint(v4).unwrap();
        namespace.add_endpoint(v6).unwrap();
        assert_eq!(namespace.endpoints().unwrap(), [v4, v6]);
        namespace.delete_endpoint(EndpointId(7)).unwrap();
        assert_eq!(namespace.endpoints().unwrap(), [v6]);
        namespace.flush_endpoints().unwrap();
        assert_eq!(namespace.endpoints().unwrap(), []);
        namespace.set_mptcp_limits(8, 8).unwrap();
        let error = namespace.set_mptcp_limits(9, 8).unwrap_err();
        assert!(error.to_string().starts_with("cannot set MPTCP limits of namespace endpoints: "), "{error}");
    }
}
