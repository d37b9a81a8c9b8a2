//! Messages to and from name servers (RFC 1035). `reply`: what is made of an answer.

mod reply;

use hickory_proto::op::{Edns, Message, Query};
use hickory_proto::rr::{self, Name};

pub use reply::{Answer, Data, Read, read};

use crate::name::DomainName;

/// The size of the header of a message, in bytes.
pub const HEADER: usize = 12;

/// The longest message, in bytes: over TCP its length has 16 bits.
pub const LONGEST: usize = 65_535;

/// The kinds of records that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// The servers of a service (RFC 2782).
    Srv,
}

impl RecordType {
    fn wire(self) -> rr::RecordType {
        match self {
            RecordType::A => rr::RecordType::A,
            RecordType::Aaaa => rr::RecordType::AAAA,
            RecordType::Srv => rr::RecordType::SRV,
        }
    }
}

/// A question to a name server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The name that is asked about.
    pub name: DomainName,
    /// The records that are asked for.
    pub records: RecordType,
}

/// Returns the message that asks a question, with the size in bytes of the largest answer that is accepted over UDP.
pub fn query(id: u16, question: &Question, payload: u16) -> Vec<u8> {
    let mut message = Message::query();
    message.metadata.id = id;
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(wire_name(&question.name), question.records.wire()));
    let mut edns = Edns::new();
    edns.set_max_payload(payload);
    message.set_edns(edns);
    // A valid name fits in a message.
    message.to_vec().unwrap_or_default()
}

fn wire_name(name: &DomainName) -> Name {
    let labels = name.as_str().split('.').map(str::as_bytes);
    Name::from_labels(labels).unwrap_or_else(|_| Name::root())
}
