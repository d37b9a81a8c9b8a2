//! What rules may know about the server that is checked.

use std::cell::OnceCell;

use proto_core::address::Address;
use proto_core::extension::Sampled;
use proto_core::memory::{self, MemoryStream};
use proxy_rules::SessionFacts;

/// The server that is checked.
#[derive(Clone, Debug)]
pub struct CheckPlace {
    /// The name of its backend.
    pub backend: Box<str>,
    /// Its name.
    pub server: Box<str>,
    /// The address that the check connects to.
    pub address: Address,
    /// The address that it connects from, as far as that is configured.
    pub source: Address,
}

/// The server, and the connection to it, while a step is evaluated.
pub(super) struct Facts<'a> {
    place: &'a CheckPlace,
    connection: Option<Sampled<'a>>,
    /// A connection without anything, for the client that a check does not have. No sample of a check asks for it, so
    /// that it is hardly ever made.
    nobody: OnceCell<MemoryStream>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(place: &'a CheckPlace, connection: Option<Sampled<'a>>) -> Facts<'a> {
        Facts { place, connection, nobody: OnceCell::new() }
    }
}

impl SessionFacts for Facts<'_> {
    fn source(&self) -> &Address {
        &self.place.source
    }

    fn destination(&self) -> &Address {
        &self.place.address
    }

    fn listener_name(&self) -> Option<&str> {
        None
    }

    fn listener_number(&self) -> u32 {
        0
    }

    fn frontend_name(&self) -> &str {
        ""
    }

    fn backend_name(&self) -> Option<&str> {
        Some(&self.place.backend)
    }

    fn server_name(&self) -> Option<&str> {
        Some(&self.place.server)
    }

    fn client(&self) -> Sampled<'_> {
        match self.connection {
            Some(connection) => connection,
            None => Sampled::new(
                self.nobody
                    .get_or_init(|| memory::pair(memory::address("check"), memory::address("nobody")).0),
            ),
        }
    }

    fn server(&self) -> Option<Sampled<'_>> {
        self.connection
    }
}
