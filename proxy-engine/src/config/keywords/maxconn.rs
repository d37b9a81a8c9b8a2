//! `maxconn` of the process, of frontends and of bind lines.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Parameter, Scope, Sections};

use crate::policy::MaxConn;

/// The largest limit: more connections than any machine has descriptors for.
const MOST: usize = i32::MAX as usize;

inventory::submit! {
    Directive::new(
        "maxconn",
        "<number>",
        Sections::GLOBAL.union(Sections::FRONTEND).union(Sections::DEFAULTS),
        "most concurrent connections, of the process or of a frontend",
        |line| {
            let number = line.args.number(0..=MOST, "concurrent connections")?;
            line.section.set(MaxConn(number));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Backend))
}

inventory::submit! {
    Parameter::new("maxconn", Scope::Bind, "<number>", "most concurrent connections on these addresses", |endpoint| {
        let number = endpoint.args.number(0..=MOST, "concurrent connections")?;
        endpoint.values.set(MaxConn(number));
        Ok(())
    })
}
