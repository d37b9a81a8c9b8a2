//! Reads answers. Only an answer to the question that was asked is one: anything else may come from somebody who guesses.

use std::net::IpAddr;

use hickory_proto::op::{Header, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record};
use hickory_proto::serialize::binary::{BinDecodable as _, BinDecoder};

use super::{HEADER, Question, RecordType};
use crate::failure::Failure;
use crate::name::DomainName;

/// The most names that lead from the name that was asked about to that of an address.
const LONGEST_CHAIN: usize = 16;

/// The fewest bytes of a record, as HAProxy counts them: what a message of the largest accepted size can have at most.
const SMALLEST_RECORD: usize = 6;

/// The records of an answer, in the order of the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The records that were asked for.
    pub records: Vec<Data>,
    /// Addresses of the targets of SRV records, which the server knew as well.
    pub additional: Vec<(DomainName, IpAddr)>,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An address of the name.
    Address(IpAddr),
    /// A server of the service. Its priority is not used.
    Server {
        /// The name of its host.
        target: DomainName,
        /// Its port.
        port: u16,
        /// Its share of the load.
        weight: u16,
    },
}

/// A message from the address of a name server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// It answers the question.
    Answer(Answer),
    /// It says that there is no usable answer.
    Failed(Failure),
    /// It does not fit; the answer over TCP will.
    Truncated,
    /// It answers an other question, or none that is known any more.
    Outdated,
    /// It is no answer to this question.
    Foreign,
}

/// Reads the answer to a question that was asked with this id. `payload` is the size of the largest answer.
pub fn read(message: &[u8], id: u16, question: &Question, payload: usize) -> Read {
    let mut decoder = BinDecoder::new(message);
    let Ok(header) = Header::read(&mut decoder) else { return Read::Foreign };
    let metadata = &header.metadata;
    if metadata.id != id {
        return Read::Outdated;
    }
    if metadata.message_type != MessageType::Response {
        return Read::Foreign;
    }
    let is_asked = header.counts.queries == 1
        && Query::read(&mut decoder).is_ok_and(|query| {
            query.query_type == question.records.wire()
                && query.query_class == DNSClass::IN
                && name(&query.name).as_ref() == Some(&question.name)
        });
    if !is_asked {
        return Read::Foreign;
    }
    match metadata.response_code {
        ResponseCode::NoError if metadata.truncation => return Read::Truncated,
        ResponseCode::NoError if header.counts.answers == 0 => return Read::Failed(Failure::NoRecords),
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => return Read::Failed(Failure::NoSuchName),
        ResponseCode::Refused => return Read::Failed(Failure::Refused),
        _ => return Read::Failed(Failure::Other),
    }
    let most = payload.saturating_sub(HEADER) / SMALLEST_RECORD;
    if usize::from(header.counts.answers) > most {
        return Read::Failed(Failure::Invalid);
    }
    let Ok(message) = Message::from_vec(message) else { return Read::Failed(Failure::Invalid) };
    match question.records {
        RecordType::Srv => servers(&message),
        RecordType::A | RecordType::Aaaa => addresses(&message, &question.name),
    }
}

/// Returns the addresses at the end of a chain of names.
fn addresses(message: &Message, asked: &DomainName) -> Read {
    let mut current = asked.clone();
    let (mut links, mut records, mut is_first) = (0, Vec::new(), true);
    for record in in_class(&message.answers) {
        if name(&record.name).as_ref() != Some(&current) {
            let failure = if is_first { Failure::Invalid } else { Failure::BrokenChain };
            return Read::Failed(failure);
        }
        is_first = false;
        match &record.data {
            RData::A(address) => records.push(Data::Address(IpAddr::V4(address.0))),
            RData::AAAA(address) => records.push(Data::Address(IpAddr::V6(address.0))),
            RData::CNAME(target) => {
                links += 1;
                match name(&target.0).filter(|_| links <= LONGEST_CHAIN) {
                    Some(target) => current = target,
                    None => return Read::Failed(Failure::BrokenChain),
                }
            }
            _ => {}
        }
    }
    match records.is_empty() {
        true => Read::Failed(Failure::BrokenChain),
        false => Read::Answer(Answer { records, additional: Vec::new() }),
    }
}

/// Returns the servers of a service, and the addresses of them that the message has.
fn servers(message: &Message) -> Read {
    let records: Vec<Data> = in_class(&message.answers).filter_map(server).collect();
    if records.is_empty() {
        return Read::Failed(Failure::NoRecords);
    }
    let address = |record: &Record| {
        let ip = match &record.data {
            RData::A(address) => IpAddr::V4(address.0),
            RData::AAAA(address) => IpAddr::V6(address.0),
            _ => return None,
        };
        Some((name(&record.name)?, ip))
    };
    let additional = in_class(&message.additionals).filter_map(address).collect();
    Read::Answer(Answer { records, additional })
}

fn server(record: &Record) -> Option<Data> {
    let RData::SRV(srv) = &record.data else { return None };
    Some(Data::Server { target: name(&srv.target)?, port: srv.port, weight: srv.weight })
}

fn in_class(records: &[Record]) -> impl Iterator<Item = &Record> {
    records.iter().filter(|record| record.dns_class == DNSClass::IN)
}

/// Returns a name of a message, if it is one that could be asked about.
fn name(name: &Name) -> Option<DomainName> {
    let labels: Option<Vec<&str>> = name.iter().map(|label| std::str::from_utf8(label).ok()).collect();
    // A dot within a label would make another name of it.
    let labels = labels.filter(|labels| labels.iter().all(|label| !label.contains('.')))?;
    DomainName::parse(&labels.join("."))
}
