//! `accepted_payload_size` and `resolve_retries`.

use proxy_config::{Directive, Sections, inventory};

use super::SectionPolicy;
use crate::message::{HEADER, LONGEST};

inventory::submit! {
    Directive::new(
        "accepted_payload_size",
        "<bytes>",
        Sections::RESOLVERS,
        "the size of the largest answer",
        |line| {
            let size = line.args.number(HEADER as u16..=LONGEST as u16, "bytes of an answer")?;
            SectionPolicy::of(line.section).payload = size;
            Ok(())
        },
    )
}

inventory::submit! {
    Directive::new(
        "resolve_retries",
        "<count>",
        Sections::RESOLVERS,
        "questions without an answer until resolving a name has failed",
        |line| {
            let tries = line.args.number(1..=u32::MAX, "how often to ask")?;
            SectionPolicy::of(line.section).tries = tries;
            Ok(())
        },
    )
}
