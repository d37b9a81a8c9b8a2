//! The family registry: HAProxy's table of protocols by family, type and alternative, as a value.
//!
//! ```text
//!                    default      alternate
//!  ipv4  stream      tcpv4        mptcpv4
//!  ipv6  stream      tcpv6        mptcpv6
//!  ipv4  datagram    quicv4       udpv4
//!  unix  stream      unix         -
//! ```
//!
//! A crate registers one [`Registration`] through `inventory`; [`Registry::linked`] reads them once, sorts them and
//! refuses duplicates. No global is read afterwards. A protocol without a cell is selected by a prefix of its own, so
//! a family can have a third stream protocol without a change to the table.

mod check;
mod origins;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use crate::address::{Address, FAMILIES, Selector, SocketFacts};
use crate::datagram;
use crate::extension::{CheckEntry, CommandEntry, CounterEntry, Keyword, SampleFetch, Scope, SectionEntry};
use crate::family::{Family, FamilyEntry};
use crate::layer::LayerEntry;
use crate::options;
use crate::prefix::{PREFIXES, Prefix, Target};
use crate::protocol::{Cell, Protocol};

/// What one crate registers. Only const data and constructors, so that it can be submitted at link time.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// The crate, for messages.
    pub origin: &'static str,
    /// Its protocols.
    pub protocols: &'static [fn() -> Arc<dyn Protocol>],
    /// Its prefixes.
    pub prefixes: &'static [Prefix],
    /// Its families.
    pub families: &'static [FamilyEntry],
    /// Its layers.
    pub layers: &'static [LayerEntry],
    /// Its keywords of bind and server lines.
    pub keywords: &'static [Keyword],
    /// Its samples.
    pub samples: &'static [SampleFetch],
    /// Its sections of the configuration.
    pub sections: &'static [SectionEntry],
    /// Its checks of a configuration.
    pub checks: &'static [CheckEntry],
    /// Its commands of the runtime socket.
    pub commands: &'static [CommandEntry],
    /// Its counters.
    pub counters: &'static [CounterEntry],
}

impl Registration {
    /// Returns an empty registration, to be filled with struct update syntax.
    pub const fn new(origin: &'static str) -> Registration {
        Registration {
            origin,
            protocols: &[],
            prefixes: &[],
            families: &[],
            layers: &[],
            keywords: &[],
            samples: &[],
            sections: &[],
            checks: &[],
            commands: &[],
            counters: &[],
        }
    }
}

inventory::collect!(Registration);

/// The name of this crate, as an origin.
const OWN: &str = env!("CARGO_PKG_NAME");

/// A registered item, and the crate that registered it.
#[derive(Clone, Debug)]
struct Entry<T> {
    origin: &'static str,
    item: T,
}

/// The protocols of a binary, and the address language that selects them.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    protocols: BTreeMap<&'static str, Entry<Arc<dyn Protocol>>>,
    cells: BTreeMap<Cell, &'static str>,
    prefixes: BTreeMap<&'static str, Entry<Prefix>>,
    families: BTreeMap<Family, Entry<FamilyEntry>>,
    layers: BTreeMap<&'static str, Entry<LayerEntry>>,
    keywords: BTreeMap<&'static str, Vec<Entry<Keyword>>>,
    samples: BTreeMap<&'static str, Entry<SampleFetch>>,
    sections: BTreeMap<&'static str, Entry<SectionEntry>>,
    checks: BTreeMap<&'static str, Entry<CheckEntry>>,
    commands: BTreeMap<&'static [&'static str], Entry<CommandEntry>>,
    counters: BTreeMap<&'static str, Entry<CounterEntry>>,
}

