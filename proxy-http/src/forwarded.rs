//! The values of `Forwarded` (RFC 7239), as strictly as HAProxy reads them: each parameter once, in any order, names in
//! small letters, no others than `for`, `by`, `host` and `proto`, no blanks, and in quotes whatever has a port or is an
//! IPv6 address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What one value says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forwarded<'a> {
    /// `for`: who sent the request.
    pub sender: Option<Node<'a>>,
    /// `by`: who received it.
    pub receiver: Option<Node<'a>>,
    /// `host`: the name that the request was for, perhaps with a port.
    pub host: Option<&'a [u8]>,
    /// `proto`: `http` or `https`.
    pub protocol: Option<&'a [u8]>,
}

/// A party to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// The text of the node, without quotes.
    pub text: &'a [u8],
    /// The name of the node.
    pub name: NodeName<'a>,
    /// Its port, if that is told.
    pub port: Option<NodePort<'a>>,
}

/// The name of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeName<'a> {
    /// `unknown`
    Unknown,
    /// Its address.
    Address(IpAddr),
    /// A name that hides it, with the `_` before it.
    Hidden(&'a [u8]),
}

/// The port of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodePort<'a> {
    /// Its number.
    Number(u16),
    /// A name that hides it, with the `_` before it.
    Hidden(&'a [u8]),
}

impl<'a> Forwarded<'a> {
    /// Reads a value, which is one element of a list; `None` if it is none.
    pub fn parse(value: &'a [u8]) -> Option<Forwarded<'a>> {
        let mut forwarded = Forwarded::default();
        let mut rest = Rest(value);
        loop {
            let (name, after) = rest.0.split_at(memchr::memchr(b'=', rest.0)?);
            rest = Rest(&after[1..]);
            match name {
                b"for" if forwarded.sender.is_none() => {
                    forwarded.sender = Some(rest.maybe_quoted(Rest::node)?);
                }
                b"by" if forwarded.receiver.is_none() => {
                    forwarded.receiver = Some(rest.maybe_quoted(Rest::node)?);
                }
                b"host" if forwarded.host.is_none() => {
                    forwarded.host = Some(rest.maybe_quoted(Rest::host)?);
                }
                b"proto" if forwarded.protocol.is_none() => {
                    forwarded.protocol = Some(rest.protocol()?);
                }
                _ => return None,
            }
            match rest.0 {
                [] => return Some(forwarded),
                [b';', more @ ..] => rest = Rest(more),
                _ => return None,
            }
        }
    }
}

impl<'a> Node<'a> {
    /// Reads the node at the beginning of a text.
    pub fn read(text: &'a [u8]) -> Option<Node<'a>> {
        Rest(text).node(true)
    }
}

impl<'a> NodeName<'a> {
    /// Reads a text that is the name of a node and nothing else.
    pub fn parse(text: &'a [u8]) -> Option<NodeName<'a>> {
        let mut rest = Rest(text);
        rest.name(true).filter(|_| rest.0.is_empty())
    }
}

impl<'a> NodePort<'a> {
    /// Reads a text that is the port of a node and nothing else.
    pub fn parse(text: &'a [u8]) -> Option<NodePort<'a>> {
        let mut rest = Rest(text);
        rest.port().filter(|_| rest.0.is_empty())
    }
}

/// Whether a text may stand after the `_` of a name that hides something.
pub fn may_be_hidden(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(is_hidden_byte)
}

/// Whether a text is a host, perhaps with a port, that may stand in quotes.
pub fn is_host(text: &[u8]) -> bool {
    let mut rest = Rest(text);
    rest.host(true).is_some() && rest.0.is_empty()
}

fn is_hidden_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(byte)
}

/// What was not yet read.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// The bytes at the beginning that are of a kind.
    fn while_in(&mut self, is_in: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.0.iter().position(|byte| !is_in(byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    /// Whether it began with a text, which is skipped then.
    fn skip(&mut self, text: &[u8]) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Something that may stand in quotes, and is told if it does.
    fn maybe_quoted<T>(&mut self, read: fn(&mut Self, bool) -> Option<T>) -> Option<T> {
        let is_quoted = self.skip(b"\"");
        let value = read(self, is_quoted)?;
        (!is_quoted || self.skip(b"\"")).then_some(value)
    }

    /// What `read` takes.
    fn text_of(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<&'a [u8]> {
        let before = self.0;
        read(self)?;
        Some(&before[..before.len() - self.0.len()])
    }

    fn node(&mut self, is_quoted: bool) -> Option<Node<'a>> {
        let (mut name, mut port) = (NodeName::Unknown, None);
        let text = self.text_of(|rest| {
            name = rest.name(is_quoted)?;
            if rest.0.first() == Some(&b':') {
                // A colon is no part of a token, so there are quotes around it.
                if !is_quoted {
                    return None;
                }
                rest.skip(b":");
                port = Some(rest.port()?);
            }
            Some(())
        })?;
        Some(Node { text, name, port })
    }

    fn name(&mut self, is_quoted: bool) -> Option<NodeName<'a>> {
        match self.0 {
            [b'_', ..] => self.hidden().map(NodeName::Hidden),
            [b'u', ..] => self.skip(b"unknown").then_some(NodeName::Unknown),
            [b'[', ..] if is_quoted => self.ipv6().map(|address| NodeName::Address(address.into())),
            _ => {
                let text =
                    std::str::from_utf8(self.while_in(|byte| byte.is_ascii_digit() || *byte == b'.')).ok()?;
                text.parse::<Ipv4Addr>().ok().map(|address| NodeName::Address(address.into()))
            }
        }
    }

    fn ipv6(&mut self) -> Option<Ipv6Addr> {
        self.skip(b"[");
        let text =
            std::str::from_utf8(self.while_in(|byte| byte.is_ascii_alphanumeric() || *byte == b':')).ok()?;
        let address = text.parse().ok()?;
        self.skip(b"]").then_some(address)
    }

    fn hidden(&mut self) -> Option<&'a [u8]> {
        self.text_of(|rest| {
            rest.skip(b"_");
            (!rest.while_in(is_hidden_byte).is_empty()).then_some(())
        })
    }

