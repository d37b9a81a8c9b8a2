//! The bytes on a link by the interface's own counters, so that what a connection reports of its paths can be checked
//! against the wire.

use std::fs;
use std::io;

use crate::error::{Context, Result};
use crate::link::Interface;
use crate::netlink::{Message, Netlink, attribute};

/// The size of `struct ifinfomsg`.
const IFINFOMSG: usize = 16;
// `include/uapi/linux/if_link.h`.
const IFLA_STATS64: u16 = 23;
/// Indexes into `struct rtnl_link_stats64`, an array of `u64`.
const RX_BYTES: usize = 2;
const TX_BYTES: usize = 3;

/// Bytes that passed an interface since it was made, headers included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The bytes received.
    pub received: u64,
    /// The bytes sent.
    pub sent: u64,
}

impl Traffic {
    /// Returns the sum of both directions.
    pub fn total(self) -> u64 {
        self.received + self.sent
    }
}

impl Interface {
    /// Returns all traffic of the interface.
    pub fn traffic(&self) -> Result<Traffic> {
        let mut header = [0; IFINFOMSG];
        header[4..8].copy_from_slice(&self.index().to_ne_bytes());
        let answers = Netlink::route(self.namespace())?.query(Message::new(libc::RTM_GETLINK, 0, &header));
        let counters = answers.and_then(|all| {
            let stats = all.first().and_then(|link| attribute(link.get(IFINFOMSG..)?, IFLA_STATS64));
            let count =
                |place: usize| stats?.get(place * 8..)?.first_chunk().copied().map(u64::from_ne_bytes);
            let (received, sent) = (count(RX_BYTES), count(TX_BYTES));
            received.zip(sent).ok_or_else(|| io::ErrorKind::InvalidData.into())
        });
        let (received, sent) = counters.context("read counters of", self)?;
        Ok(Traffic { received, sent })
    }

    /// Returns the IPv6 part of it.
    pub fn ipv6_traffic(&self) -> Result<Traffic> {
        let path = format!("/proc/thread-self/net/dev_snmp6/{}", self.name());
        let text = self.namespace().run(|| fs::read_to_string(&path))?.context("read", &path)?;
        let count = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
            value.ok_or_else(|| io::ErrorKind::InvalidData.into()).context("find in", &path)
        };
        Ok(Traffic { received: count("Ip6InOctets")?, sent: count("Ip6OutOctets")? })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use crate::lab;
    use crate::topology::TwoPaths;

    #[test]
    fn what_is_sent_is_counted_by_family_and_link() {
        let Some(lab) = lab!(Mptcp) else { return };
        let net = TwoPaths::new(&lab).unwrap();
        const SIZE: usize = 100_000;
        for address in [net.paths[0].server.v4, net.paths[1].server.v6] {
            let listener = net.server.run(move || TcpListener::bind((address, 0)).unwrap()).unwrap();
            let to = listener.local_addr().unwrap();
            let client = net.client.run(move || TcpStream::connect(to).unwrap()).unwrap();
            let mut accepted = listener.accept().unwrap().0;
            let sending = std::thread::spawn(move || (&client).write_all(&[0; SIZE]).unwrap());
            accepted.read_exact(&mut vec![0; SIZE]).unwrap();
            sending.join().unwrap();
        }
        let [first, second] = net.paths.each_ref().map(|path| &path.client_end);
        let size = SIZE as u64;
        assert!((size..2 * size).contains(&first.traffic().unwrap().sent));
        assert!((size..2 * size).contains(&second.traffic().unwrap().sent));
        assert!(first.ipv6_traffic().unwrap().total() < size);
        assert!((size..2 * size).contains(&second.ipv6_traffic().unwrap().sent));
    }
}
