//! The client for whom a server is connected to: what the layers of the server may tell it.

use proto_core::address::Address;
use proto_core::findings::Findings;
use proto_core::layer::{OnBehalf, Outgoing};
use proto_core::spec::Target;

/// A client, as it was when a server began to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct Behalf {
    pub(crate) source: Address,
    pub(crate) destination: Address,
    pub(crate) findings: Findings,
    pub(crate) unique_id: Option<Vec<u8>>,
}

impl Behalf {
    /// What a handshake is given that is done for this client.
    pub(crate) fn outgoing<'a>(&'a self, target: &'a Target) -> Outgoing<'a> {
        let client = OnBehalf {
            source: &self.source,
            destination: &self.destination,
            findings: &self.findings,
            unique_id: self.unique_id.as_deref(),
            formats: &[],
        };
        Outgoing { client: Some(client), ..Outgoing::new(target) }
    }
}
