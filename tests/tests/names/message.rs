//! Messages of name servers, made and read by hand, so that nothing is shared with the program.

use std::net::Ipv4Addr;

pub(crate) const A: u16 = 1;
pub(crate) const SRV: u16 = 33;
const AAAA: u16 = 28;
/// A response with recursion, as servers send them.
const RESPONSE: u16 = 0x8180;
const TRUNCATED: u16 = 0x0200;

/// A question.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) kind: u16,
}

impl Question {
    /// Reads a question that the program has sent.
    pub(crate) fn read(bytes: &[u8]) -> Question {
        let (mut name, mut at) = (String::new(), 12);
        while bytes[at] != 0 {
            let label = &bytes[at + 1..at + 1 + usize::from(bytes[at])];
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(std::str::from_utf8(label).unwrap());
            at += 1 + label.len();
        }
        let number = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        Question { id: number(0), name, kind: number(at + 1) }
    }

    /// Returns an answer with these records and additional ones.
    pub(crate) fn answer(&self, records: &[Vec<u8>], additional: &[Vec<u8>]) -> Vec<u8> {
        self.response(RESPONSE, records, additional)
    }

    /// Returns a failure with this code.
    pub(crate) fn failure(&self, code: u16) -> Vec<u8> {
        self.response(RESPONSE | code, &[], &[])
    }

    /// Returns an answer that does not fit.
    pub(crate) fn truncated(&self) -> Vec<u8> {
        self.response(RESPONSE | TRUNCATED, &[], &[])
    }

    /// Returns the addresses of a name, for questions of their family; of the other one it has none.
    pub(crate) fn addresses(&self, ips: &[[u8; 4]]) -> Vec<u8> {
        match self.kind {
            AAAA => self.answer(&[], &[]),
            _ => self.answer(&ips.map_to(|ip| address(&self.name, *ip)), &[]),
        }
    }

    fn response(&self, flags: u16, records: &[Vec<u8>], additional: &[Vec<u8>]) -> Vec<u8> {
        let head = [self.id, flags, 1, records.len() as u16, 0, additional.len() as u16];
        let mut bytes: Vec<u8> = head.iter().flat_map(|number| number.to_be_bytes()).collect();
        bytes.extend(labels(&self.name));
        bytes.extend([self.kind, 1].iter().flat_map(|number| number.to_be_bytes()));
        records.iter().chain(additional).for_each(|record| bytes.extend(record));
        bytes
    }
}

trait MapTo<T> {
    fn map_to<R>(&self, map: impl Fn(&T) -> R) -> Vec<R>;
}

impl<T> MapTo<T> for [T] {
    fn map_to<R>(&self, map: impl Fn(&T) -> R) -> Vec<R> {
        self.iter().map(map).collect()
    }
}

fn labels(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

fn record(owner: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = labels(owner);
    bytes.extend([kind, 1, 0, 60, data.len() as u16].iter().flat_map(|number| number.to_be_bytes()));
    bytes.extend(data);
    bytes
}

/// An address of a name.
pub(crate) fn address(owner: &str, ip: [u8; 4]) -> Vec<u8> {
    record(owner, A, &Ipv4Addr::from(ip).octets())
}

/// A server of a service.
pub(crate) fn server(owner: &str, weight: u16, port: u16, target: &str) -> Vec<u8> {
    let mut data: Vec<u8> = [1, weight, port].iter().flat_map(|number: &u16| number.to_be_bytes()).collect();
    data.extend(labels(target));
    record(owner, SRV, &data)
}
