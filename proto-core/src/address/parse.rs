//! Reading an address: variables, layers, prefixes, host and port, in this order, each checked against the registry
//! and the rules of the place.

use std::cmp::Ordering;
use std::net::Ipv6Addr;

use super::error::{AddressError, AddressErrorKind};
use super::expand::{Environment, expand};
use super::host::{Host, UNIX_PATH_MAX, UnixAddress};
use super::rules::{PortRule, Rules};
use super::spec::{AddressSpec, Port, Selector};
use crate::descriptor::{Descriptor, Kind, SocketType};
use crate::family::{Family, FamilyEntry, HostError};
use crate::layer::{LayerEntry, MOST_LAYERS};
use crate::prefix::{ELSEWHERE, HOMES, Prefix, Target, is_plain_word};
use crate::registry::Registry;
use crate::words::nearest;

/// A parser of addresses against a registry, for one place of the language.
#[derive(Clone, Copy, Debug)]
pub struct Parser<'a> {
    registry: &'a Registry,
    rules: &'a Rules,
    path_prefix: &'a str,
}

/// A mistake and its byte offset.
type Failure = (usize, AddressErrorKind);

/// The selector of an address of plain datagrams of any family.
const DATAGRAMS: Selector = Selector::plain(SocketType::Datagram);

