//! `maxconn` of the process, of frontends and of bind lines, and the names of those.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Parameter, Scope, Sections};

/// Connections at once. 0 is no limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxConn(pub usize);

impl MaxConn {
    /// The limit, if it is one.
    pub fn limit(self) -> Option<usize> {
        Some(self.0).filter(|limit| *limit > 0)
    }
}

/// More than any machine has descriptors for.
const MOST: usize = i32::MAX as usize;

inventory::submit! {
    Directive::new(
        "maxconn",
        "<number>",
        Sections::GLOBAL.or(Sections::FRONTEND).or(Sections::DEFAULTS),
        "connections at once, of the process or of a frontend",
        |line| {
            let number = line.args.number(0..=MOST, "connections at once")?;
            line.section.set(MaxConn(number));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Backend))
}

inventory::submit! {
    Parameter::new("maxconn", Scope::Bind, "<number>", "connections at once by these addresses", |endpoint| {
        let number = endpoint.args.number(0..=MOST, "connections at once")?;
        endpoint.values.set(MaxConn(number));
        Ok(())
    })
}

/// What a listener is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindName(pub String);

inventory::submit! {
    Parameter::new("name", Scope::Bind, "<name>", "what the listener is called", |endpoint| {
        let name = endpoint.args.word("a name")?.text.clone();
        endpoint.values.set(BindName(name));
        Ok(())
    })
}
