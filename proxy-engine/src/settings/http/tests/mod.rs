//! Each keyword as it should be and as it should not.
//! Configurations are those that HAProxy 3.5 takes, and warnings and refusals are its own, unless said.

mod global;
mod modes;
mod proxies;

use std::time::Duration;

use proto_core::Registry;
use proto_core::address::NoEnvironment;
use proto_tcp as _;
use proxy_config::condition::{Facts, Version};
use proxy_config::endpoint::Servers;
use proxy_config::{
    Configuration, Diagnostics, Language, Mode, Reader, Section, Severity, Sources, Variables,
};

use super::*;
use crate::balance::{HashFunction, HashMethod, HashType};

struct Plain;

impl Facts for Plain {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").unwrap()
    }

    fn feature(&self, _name: &str) -> bool {
        false
    }

    fn enabled(&self, _name: &str) -> bool {
        false
    }

    fn defined(&self, _name: &str) -> bool {
        false
    }
}

/// A configuration, and what was said about it: the first letter of how bad it is, the line, the message.
fn read(text: &str) -> (Configuration, Vec<String>) {
    let registry = Registry::linked().unwrap();
    let language = Language::linked(&registry).unwrap();
    let variables = Variables::over(&NoEnvironment);
    let mut sources = Sources::default();
    sources.add("t.cfg", text);
    let mut diagnostics = Diagnostics::default();
    let (language, registry, variables) = (&language, &registry, &variables);
    let reader = Reader { language, registry, variables, facts: &Plain, any_port: false };
    let configuration = reader.read(&sources, &mut diagnostics);
    let said = diagnostics.sorted().into_iter().map(|diagnostic| {
        let letter = if diagnostic.severity == Severity::Alert { 'A' } else { 'W' };
        let line = diagnostic.span.map_or(0, |span| span.line);
        let help = diagnostic.help.map(|help| format!("; {help}")).unwrap_or_default();
        format!("{letter}{line} {}{help}", diagnostic.message)
    });
    (configuration, said.collect())
}

/// Timeouts, so that nothing is said about them.
const DEFAULTS: &str = "timeout client 1m\n timeout server 1m\n timeout connect 1m\n";

/// The section that these lines make a `listen` of, and what was said about them. The first is line 7.
fn section(lines: &str) -> (Section, Vec<String>) {
    let text = format!("defaults\n {DEFAULTS} mode http\nlisten x\n{lines}\n");
    let (mut configuration, said) = read(&text);
    (configuration.proxies.remove(0), said)
}

/// The same of lines about which there is nothing to say.
fn well(lines: &str) -> Section {
    let (section, said) = section(lines);
    assert_eq!(said, Vec::<String>::new(), "{lines}");
    section
}

/// That each of these lines is refused, with these words somewhere in what is said.
fn refused(lines: &[(&str, &str)]) {
    for (line, words) in lines {
        let (_, said) = section(line);
        assert!(
            matches!(&said[..], [one] if one.starts_with("A7 ") && one.contains(words)),
            "{line}: {said:?}"
        );
    }
}

/// The global section that these lines make.
fn global(lines: &str) -> (Configuration, Vec<String>) {
    read(&format!("global\n{lines}\n"))
}

fn refused_globally(lines: &[(&str, &str)]) {
    for (line, words) in lines {
        let (_, said) = global(line);
        assert!(
            matches!(&said[..], [one] if one.starts_with('A') && one.contains(words)),
            "{line}: {said:?}"
        );
    }
}
