//! An address with the options behind it, as on a bind or server line.

use anyhow::{Context as _, bail};
use proto_core::address::{AddressSpec, Environment, Parser, Rules};
use proto_core::extension::{Keyword, Scope};
use proto_core::spec::Settings;
use proto_core::words::nearest;
use proto_core::{Protocol, Registry};

/// A line, understood.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) address: AddressSpec,
    pub(crate) settings: Settings,
    scope: Scope,
    keywords: Vec<&'static str>,
}

impl Line {
    /// Reads a line. `scope` is [`Scope::Bind`] or [`Scope::Server`].
    ///
    /// # Errors
    /// The first mistake.
    pub(crate) fn parse(
        registry: &Registry,
        scope: Scope,
        text: &str,
        env: &dyn Environment,
    ) -> anyhow::Result<Line> {
        let rules = if scope == Scope::Bind { Rules::BIND.with_any_port() } else { Rules::SERVER };
        let mut words = text.split_ascii_whitespace();
        let address = Parser::new(registry, &rules).parse(words.next().unwrap_or_default(), env)?;
        let (mut settings, mut keywords) = (Settings::default(), Vec::new());
        while let Some(name) = words.next() {
            let keyword = registry.keyword(scope, name).with_context(|| unknown(registry, scope, name))?;
            let arguments: Vec<&str> = words.by_ref().take(keyword.arguments.len()).collect();
            apply(keyword, &arguments, &mut settings)?;
            keywords.push(keyword.name);
        }
        Ok(Line { address, settings, scope, keywords })
    }

    /// Checks that each keyword means something to the protocol that the address turned out to select.
    ///
    /// # Errors
    /// The first that does not: it would be ignored.
    pub(crate) fn check(&self, registry: &Registry, protocol: &dyn Protocol) -> anyhow::Result<()> {
        match self.keywords.iter().find(|keyword| !registry.serves(self.scope, keyword, protocol)) {
            Some(keyword) => bail!("option '{keyword}' is not one of {}", protocol.descriptor().name),
            None => Ok(()),
        }
    }
}

fn apply(keyword: &Keyword, arguments: &[&str], settings: &mut Settings) -> anyhow::Result<()> {
    if arguments.len() < keyword.arguments.len() {
        bail!("option '{}' takes {}: {}", keyword.name, keyword.arguments.join(" "), keyword.help);
    }
    (keyword.apply)(settings, arguments).with_context(|| format!("option '{}'", keyword.name))
}

fn unknown(registry: &Registry, scope: Scope, name: &str) -> String {
    let line = if scope == Scope::Bind { "listening" } else { "server" };
    let known = registry.keywords().filter(|keyword| keyword.scope.covers(scope)).map(|keyword| keyword.name);
    match nearest(name, known) {
        Some(near) => format!("unknown option '{name}' of a {line} address; did you mean '{near}'?"),
        None => format!("unknown option '{name}' of a {line} address"),
    }
}
