//! The client on whose behalf a server is connected to: what the layers of the server may send about it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use proto_core::address::Address;
use proto_core::findings::Findings;
use proto_core::layer::{OnBehalf, Outgoing};
use proto_core::options::SourceField;
use proto_core::spec::Target;
use proxy_rules::regex::Failed;
use proxy_rules::{Changes, Context, Format, request_address};

use super::backend::Backend;
use super::server::Server;

/// What may be sent about a client, as of the moment when the search for a server began.
#[derive(Clone, Debug)]
pub(crate) struct Behalf {
    pub(crate) source: Address,
    pub(crate) destination: Address,
    pub(crate) findings: Findings,
    pub(crate) told: Told,
}

/// Values that have to be evaluated in the context of rules. They are evaluated before the server is known, so for all
/// servers of the backend.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    unique_id: Option<Vec<u8>>,
    formats: Vec<(Arc<Format>, Vec<u8>)>,
    sources: Vec<(SourceField, Option<IpAddr>)>,
}

impl Told {
    /// Evaluates the values that servers of a backend are told.
    ///
    /// # Errors
    /// A value could not be determined in time, so servers would be told something else.
    pub(crate) fn of(context: &mut Context<'_>, backend: &Backend) -> Result<Told, Failed> {
        let unique_id = context.unique_id.filter(|_| backend.tells_unique_id());
        let value = |format: &Arc<Format>| {
            let mut value = Vec::new();
            format.write(context, &mut value);
            (Arc::clone(format), value)
        };
        let source = |field: &SourceField| {
            (field.clone(), request_address(context, &field.name, field.occurrence.into()))
        };
        let told = Told {
            sources: backend.source_fields().iter().map(source).collect(),
            unique_id: unique_id.map(|unique_id| unique_id.get(context).to_vec()),
            formats: backend.formats().iter().map(value).collect(),
        };
        if context.has_failed() { Err(Failed) } else { Ok(told) }
    }
}

impl Behalf {
    /// Applies the addresses that rules have changed.
    pub(crate) fn change(&mut self, changes: &Changes) {
        for (own, changed) in
            [(&mut self.source, &changes.source), (&mut self.destination, &changes.destination)]
        {
            if let Some(changed) = changed {
                own.clone_from(changed);
            }
        }
    }

    /// Returns the values of a server's formats, by the numbers that its layers use for them.
    pub(crate) fn formats(&self, server: &Server) -> Vec<(u8, &[u8])> {
        let value = |format: &Arc<Format>| {
            let made = self.told.formats.iter().find(|(known, _)| Arc::ptr_eq(known, format));
            made.map_or(&[][..], |(_, value)| value)
        };
        server.formats().iter().map(|entry| (entry.number, value(&entry.format))).collect()
    }

    /// Returns the source address that the client's request names, if it is of the same family as the server's
    /// address.
    pub(crate) fn named_source(&self, field: &SourceField, server: &Address) -> Option<Address> {
        let (_, named) = self.told.sources.iter().find(|(known, _)| known == field)?;
        let named = Address::Inet(SocketAddr::new((*named)?, 0));
        (named.family() == server.family()).then_some(named)
    }

    /// Returns the input of a handshake on behalf of this client.
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