impl<'a> Parser<'a> {
    /// Returns a parser for one place.
    pub fn new(registry: &'a Registry, rules: &'a Rules) -> Parser<'a> {
        Parser { registry, rules, path_prefix: "" }
    }

    /// Sets a text to put before every path: HAProxy's `unix-bind prefix`.
    #[must_use]
    pub fn with_path_prefix(self, path_prefix: &'a str) -> Parser<'a> {
        Parser { path_prefix, ..self }
    }

    /// Reads an address that may contain environment variables.
    ///
    /// # Errors
    /// Returns the first mistake, with its place in `text`.
    pub fn parse(&self, text: &str, env: &dyn Environment) -> Result<AddressSpec, AddressError> {
        let fail = |offset, kind, unset| AddressError { text: text.to_owned(), offset, kind, unset };
        let expanded = expand(text, env).map_err(|(offset, kind)| fail(offset, kind, Vec::new()))?;
        self.read(&expanded.text).map_err(|(offset, kind)| {
            // An empty result has no place, so the whole text is at fault, from its beginning.
            let empty = kind == AddressErrorKind::Empty;
            let origin = if empty { 0 } else { expanded.origin(offset).min(text.len()) };
            fail(origin, kind, expanded.unset.clone())
        })
    }

    /// Reads addresses separated by commas, as `bind` takes them. A comma at the very end is allowed.
    ///
    /// A comma in the value of a variable does not separate, and a path cannot contain one.
    ///
    /// # Errors
    /// Returns all mistakes, one for each bad address, with their places in the whole `text`.
    pub fn parse_list(
        &self,
        text: &str,
        env: &dyn Environment,
    ) -> Result<Vec<AddressSpec>, Vec<AddressError>> {
        let (mut specs, mut errors) = (Vec::new(), Vec::new());
        let mut at = 0;
        let list = text.strip_suffix(',').filter(|list| !list.is_empty()).unwrap_or(text);
        for one in list.split(',') {
            match self.parse(one, env) {
                Ok(spec) => specs.push(spec),
                Err(error) => {
                    errors.push(AddressError { text: text.to_owned(), offset: at + error.offset, ..error });
                }
            }
            at += one.len() + 1;
        }
        if errors.is_empty() { Ok(specs) } else { Err(errors) }
    }

    /// Reads an address in which `$` is an ordinary character.
    ///
    /// # Errors
    /// Returns the errors of [`parse`](Self::parse).
    pub fn parse_expanded(&self, text: &str) -> Result<AddressSpec, AddressError> {
        self.read(text).map_err(|(offset, kind)| AddressError {
            text: text.to_owned(),
            offset,
            kind,
            unset: Vec::new(),
        })
    }

    fn read(&self, text: &str) -> Result<AddressSpec, Failure> {
        if text.is_empty() {
            return Err((0, AddressErrorKind::Empty));
        }
        let (layers, modifier_at) = self.layers(text)?;
        let (modifier, at) = self.prefix(text, modifier_at, '+')?;
        if let Some(modifier) = modifier
            && let Some(layer) = self.layer(&text[at..])
        {
            let (layer, modifier) = (layer.name.to_owned(), modifier.text.to_owned());
            return Err((at, AddressErrorKind::LayerAfterModifier { layer, modifier }));
        }
        let (prefix, host_at) = self.prefix(text, at, '@')?;
        let selector = self.selector(modifier, prefix, at)?;
        let (written, rest) = text.split_at(host_at);

        let family = family_of(rest, selector.families);
        let no_protocol = || (host_at, no_protocol(family, &selector, written));
        let entry = self.registry.family(family).ok_or_else(no_protocol)?;
        let (host, port) =
            if family.is_internet() { self.host_and_port(rest, host_at)? } else { (rest, Port::None) };
        let host = self.host(host, host_at, entry)?;
        let spec = AddressSpec { layers, modifier, prefix, selector, host, port };
        if !self.has_protocol(&spec, family) {
            return Err(no_protocol());
        }
        if let Some(&layer) = spec.layers.last()
            && let Some(found) = self.protocols(&spec, family).find(|found| found.kind != Kind::Stream)
        {
            let (protocol, found) = (found.name, found.kind);
            return Err((modifier_at, AddressErrorKind::LayerNeedsStream { layer, protocol, found }));
        }
        Ok(spec)
    }

    /// Returns the layer whose name and `+` begin a text.
    fn layer(&self, text: &str) -> Option<&'a LayerEntry> {
        text.split_once('+').and_then(|(word, _)| self.registry.layer(word))
    }

    /// Returns the leading layers, and the offset after them.
    fn layers(&self, text: &str) -> Result<(Vec<&'static str>, usize), Failure> {
        let (mut layers, mut at) = (Vec::new(), 0);
        while let Some(layer) = self.layer(&text[at..]) {
            if !self.rules.layers {
                return Err((at, AddressErrorKind::LayerNotAllowed));
            }
            if layers.len() == MOST_LAYERS {
                return Err((at, AddressErrorKind::TooManyLayers { most: MOST_LAYERS }));
            }
            layers.push(layer.name);
            at += layer.name.len() + "+".len();
        }
        Ok((layers, at))
    }

    /// Returns the prefix at `at` that ends with `end`, if there is one, and the offset after it.
    fn prefix(&self, text: &str, at: usize, end: char) -> Result<(Option<Prefix>, usize), Failure> {
        let rest = &text[at..];
        let Some(length) = rest.find(end).map(|i| i + 1) else { return Ok((None, at)) };
        let word = &rest[..length];
        if let Some(prefix) = self.registry.prefix(word) {
            return Ok((Some(prefix), at + length));
        }
        // A path or a name may contain these characters; only a plain word before them was meant as a prefix.
        if !is_plain_word(&word[..length - 1]) {
            return Ok((None, at));
        }
        if let Some((known, needs)) = ELSEWHERE.iter().find(|(known, _)| *known == word) {
            return Err((at, AddressErrorKind::NotLinked { prefix: (*known).to_owned(), needs }));
        }
        let prefixes = self.registry.prefixes().map(|prefix| prefix.text.to_owned());
        let layers = self.registry.layers().map(|layer| format!("{}+", layer.name));
        let known: Vec<String> = prefixes.chain(layers).filter(|known| known.ends_with(end)).collect();
        let nearest = nearest(word, known.iter().map(String::as_str)).map(str::to_owned);
        Err((at, AddressErrorKind::UnknownPrefix { prefix: word.to_owned(), nearest }))
    }

    fn selector(
        &self,
        modifier: Option<Prefix>,
        prefix: Option<Prefix>,
        prefix_at: usize,
    ) -> Result<Selector, Failure> {
        if let (Some(first), Some(second)) = (modifier, prefix)
            && (differ(first.socket_type, second.socket_type) || differ(first.target, second.target))
        {
            let (first, second) = (first.text.to_owned(), second.text.to_owned());
            return Err((0, AddressErrorKind::Contradiction { first, second }));
        }
        let forced = |p: Option<Prefix>, at| p.and_then(|p| p.socket_type).map(|forced| (forced, at));
        let (socket_type, at) =
            forced(prefix, prefix_at).or(forced(modifier, 0)).unwrap_or((self.rules.types[0], prefix_at));
        let plain = Selector::plain(socket_type);
        let target = prefix.and_then(|p| p.target).or(modifier.and_then(|p| p.target));
        let selector = Selector {
            socket_type,
            target: target.unwrap_or(plain.target),
            families: prefix.and_then(|p| p.families),
        };
        let accepted = self.rules.types.contains(&socket_type)
            && (self.rules.datagrams || !self.carries_datagrams(&selector));
        if accepted { Ok(selector) } else { Err((at, AddressErrorKind::WrongType { found: socket_type })) }
    }

    /// Returns whether the selected protocol carries datagrams, rather than only using them as QUIC does.
    fn carries_datagrams(&self, selector: &Selector) -> bool {
        let carries = |name: &&str| {
            self.registry.protocol(name).is_some_and(|found| found.descriptor().kind == Kind::Datagram)
        };
        match selector.target {
            Target::Slot(_) => *selector == Selector { families: selector.families, ..DATAGRAMS },
            Target::Protocols(names) => names.iter().any(carries),
        }
    }

    /// Splits `host:port` at the last colon; so IPv6 without brackets needs a colon and its port after it, and IPv6 in
    /// brackets does not.
    fn host_and_port<'t>(&self, rest: &'t str, at: usize) -> Result<(&'t str, Port), Failure> {
        let split = match rest.strip_prefix('[').map(|inner| inner.find(']')) {
            None => rest.rfind(':'),
            Some(None) => return Err((at, AddressErrorKind::UnclosedBracket)),
            Some(Some(inside)) => {
                let end = inside + "[]".len();
                match rest[end..].chars().next() {
                    None => None,
                    Some(':') => Some(end),
                    Some(_) => return Err((at + end, AddressErrorKind::AfterBracket)),
                }
            }
        };
        let split = match split {
            Some(colon) if is_ipv6(rest) && !is_ipv6(&rest[..colon]) => match self.rules.port {
                // No port can follow, so nothing is ambiguous.
                PortRule::Forbidden => None,
                _ => return Err((at + rest.len(), AddressErrorKind::BareIpv6)),
            },
            split => split,
        };
        match split {
            None if self.rules.port == PortRule::Mandatory => {
                Err((at + rest.len(), AddressErrorKind::PortMissing))
            }
            None => Ok((rest, Port::None)),
            Some(colon) if self.rules.port == PortRule::Forbidden => {
                Err((at + colon, AddressErrorKind::PortNotAllowed))
            }
            Some(colon) => Ok((&rest[..colon], self.port(&rest[colon + 1..], at + colon + 1)?)),
        }
    }

    fn port(&self, text: &str, at: usize) -> Result<Port, Failure> {
        if let Some(digits) = text.strip_prefix(['+', '-']) {
            if !self.rules.offset {
                return Err((at, AddressErrorKind::OffsetNotAllowed));
            }
            let distance = i32::from(port_number(digits, at + 1)?);
            return Ok(Port::Offset(if text.starts_with('-') { -distance } else { distance }));
        }
        if let Some((low, high)) = text.split_once('-')
            && low.starts_with(|c: char| c.is_ascii_digit())
        {
            let dash = at + low.len();
            if !self.rules.range {
                return Err((dash, AddressErrorKind::RangeNotAllowed));
            }
            let (low, high) = (self.real_port(low, at)?, self.real_port(high, dash + 1)?);
            return match low.cmp(&high) {
                Ordering::Greater => Err((at, AddressErrorKind::RangeReversed { low, high })),
                // Port 0 means any port, which is one port; a range that begins with it is meaningless.
                Ordering::Less if low == 0 => Err((at, AddressErrorKind::PortZero)),
                Ordering::Less => Ok(Port::Range(low, high)),
                Ordering::Equal => Ok(self.one_port(low)),
            };
        }
        if text.is_empty() && self.rules.port != PortRule::Mandatory {
            // `host:` is how IPv6 without brackets states that it has no port.
            return Ok(Port::None);
        }
        self.real_port(text, at).map(|port| self.one_port(port))
    }

    /// Where a port is optional, 0 means that there is none, as in HAProxy: `server s1 192.0.2.1:0` uses the client's
    /// port.
    fn one_port(&self, port: u16) -> Port {
        if port == 0 && self.rules.port != PortRule::Mandatory { Port::None } else { Port::One(port) }
    }

    fn real_port(&self, text: &str, at: usize) -> Result<u16, Failure> {
        match port_number(text, at)? {
            0 if self.rules.port == PortRule::Mandatory && !self.rules.any_port => {
                Err((at, AddressErrorKind::PortZero))
            }
            port => Ok(port),
        }
    }

    fn host(&self, text: &str, at: usize, entry: &FamilyEntry) -> Result<Host, Failure> {
        let family = entry.family;
        let wrong = |cause| (at, AddressErrorKind::Host { host: text.to_owned(), family, cause });
        let host = match family {
            Family::UNIX => {
                let path = format!("{}{text}", self.path_prefix);
                let max = UNIX_PATH_MAX - self.rules.path_reserve.min(UNIX_PATH_MAX);
                if path.len() > max {
                    return Err(wrong(HostError::TooLong { length: path.len(), max }));
                }
                let host = (entry.parse)(&path).map_err(wrong)?;
                debug_assert!(matches!(host, Host::Unix(UnixAddress::Path(_))));
                host
            }
            _ => (entry.parse)(text).map_err(wrong)?,
        };
        match &host {
            Host::Name(_) if !self.rules.names => {
                Err((at, AddressErrorKind::NameNotAllowed { host: text.to_owned() }))
            }
            Host::Range(_) if !self.rules.range => Err((at, AddressErrorKind::HostRangeNotAllowed)),
            Host::Fd(_) if !self.rules.inherited => Err((at, AddressErrorKind::InheritedNotAllowed)),
            _ => Ok(host),
        }
    }

    /// Returns whether a protocol exists for an address: for its family, or for any family that a name may resolve to.
    /// For a descriptor this is known only when its socket is inspected.
    fn has_protocol(&self, spec: &AddressSpec, family: Family) -> bool {
        matches!(spec.host, Host::Fd(_)) || self.protocols(spec, family).next().is_some()
    }

    /// Returns the protocols that may serve an address, as far as they are known.
    fn protocols<'s>(
        &'s self,
        spec: &'s AddressSpec,
        family: Family,
    ) -> impl Iterator<Item = &'s Descriptor> {
        let of_name = matches!(spec.host, Host::Name(_)).then_some(Family::INTERNET);
        let of_host = (!matches!(spec.host, Host::Name(_) | Host::Fd(_))).then_some(family);
        let families = of_name.into_iter().flatten().copied().chain(of_host);
        families
            .filter_map(|family| self.registry.select(&spec.selector, family))
            .map(|protocol| protocol.descriptor())
    }
}

