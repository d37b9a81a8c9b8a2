//! `timeout resolve` and `timeout retry`.

use proxy_config::{Directive, Sections, inventory};

use super::SectionPolicy;
use super::time::time;

inventory::submit! {
    Directive::new(
        "timeout resolve",
        "<time>",
        Sections::RESOLVERS,
        "time from one resolution of a name to the next",
        |line| {
            let time = time(line)?;
            SectionPolicy::of(line.section).interval = time;
            Ok(())
        },
    )
}

inventory::submit! {
    Directive::new(
        "timeout retry",
        "<time>",
        Sections::RESOLVERS,
        "time without an answer after which a question is repeated",
        |line| {
            let time = time(line)?;
            SectionPolicy::of(line.section).retry = time;
            Ok(())
        },
    )
}
