//! The keywords `unique-id-format` and `unique-id-header`: an identifier for each exchange or session, and the field
//! that passes it to the server.

use std::sync::Arc;

use proxy_config::Directive;

use super::formats::format;
use super::{FRONTEND, NO_CLIENTS};
use crate::actions::name_of;
use crate::format::{Format, Style};
use crate::points::HookPoint;
use crate::unique_id::UniqueId;

/// How identifiers are made.
#[derive(Clone, Debug, Default)]
pub struct UniqueIds {
    /// The format of an identifier. Without it there are none.
    pub format: Option<Arc<Format>>,
    /// The name of the field that is added to requests, in lower case.
    pub header: Option<Arc<[u8]>>,
}

impl UniqueIds {
    /// Returns the identifier of a new exchange or session, if there is a format. It is made when it is first used.
    pub fn next(&self) -> Option<UniqueId> {
        self.format.as_ref().map(|format| UniqueId::new(Arc::clone(format)))
    }
}

inventory::submit! {
    Directive::new(
        "unique-id-format",
        "<format>",
        FRONTEND,
        "what the unique identifier of a request or a session consists of",
        |line| {
            let format = format(line, HookPoint::HttpRequest.points(line.kind), Style::UNIQUE_ID)?;
            line.section.get_mut::<UniqueIds>().format = Some(format);
            Ok(())
        },
    )
    .idle_in(NO_CLIENTS)
}

inventory::submit! {
    Directive::new(
        "unique-id-header",
        "<name>",
        FRONTEND,
        "the field of requests that has the unique identifier",
        |line| {
            let name = name_of(line.args.word("the name of a header field")?)?;
            line.section.get_mut::<UniqueIds>().header = Some(name.into());
            Ok(())
        },
    )
    .idle_in(NO_CLIENTS)
}
