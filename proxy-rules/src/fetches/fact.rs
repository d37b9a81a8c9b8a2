//! `fc_fact`, `bc_fact`: what a transport or a layer tells of a connection beside what all of them do, by its name.

use proto_core::extension::{Sampled, Side};

use crate::context::Context;
use crate::expression::sample_of;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

/// The fact of a name.
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
        // Facts have the types that they have; one type is what can be promised.
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
