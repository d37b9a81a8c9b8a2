//! The argument of `probe`, parsed as the part of a server line after its name, so that every prefix, layer and keyword
//! of servers that this binary has can be probed.

use proto_core::address::{AddressSpec, Host, Parser, Port, Rules};
use proxy_config::endpoint::{Server as ServerLine, Servers};
use proxy_config::{Diagnostic, Diagnostics, Reader, Section, Severity, Sources, Variables};

use super::mptcp;
use crate::setup::Setup;

/// A server line and its section.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) section: Section,
    pub(crate) server: ServerLine,
}

impl Line {
    /// Reads the argument.
    ///
    /// # Errors
    /// Returns what is wrong with it, in a line for each mistake.
    pub(crate) fn read(setup: &Setup<'_>, text: &str) -> Result<Line, String> {
        if text.contains(['\n', '\r']) {
            // Text after a line feed would be read as further lines.
            return Err(format!("an address cannot hold a line feed: {text:?}"));
        }
        let prefix = default_prefix(setup, text);
        let mut sources = Sources::default();
        sources.add("command line", format!("backend probe\n    server probe {prefix}{text}\n"));
        let (variables, mut diagnostics) = (Variables::over(setup.environment), Diagnostics::default());
        let reader = Reader {
            language: setup.language,
            registry: setup.registry,
            variables: &variables,
            facts: setup.facts,
            any_port: false,
        };
        let configuration = reader.read(&sources, &mut diagnostics);
        if !diagnostics.is_usable() {
            let mistakes = diagnostics.sorted();
            let alerts = mistakes.iter().filter(|mistake| mistake.severity == Severity::Alert);
            return Err(alerts.map(one_line).collect::<Vec<_>>().join("\n"));
        }
        let line = configuration.proxies.into_iter().find_map(|section| {
            let server = section.get::<Servers>()?.0.first()?.clone();
            Some(Line { section, server })
        });
        let line = line.ok_or_else(|| format!("'{text}' is not an address"))?;
        match (&line.server.address.host, line.server.address.port) {
            (Host::Ip(_) | Host::Name(_), Port::One(_)) | (Host::Unix(_) | Host::Other(_), _) => Ok(line),
            _ => Err(format!("'{text}' is not a host with a port")),
        }
    }

    /// Returns the address.
    pub(crate) fn address(&self) -> &AddressSpec {
        &self.server.address
    }
}

/// Returns the prefix for an Internet address without one.
fn default_prefix(setup: &Setup<'_>, text: &str) -> &'static str {
    let address = text.split_ascii_whitespace().next().unwrap_or_default();
    // What is wrong with it is reported when the line is read.
    match Parser::new(setup.registry, &Rules::SERVER).parse(address, setup.environment) {
        Ok(AddressSpec {
            layers, modifier: None, prefix: None, host: Host::Ip(_) | Host::Name(_), ..
        }) if layers.is_empty() => mptcp::PREFIX,
        _ => "",
    }
}

fn one_line(mistake: &Diagnostic) -> String {
    let Diagnostic { message, nearest, help, .. } = mistake;
    let nearest = nearest.as_ref().map_or_else(String::new, |word| format!("; did you mean '{word}'?"));
    let help = help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
    format!("{message}{nearest}{help}")
}
