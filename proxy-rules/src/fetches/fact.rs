//! `fc_fact`, `bc_fact`: a fact by its name that a transport or a layer provides about a connection, beyond the common
//! ones.

use proto_core::extension::{Sampled, Side};

use crate::context::Context;
use crate::expression::sample_of;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

/// The fact with a name.
#[derive(Debug)]
struct Fact {
    side: Side,
    name: Box<str>,
}

impl Fetch for Fact {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let connection: Sampled<'_> = match self.side {
            Side::Client => context.session.client(),
            Side::Server => context.session.server()?,
        };
        // Facts have various types, so only text can be promised.
        sample_of(connection.stream.info().extra(&self.name)?.clone()).cast(Type::Text)
    }

    fn reads_server(&self) -> bool {
        self.side == Side::Server
    }

    fn tells_end(&self) -> bool {
        true
    }
}

inventory::submit! {
    FetchEntry::new(
        "fc_fact",
        "<name>",
        Type::Text,
        Need::Client,
        "a fact that the transport or a layer of the client's connection tells",
        |inputs| {
            let name = inputs.text("the name of a fact")?.into();
            Ok(Box::new(Fact { side: Side::Client, name }))
        },
    )
}

inventory::submit! {
    FetchEntry::new(
        "bc_fact",
        "<name>",
        Type::Text,
        Need::Server,
        "a fact that the transport or a layer of the server's connection tells",
        |inputs| {
            let name = inputs.text("the name of a fact")?.into();
            Ok(Box::new(Fact { side: Side::Server, name }))
        },
    )
}