/// Two registrations that conflict, or one that is invalid in itself. Such a binary is put together wrongly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// A name, cell, prefix, family, layer, keyword, sample, section, check, command or counter that is registered
    /// twice.
    #[error("{what} is registered by {first} and by {second}")]
    Twice {
        /// The item, with its kind.
        what: String,
        /// The crate that comes first by name.
        first: &'static str,
        /// The other crate.
        second: &'static str,
    },
    /// A prefix that selects nothing, or whose text no address can begin with.
    #[error("prefix '{prefix}' of {origin}: {why}")]
    BadPrefix {
        /// The text of the prefix.
        prefix: &'static str,
        /// The crate that registered it.
        origin: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A layer whose name is not allowed in an address, or is also a prefix or a protocol.
    #[error("layer '{layer}' of {origin}: {why}")]
    BadLayer {
        /// The name of the layer.
        layer: &'static str,
        /// The crate that registered it.
        origin: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A keyword that no line can contain, or that reads other words than it declares.
    #[error("keyword '{keyword}' of {origin}: {why}")]
    BadKeyword {
        /// The name of the keyword.
        keyword: &'static str,
        /// The crate that registered it.
        origin: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A sample, section, command or counter that cannot be used under its name.
    #[error("{what} of {origin}: {why}")]
    BadEntry {
        /// The item, with its kind.
        what: String,
        /// The crate that registered it.
        origin: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl Registry {
    /// Returns everything that is linked into this binary.
    ///
    /// # Errors
    /// Returns an error that names both crates if two register the same item.
    pub fn linked() -> Result<Registry, RegistryError> {
        Registry::build(inventory::iter::<Registration>.into_iter().copied())
    }

    /// Returns the address language of this crate with these protocols only, for tests.
    ///
    /// # Errors
    /// Returns an error if two of them have the same name or cell.
    pub fn from_protocols(
        protocols: impl IntoIterator<Item = Arc<dyn Protocol>>,
    ) -> Result<Registry, RegistryError> {
        let mut registry = Registry::build([])?;
        for protocol in protocols {
            registry.add_protocol("the caller", protocol)?;
        }
        Ok(registry)
    }

    /// Returns these registrations together with the address language of this crate.
    ///
    /// # Errors
    /// Returns the errors of [`linked`](Self::linked).
    pub fn build(registrations: impl IntoIterator<Item = Registration>) -> Result<Registry, RegistryError> {
        let mut all: Vec<Registration> = registrations.into_iter().collect();
        // The linker guarantees no order. Sorted, the same binary always reports the same error.
        all.sort_by_key(|registration| registration.origin);
        let own = Registration {
            protocols: datagram::PROTOCOLS,
            prefixes: PREFIXES,
            families: FAMILIES,
            keywords: options::KEYWORDS,
            ..Registration::new(OWN)
        };
        let datagram = Registration { prefixes: datagram::PREFIXES, ..Registration::new(OWN) };
        let mut registry = Registry::default();
        for registration in [own, datagram].into_iter().chain(all) {
            registry.add(&registration)?;
        }
        registry.check_prefixes()?;
        registry.check_layers()?;
        registry.check_keywords()?;
        registry.check_samples()?;
        registry.check_sections()?;
        registry.check_commands()?;
        registry.check_counters()?;
        Ok(registry)
    }

    fn add(&mut self, registration: &Registration) -> Result<(), RegistryError> {
        let origin = registration.origin;
        for make in registration.protocols {
            self.add_protocol(origin, make())?;
        }
        for &item in registration.prefixes {
            claim(&mut self.prefixes, item.text, Entry { origin, item }, || {
                format!("prefix '{}'", item.text)
            })?;
        }
        for &item in registration.families {
            claim(&mut self.families, item.family, Entry { origin, item }, || {
                format!("family '{}'", item.family)
            })?;
        }
        for &item in registration.layers {
            claim(&mut self.layers, item.name, Entry { origin, item }, || format!("layer '{}'", item.name))?;
        }
        for &item in registration.samples {
            claim(&mut self.samples, item.name, Entry { origin, item }, || {
                format!("sample '{}'", item.name)
            })?;
        }
        for &item in registration.sections {
            claim(&mut self.sections, item.name, Entry { origin, item }, || {
                format!("section '{}'", item.name)
            })?;
        }
        for &item in registration.checks {
            claim(&mut self.checks, item.name, Entry { origin, item }, || format!("check '{}'", item.name))?;
        }
        for &item in registration.commands {
            claim(&mut self.commands, item.words, Entry { origin, item }, || {
                format!("command '{}'", item.words.join(" "))
            })?;
        }
        for &item in registration.counters {
            claim(&mut self.counters, item.name, Entry { origin, item }, || {
                format!("counter '{}'", item.name)
            })?;
        }
        for &item in registration.keywords {
            let same_name = self.keywords.entry(item.name).or_default();
            let clash = |other: &&Entry<Keyword>| {
                other.item.scope.covers(item.scope) || item.scope.covers(other.item.scope)
            };
            if let Some(other) = same_name.iter().find(clash) {
                let what = format!("keyword '{}'", item.name);
                return Err(RegistryError::Twice { what, first: other.origin, second: origin });
            }
            same_name.push(Entry { origin, item });
        }
        Ok(())
    }

    fn add_protocol(&mut self, origin: &'static str, item: Arc<dyn Protocol>) -> Result<(), RegistryError> {
        let descriptor = *item.descriptor();
        let name = descriptor.name;
        claim(&mut self.protocols, name, Entry { origin, item }, || format!("protocol '{name}'"))?;
        for cell in descriptor.cells() {
            if let Some(holder) = self.cells.insert(cell, name) {
                let first = self.protocols.get(holder).map_or("", |entry| entry.origin);
                let what = format!("the cell '{cell}' (protocols '{holder}' and '{name}')");
                return Err(RegistryError::Twice { what, first, second: origin });
            }
        }
        Ok(())
    }

    /// Returns all protocols, by name.
    pub fn protocols(&self) -> impl Iterator<Item = &Arc<dyn Protocol>> {
        self.protocols.values().map(|entry| &entry.item)
    }

    /// Returns the protocol with this name, or `None`.
    pub fn protocol(&self, name: &str) -> Option<&Arc<dyn Protocol>> {
        self.protocols.get(name).map(|entry| &entry.item)
    }

    /// Returns the protocol that prefixes and a family select.
    pub fn select(&self, selector: &Selector, family: Family) -> Option<&Arc<dyn Protocol>> {
        if selector.families.is_some_and(|families| !families.contains(&family)) {
            return None;
        }
        match selector.target {
            Target::Slot(slot) => {
                let cell = Cell { family, socket_type: selector.socket_type, slot };
                self.cells.get(&cell).and_then(|name| self.protocol(name))
            }
            Target::Protocols(names) => names
                .iter()
                .filter_map(|name| self.protocol(name))
                .find(|protocol| protocol.descriptor().families.contains(&family)),
        }
    }

    /// Returns the protocol of an inherited socket, and its address. A protocol with a place in the table takes
    /// precedence over one without, which may be built on the same kind of sockets.
    pub fn owner_of(
        &self,
        socket: &SocketFacts,
        fd: BorrowedFd<'_>,
    ) -> Option<(&Arc<dyn Protocol>, Address)> {
        let owners = self.protocols().filter_map(|protocol| Some((protocol, protocol.owns(socket, fd)?)));
        owners.min_by_key(|(protocol, _)| protocol.descriptor().place.is_none())
    }

    /// Returns the prefix with this text, including its closing character, or `None`.
    pub fn prefix(&self, text: &str) -> Option<Prefix> {
        self.prefixes.get(text).map(|entry| entry.item)
    }

    /// Returns all prefixes, by text.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> {
        self.prefixes.values().map(|entry| entry.item)
    }

    /// Returns the layer with this name, or `None`.
    pub fn layer(&self, name: &str) -> Option<&LayerEntry> {
        self.layers.get(name).map(|entry| &entry.item)
    }

    /// Returns all layers, by name.
    pub fn layers(&self) -> impl Iterator<Item = &LayerEntry> {
        self.layers.values().map(|entry| &entry.item)
    }

    /// Returns the entry of a family, or `None`.
    pub fn family(&self, family: Family) -> Option<&FamilyEntry> {
        self.families.get(&family).map(|entry| &entry.item)
    }

    /// Returns the keyword with this name for a line, which is [`Scope::Bind`] or [`Scope::Server`].
    pub fn keyword(&self, line: Scope, name: &str) -> Option<&Keyword> {
        self.keywords.get(name)?.iter().map(|entry| &entry.item).find(|keyword| keyword.scope.covers(line))
    }

    /// Returns whether a keyword applies to a line: to its protocol, or to one of its layers.
    pub fn serves(&self, line: Scope, keyword: &str, protocol: &dyn Protocol, layers: &[&str]) -> bool {
        let Some(keyword) = self.keyword(line, keyword) else { return false };
        let is_there = |name: &&str| *name == protocol.descriptor().name || layers.contains(name);
        keyword.of.is_none_or(|names| names.iter().any(is_there))
    }

    /// Returns all keywords, by name.
    pub fn keywords(&self) -> impl Iterator<Item = &Keyword> {
        self.keywords.values().flatten().map(|entry| &entry.item)
    }

    /// Returns the sample with this name, or `None`.
    pub fn sample(&self, name: &str) -> Option<&SampleFetch> {
        self.samples.get(name).map(|entry| &entry.item)
    }

    /// Returns all samples, by name.
    pub fn samples(&self) -> impl Iterator<Item = &SampleFetch> {
        self.samples.values().map(|entry| &entry.item)
    }

    /// Returns the section with this word, or `None`.
    pub fn section(&self, name: &str) -> Option<&SectionEntry> {
        self.sections.get(name).map(|entry| &entry.item)
    }

    /// Returns all sections, by name.
    pub fn sections(&self) -> impl Iterator<Item = &SectionEntry> {
        self.sections.values().map(|entry| &entry.item)
    }

    /// Returns all checks of a configuration, by name.
    pub fn checks(&self) -> impl Iterator<Item = &CheckEntry> {
        self.checks.values().map(|entry| &entry.item)
    }

    /// Returns all commands, by their words.
    pub fn commands(&self) -> impl Iterator<Item = &CommandEntry> {
        self.commands.values().map(|entry| &entry.item)
    }

    /// Returns all counters, by name.
    pub fn counters(&self) -> impl Iterator<Item = &CounterEntry> {
        self.counters.values().map(|entry| &entry.item)
    }
}

fn claim<K: Ord, T>(
    table: &mut BTreeMap<K, Entry<T>>,
    key: K,
    entry: Entry<T>,
    what: impl FnOnce() -> String,
) -> Result<(), RegistryError> {
    let second = entry.origin;
    match table.insert(key, entry) {
        None => Ok(()),
        Some(first) => Err(RegistryError::Twice { what: what(), first: first.origin, second }),
    }
}

/// Formats the listing that `braid -vv` prints: protocols, the table, prefixes, layers.
impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Protocols:")?;
        for Entry { origin, item } in self.protocols.values() {
            let descriptor = item.descriptor();
            let kind = descriptor.kind.to_string();
            writeln!(f, "  {:<10} {kind:<12} {:<16} {}", descriptor.name, origin, descriptor.help)?;
        }
        writeln!(f, "\nCells (family, socket type, slot):")?;
        for (cell, name) in &self.cells {
            let (family, row, slot) =
                (cell.family.name(), cell.socket_type.to_string(), cell.slot.to_string());
            writeln!(f, "  {family:<10} {row:<12} {slot:<16} {name}")?;
        }
        writeln!(f, "\nPrefixes:")?;
        for Entry { origin, item } in self.prefixes.values() {
            writeln!(f, "  {:<23} {:<16} {}", item.text, origin, item.help)?;
        }
        if !self.layers.is_empty() {
            writeln!(f, "\nLayers:")?;
        }
        for Entry { origin, item } in self.layers.values() {
            writeln!(f, "  {:<23} {:<16} {}", format!("{}+", item.name), origin, item.help)?;
        }
        Ok(())
    }
}
