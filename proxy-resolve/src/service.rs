//! The servers that SRV records define: each record has one of the servers that a backend has for the service.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::message::Data;
use crate::name::DomainName;
use crate::records::{Known, Records};

/// A record that a server has.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taken {
    target: DomainName,
    port: u16,
    server: usize,
}

/// The servers of a backend for a service, and the records that they have.
#[derive(Clone, Debug, Default)]
pub struct Service {
    free: VecDeque<usize>,
    taken: Vec<Taken>,
}

/// A change of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It has this record.
    Assigned {
        /// The server.
        server: usize,
        /// The name of the host.
        target: DomainName,
        /// The port.
        port: u16,
        /// Its share of the load, in the numbers of server lines.
        weight: u16,
        /// Its address, if the answer has it. Otherwise the name is resolved.
        ip: Option<IpAddr>,
    },
    /// It has no record any more.
    Released {
        /// The server.
        server: usize,
    },
}

impl Service {
    /// Adds a server, which gets a record after those that were added before.
    pub fn add(&mut self, server: usize) {
        self.free.push_back(server);
    }

    /// Takes the servers of records that are gone.
    pub fn dropped(&mut self, gone: &[Known]) -> Vec<Change> {
        let is_gone = |taken: &Taken| gone.iter().any(|known| is_record(&known.data, taken));
        let (left, kept): (Vec<_>, Vec<_>) = self.taken.drain(..).partition(is_gone);
        self.taken = kept;
        self.free.extend(left.iter().map(|taken| taken.server));
        left.into_iter().map(|taken| Change::Released { server: taken.server }).collect()
    }

    /// Gives each record a server, as long as there are free ones.
    pub fn update(&mut self, records: &Records) -> Vec<Change> {
        let mut changes = Vec::new();
        for known in records.iter() {
            let Data::Server { target, port, weight } = &known.data else { continue };
            let server = match self.taken.iter().find(|taken| is_record(&known.data, taken)) {
                Some(taken) => taken.server,
                None => {
                    let Some(server) = self.free.pop_front() else { continue };
                    self.taken.push(Taken { target: target.clone(), port: *port, server });
                    server
                }
            };
            changes.push(Change::Assigned {
                server,
                target: target.clone(),
                port: *port,
                // Weight 0 stays 0; the largest becomes the largest of a server line.
                weight: weight.div_ceil(256),
                ip: known.additional.map(|(ip, _)| ip),
            });
        }
        changes
    }
}

fn is_record(data: &Data, taken: &Taken) -> bool {
    matches!(data, Data::Server { target, port, .. } if (target, *port) == (&taken.target, taken.port))
}