    fn port(&mut self) -> Option<NodePort<'a>> {
        if self.0.first() == Some(&b'_') {
            return self.hidden().map(NodePort::Hidden);
        }
        self.number().map(NodePort::Number)
    }

    fn number(&mut self) -> Option<u16> {
        let digits = std::str::from_utf8(self.while_in(u8::is_ascii_digit)).ok()?;
        digits.parse().ok().filter(|port| *port > 0)
    }

    fn host(&mut self, is_quoted: bool) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        self.text_of(|rest| {
            match rest.0 {
                [b'[', ..] if is_quoted => {
                    rest.ipv6()?;
                }
                _ => {
                    rest.while_in(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
                }
            }
            match rest.0.first() {
                Some(b':') if is_quoted => {
                    rest.skip(b":");
                    rest.number().map(|_| ())
                }
                Some(b':') => None,
                _ => Some(()),
            }
        })
    }

    /// Only those two, and never in quotes.
    fn protocol(&mut self) -> Option<&'a [u8]> {
        let before = self.0;
        let length = if self.skip(b"https") { 5 } else { 4 };
        (length == 5 || self.skip(b"http")).then(|| &before[..length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was given to HAProxy.
    #[test]
    fn values() {
        for value in [
            "for=1.2.3.4",
            "for=\"1.2.3.4\"",
            "for=\"1.2.3.4:80\"",
            "for=\"1.2.3.4:0080\"",
            "for=unknown",
            "for=_a.b-c_d",
            "for=\"_a:_b\"",
            "by=\"[2001:db8::1]:65535\"",
            "host=a.b",
            "host=\"a.b:80\"",
            "host=\"[::1]\"",
            "host=\"\"",
            "proto=http",
            "proto=https;host=\"[::1]:1\";by=unknown;for=_x",
        ] {
            assert!(Forwarded::parse(value.as_bytes()).is_some(), "{value}");
        }
        for value in [
            "",
            "for",
            "for=",
            "For=1.2.3.4",
            "for=1.2.3.4;",
            "for=1.2.3.4;for=1.2.3.4",
            "for=1.2.3.4; proto=http",
            "for=1.2.3.4:80",
            "for=\"1.2.3.4",
            "for=\"1.2.3.4:0\"",
            "for=\"1.2.3.4:65536\"",
            "for=\"1.2.3.4:\"",
            "for=1.2.3",
            "for=[::1]",
            "for=\"::1\"",
            "for=\"[::ffff:1.2.3.4]\"",
            "for=_",
            "for=unknowns",
            "for=name",
            "host=a:80",
            "host=a-b",
            "proto=ftp",
            "proto=\"http\"",
            "proto=HTTP",
            "secret=x",
        ] {
            assert_eq!(Forwarded::parse(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn parts() {
        let value = Forwarded::parse(b"for=\"[::1]:_p\";by=\"_x:80\";host=\"a:1\";proto=https").unwrap();
        let sender = value.sender.unwrap();
        assert_eq!((sender.text, sender.port), (&b"[::1]:_p"[..], Some(NodePort::Hidden(b"_p"))));
        assert_eq!(sender.name, NodeName::Address(Ipv6Addr::LOCALHOST.into()));
        let receiver = value.receiver.unwrap();
        assert_eq!((receiver.name, receiver.port), (NodeName::Hidden(b"_x"), Some(NodePort::Number(80))));
        assert_eq!((value.host, value.protocol), (Some(&b"a:1"[..]), Some(&b"https"[..])));
        assert_eq!(Node::read(b"1.2.3.4:80 and more").unwrap().text, b"1.2.3.4:80");
    }
}
