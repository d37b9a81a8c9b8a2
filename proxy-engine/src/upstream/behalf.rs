//! The client for whom a server is connected to: what the layers of the server may tell it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use proto_core::address::Address;
use proto_core::findings::Findings;
use proto_core::layer::{OnBehalf, Outgoing};
use proto_core::options::SourceField;
use proto_core::spec::Target;
use proxy_rules::{Changes, Context, Format, request_address};

use super::backend::Backend;
use super::server::Server;

/// A client, as it was when a server began to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct Behalf {
    pub(crate) source: Address,
    pub(crate) destination: Address,
    pub(crate) findings: Findings,
    pub(crate) told: Told,
}

/// What only rules can say of the client's session or exchange. It is made before the server is known, for whichever
/// server of the backend it will be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    unique_id: Option<Vec<u8>>,
    formats: Vec<(Arc<Format>, Vec<u8>)>,
    sources: Vec<(SourceField, Option<IpAddr>)>,
}

impl Told {
    /// What the servers of a backend are told.
    pub(crate) fn of(context: &Context<'_>, backend: &Backend) -> Told {
        let unique_id = context.unique_id.filter(|_| backend.tells_unique_id());
        let value = |format: &Arc<Format>| {
            let mut value = Vec::new();
            format.write(context, &mut value);
            (Arc::clone(format), value)
        };
        let source = |field: &SourceField| {
            (field.clone(), request_address(context, &field.name, field.occurrence.into()))
        };
        Told {
            sources: backend.source_fields().iter().map(source).collect(),
            unique_id: unique_id.map(|unique_id| unique_id.get(context).to_vec()),
            formats: backend.formats().iter().map(value).collect(),
        }
    }
}

impl Behalf {
    /// Takes over the addresses that rules have changed.
    pub(crate) fn change(&mut self, changes: &Changes) {
        for (own, changed) in
            [(&mut self.source, &changes.source), (&mut self.destination, &changes.destination)]
        {
            if let Some(changed) = changed {
                own.clone_from(changed);
            }
        }
    }

    /// What the formats of a server gave, by the numbers that its layers know them by.
    pub(crate) fn formats(&self, server: &Server) -> Vec<(u8, &[u8])> {
        let value = |format: &Arc<Format>| {
            let made = self.told.formats.iter().find(|(known, _)| Arc::ptr_eq(known, format));
            made.map_or(&[][..], |(_, value)| value)
        };
        server.formats().iter().map(|entry| (entry.number, value(&entry.format))).collect()
    }

    /// The address that the client's request names for connections of a server, if it is one of the family of the server's.
    pub(crate) fn named_source(&self, field: &SourceField, server: &Address) -> Option<Address> {
        let (_, named) = self.told.sources.iter().find(|(known, _)| known == field)?;
        let named = Address::Inet(SocketAddr::new((*named)?, 0));
        (named.family() == server.family()).then_some(named)
    }

    /// What a handshake is given that is done for this client.
    pub(crate) fn outgoing<'a>(&'a self, target: &'a Target, formats: &'a [(u8, &'a [u8])]) -> Outgoing<'a> {
        let client = OnBehalf {
            source: &self.source,
            destination: &self.destination,
            findings: &self.findings,
            unique_id: self.told.unique_id.as_deref(),
            formats,
        };
        Outgoing { client: Some(client), ..Outgoing::new(target) }
    }
}
