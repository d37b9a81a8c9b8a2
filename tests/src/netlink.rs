//! Netlink requests by hand: one socket, one request, its acknowledgement or its dump.
//!
//! The laboratory sends about a dozen kinds of messages, of two netlink families, from short-lived threads.
//! That is a message builder and a receive loop; an asynchronous netlink stack would be larger than what it
//! replaces here. Layouts: netlink(7), rtnetlink(7), `include/uapi/linux/netlink.h`.

use std::io::{self, Read};

use socket2::{Domain, Protocol, Socket, Type};

use crate::error::{Context, Result};
use crate::ns::Namespace;

/// Create what does not exist and fail if it does.
pub(crate) const CREATE: u16 = (libc::NLM_F_CREATE | libc::NLM_F_EXCL) as u16;
/// Create or replace.
pub(crate) const REPLACE: u16 = (libc::NLM_F_CREATE | libc::NLM_F_REPLACE) as u16;

/// `struct nlmsghdr`: length, type, flags, sequence, port.
const HEADER: usize = 16;
/// Larger than any message of a dump (the kernel uses at most 32 KiB).
const RECEIVE_BUFFER: usize = 64 * 1024;
/// The two top bits of an attribute's type are flags (`NLA_F_NESTED`, `NLA_F_NET_BYTEORDER`).
const NESTED: u16 = 1 << 15;
const TYPE_MASK: u16 = !(0b11 << 14);

/// A netlink message under construction.
#[derive(Debug)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    kind: u16,
    flags: u16,
}

impl Message {
    /// Makes a message of this type with these flags (besides "request"), and the family's fixed header.
    pub(crate) fn new(kind: u16, flags: u16, fixed: &[u8]) -> Self {
        let mut bytes = vec![0; HEADER];
        bytes.extend_from_slice(fixed);
        let mut message = Self { bytes, kind, flags };
        message.align();
        message
    }

    /// Appends an attribute.
    pub(crate) fn attribute(mut self, kind: u16, value: &[u8]) -> Self {
        self.push(kind, value);
        self
    }

    /// Appends bytes that are not an attribute: a fixed header inside a nest.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends an attribute that holds what `fill` appends.
    pub(crate) fn nest(mut self, kind: u16, fill: impl FnOnce(Self) -> Self) -> Self {
        let start = self.bytes.len();
        self.push(kind | NESTED, &[]);
        let mut filled = fill(self);
        let length = (filled.bytes.len() - start) as u16;
        filled.bytes[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        filled
    }

    fn push(&mut self, kind: u16, value: &[u8]) {
        self.bytes.extend_from_slice(&(value.len() as u16 + 4).to_ne_bytes());
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(value);
        self.align();
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    fn finish(mut self, flags: u16) -> Vec<u8> {
        let length = self.bytes.len() as u32;
        let flags = self.flags | flags | libc::NLM_F_REQUEST as u16;
        self.bytes[0..4].copy_from_slice(&length.to_ne_bytes());
        self.bytes[4..6].copy_from_slice(&self.kind.to_ne_bytes());
        self.bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
        self.bytes
    }
}

/// A netlink socket of one namespace.
#[derive(Debug)]
pub(crate) struct Netlink(Socket);

impl Netlink {
    /// Opens a socket for routing, links and queueing.
    pub(crate) fn route(namespace: &Namespace) -> Result<Self> {
        Self::open(namespace, libc::NETLINK_ROUTE)
    }

    /// Opens a socket for families that are found by name.
    pub(crate) fn generic(namespace: &Namespace) -> Result<Self> {
        Self::open(namespace, libc::NETLINK_GENERIC)
    }

    fn open(namespace: &Namespace, protocol: libc::c_int) -> Result<Self> {
        // A socket belongs to the namespace of the thread that makes it, for good.
        let open = || Socket::new(Domain::from(libc::AF_NETLINK), Type::RAW, Some(Protocol::from(protocol)));
        namespace.run(open)?.map(Self).context("open netlink socket in", namespace)
    }

    /// Sends a request and waits for its acknowledgement.
    pub(crate) fn request(&self, message: Message) -> io::Result<()> {
        self.exchange(message, libc::NLM_F_ACK as u16).map(drop)
    }

    /// Sends a request and collects the answers, each without its netlink header.
    pub(crate) fn query(&self, message: Message) -> io::Result<Vec<Vec<u8>>> {
        self.exchange(message, libc::NLM_F_ACK as u16)
    }

    /// Requests all objects of a kind.
    pub(crate) fn dump(&self, message: Message) -> io::Result<Vec<Vec<u8>>> {
        self.exchange(message, libc::NLM_F_DUMP as u16)
    }

    fn exchange(&self, message: Message, flags: u16) -> io::Result<Vec<Vec<u8>>> {
        self.0.send(&message.finish(flags))?;
        let mut answers = Vec::new();
        let mut buffer = vec![0; RECEIVE_BUFFER];
        loop {
            let count = match (&self.0).read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => result?,
            };
            let mut rest = &buffer[..count];
            while let Some((kind, body, next)) = split_message(rest) {
                match libc::c_int::from(kind) {
                    libc::NLMSG_ERROR | libc::NLMSG_DONE => {
                        // Both begin with an error number, negative or zero; only a dump ends with "done".
                        return match body.first_chunk().map_or(0, |code| i32::from_ne_bytes(*code)) {
                            0 => Ok(answers),
                            code => Err(io::Error::from_raw_os_error(-code)),
                        };
                    }
                    _ => answers.push(body.to_vec()),
                }
                rest = next;
            }
        }
    }
}

fn split_message(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = u32::from_ne_bytes(*bytes.first_chunk()?) as usize;
    let kind = u16::from_ne_bytes(*bytes.get(4..)?.first_chunk()?);
    let body = bytes.get(HEADER..length)?;
    Some((kind, body, bytes.get(length.next_multiple_of(4)..).unwrap_or(&[])))
}

/// Iterates over the attributes in `bytes`, as type and value.
pub(crate) fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(*bytes.first_chunk()?));
        let kind = u16::from_ne_bytes(*bytes.get(2..)?.first_chunk()?) & TYPE_MASK;
        let value = bytes.get(4..length)?;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or(&[]);
        Some((kind, value))
    })
}

/// Returns the value of the first attribute of this type.
pub(crate) fn attribute(bytes: &[u8], kind: u16) -> Option<&[u8]> {
    attributes(bytes).find(|(k, _)| *k == kind).map(|(_, value)| value)
}

/// Returns a NUL-terminated string, as netlink expects names.
pub(crate) fn text(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.push(0);
    bytes
}