/// Returns whether two prefixes both restrict a property, and differently.
fn differ<T: PartialEq>(first: Option<T>, second: Option<T>) -> bool {
    matches!((first, second), (Some(first), Some(second)) if first != second)
}

fn no_protocol(family: Family, selector: &Selector, written: &str) -> AddressErrorKind {
    let needs = HOMES.iter().find(|(families, socket_type, slot, _)| {
        families.contains(&family)
            && *socket_type == selector.socket_type
            && Target::Slot(*slot) == selector.target
    });
    AddressErrorKind::NoProtocol {
        family,
        socket_type: selector.socket_type,
        prefix: written.into(),
        needs: needs.map(|(_, _, _, needs)| *needs),
    }
}

/// Returns the family for which a host is read: the prefix's, or among several the one that the syntax suggests.
fn family_of(rest: &str, admitted: Option<&'static [Family]>) -> Family {
    let admits = |family: &Family| admitted.is_none_or(|families| families.contains(family));
    let by_syntax = [(Family::UNIX, rest.starts_with('/')), (internet_family(rest), true)];
    by_syntax
        .into_iter()
        .find(|(family, fits)| *fits && admits(family))
        .map(|(family, _)| family)
        .or(admitted.and_then(|families| families.first().copied()))
        .unwrap_or(Family::INET4)
}

/// Returns IPv6 for a host with at least two colons or with brackets, and IPv4 for all others, which may be names.
fn internet_family(rest: &str) -> Family {
    let bracketed = rest.starts_with('[');
    if bracketed || rest.bytes().filter(|b| *b == b':').count() > 1 { Family::INET6 } else { Family::INET4 }
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

fn port_number(text: &str, at: usize) -> Result<u16, Failure> {
    if text.is_empty() {
        return Err((at, AddressErrorKind::PortMissing));
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err((at, AddressErrorKind::PortNotANumber { port: text.to_owned() }));
    }
    text.parse().map_err(|_| (at, AddressErrorKind::PortTooLarge { port: text.to_owned() }))
}
