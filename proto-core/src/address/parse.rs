//! Reading an address: variables, prefixes, host, port, in this order, each against the registry and the place's rules.

use super::error::{AddressError, AddressErrorKind};
use super::expand::{Environment, expand};
use super::host::{Host, UNIX_PATH_MAX, UnixAddress};
use super::rules::{PortRule, Rules};
use super::spec::{AddressSpec, Port, Selector};
use crate::family::{Family, FamilyEntry, HostError};
use crate::prefix::{ELSEWHERE, Prefix};
use crate::registry::Registry;
use crate::words::nearest;

/// Reads addresses against a registry, for one place of the language.
#[derive(Clone, Copy, Debug)]
pub struct Parser<'a> {
    registry: &'a Registry,
    rules: &'a Rules,
    path_prefix: &'a str,
}

/// A mistake and its byte offset.
type Failure = (usize, AddressErrorKind);

impl<'a> Parser<'a> {
    /// A parser for one place.
    pub fn new(registry: &'a Registry, rules: &'a Rules) -> Parser<'a> {
        Parser { registry, rules, path_prefix: "" }
    }

    /// With a text that is put before every path: HAProxy's `unix-bind prefix`.
    #[must_use]
    pub fn with_path_prefix(self, path_prefix: &'a str) -> Parser<'a> {
        Parser { path_prefix, ..self }
    }

    /// Reads an address in which environment variables may stand.
    ///
    /// # Errors
    /// The first mistake, with its place in `text`.
    pub fn parse(&self, text: &str, env: &dyn Environment) -> Result<AddressSpec, AddressError> {
        let fail = |offset, kind, unset| AddressError { text: text.to_owned(), offset, kind, unset };
        let expanded = expand(text, env).map_err(|(offset, kind)| fail(offset, kind, Vec::new()))?;
        self.read(&expanded.text).map_err(|(offset, kind)| {
            let origin = expanded.origin(offset).min(text.len());
            fail(origin, kind, expanded.unset.clone())
        })
    }

    /// Reads an address in which `$` is a character like any other.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
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
        let (modifier, at) = self.prefix(text, 0, '+')?;
        let (prefix, host_at) = self.prefix(text, at, '@')?;
        let selector = self.selector(text, modifier, prefix)?;
        let rest = &text[host_at..];

        let family = match selector.families {
            Some(&[family]) => family,
            _ if rest.starts_with('/') && selector.families.is_none() => Family::UNIX,
            _ => internet_family(rest),
        };
        let entry = self.registry.family(family).ok_or_else(|| (host_at, no_protocol(family, &selector)))?;
        let (host, port) = if entry.ports { self.host_and_port(rest, host_at)? } else { (rest, Port::None) };
        let host = self.host(host, host_at, entry)?;
        let spec = AddressSpec { modifier, prefix, selector, host, port };
        self.check_protocol(&spec, family, host_at)?;
        Ok(spec)
    }

    /// The prefix at `at` that closes with `end`, if there is one, and where the text goes on.
    fn prefix(&self, text: &str, at: usize, end: char) -> Result<(Option<Prefix>, usize), Failure> {
        let rest = &text[at..];
        let Some(length) = rest.find(end).map(|i| i + 1) else { return Ok((None, at)) };
        let word = &rest[..length];
        if let Some(prefix) = self.registry.prefix(word) {
            return Ok((Some(prefix), at + length));
        }
        // A path or a name may hold these characters; only a plain word before them was meant as a prefix.
        if length == 1 || !word[..length - 1].bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Ok((None, at));
        }
        if let Some((known, needs)) = ELSEWHERE.iter().find(|(known, _)| *known == word) {
            return Err((at, AddressErrorKind::NotLinked { prefix: (*known).to_owned(), needs }));
        }
        let known = self.registry.prefixes().map(|prefix| prefix.text).filter(|known| known.ends_with(end));
        let nearest = nearest(word, known).map(str::to_owned);
        Err((at, AddressErrorKind::UnknownPrefix { prefix: word.to_owned(), nearest }))
    }

    fn selector(
        &self,
        text: &str,
        modifier: Option<Prefix>,
        prefix: Option<Prefix>,
    ) -> Result<Selector, Failure> {
        let forced = |p: Option<Prefix>| p.and_then(|p| p.socket_type);
        let contradiction = || {
            let word = |p: Option<Prefix>| p.map(|p| p.text.to_owned()).unwrap_or_default();
            (0, AddressErrorKind::Contradiction { first: word(modifier), second: word(prefix) })
        };
        if let (Some(first), Some(second)) = (modifier, prefix) {
            if differ(first.socket_type, second.socket_type) || differ(first.target, second.target) {
                return Err(contradiction());
            }
        }
        let socket_type = forced(prefix).or(forced(modifier)).unwrap_or(self.rules.types[0]);
        if !self.rules.types.contains(&socket_type) {
            let at = text.len() - text.trim_start_matches(modifier.map_or("", |p| p.text)).len();
            return Err((at, AddressErrorKind::WrongType { found: socket_type }));
        }
        let plain = Selector::plain(socket_type);
        Ok(Selector {
            socket_type,
            target: prefix.and_then(|p| p.target).or(modifier.and_then(|p| p.target)).unwrap_or(plain.target),
            families: prefix.and_then(|p| p.families),
        })
    }

    /// Splits `host:port`. The last colon separates them, unless a closing bracket stands behind it; so bare IPv6
    /// needs its port, and an address that ends with a bracket has none.
    fn host_and_port<'t>(&self, rest: &'t str, at: usize) -> Result<(&'t str, Port), Failure> {
        let split = match (rest.rfind(':'), rest.rfind(']')) {
            (Some(colon), Some(bracket)) if bracket > colon => None,
            (colon, _) => colon,
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
        if let Some(dash) = text.find('-') {
            if !self.rules.range {
                return Err((at + dash, AddressErrorKind::RangeNotAllowed));
            }
            let (low, high) =
                (self.real_port(&text[..dash], at)?, self.real_port(&text[dash + 1..], at + dash + 1)?);
            return match low.cmp(&high) {
                std::cmp::Ordering::Greater => Err((at, AddressErrorKind::RangeReversed { low, high })),
                std::cmp::Ordering::Equal => Ok(Port::One(low)),
                std::cmp::Ordering::Less if low == 0 => Err((at, AddressErrorKind::PortZero)),
                std::cmp::Ordering::Less => Ok(Port::Range(low, high)),
            };
        }
        if text.is_empty() {
            return match self.rules.port {
                PortRule::Mandatory => Err((at, AddressErrorKind::PortMissing)),
                // `host:` is how bare IPv6 says that it has no port.
                PortRule::Optional | PortRule::Forbidden => Ok(Port::None),
            };
        }
        self.real_port(text, at).map(Port::One)
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
            Host::Fd(_) if !self.rules.inherited => Err((at, AddressErrorKind::InheritedNotAllowed)),
            _ => Ok(host),
        }
    }

    /// A name decides its protocol when it is resolved and a descriptor when it is looked at; everything else now.
    fn check_protocol(&self, spec: &AddressSpec, family: Family, at: usize) -> Result<(), Failure> {
        match spec.host {
            Host::Name(_) | Host::Fd(_) => Ok(()),
            _ => match self.registry.select(&spec.selector, family) {
                Some(_) => Ok(()),
                None => Err((at, no_protocol(family, &spec.selector))),
            },
        }
    }
}

/// Whether two prefixes both say something and not the same.
fn differ<T: PartialEq>(first: Option<T>, second: Option<T>) -> bool {
    matches!((first, second), (Some(first), Some(second)) if first != second)
}

fn no_protocol(family: Family, selector: &Selector) -> AddressErrorKind {
    AddressErrorKind::NoProtocol { family, socket_type: selector.socket_type }
}

/// IPv6 has at least two colons, or brackets; everything else is read as IPv4 or a name.
fn internet_family(rest: &str) -> Family {
    let bracketed = rest.starts_with('[');
    if bracketed || rest.bytes().filter(|b| *b == b':').count() > 1 { Family::INET6 } else { Family::INET4 }
}

fn port_number(text: &str, at: usize) -> Result<u16, Failure> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err((at, AddressErrorKind::PortNotANumber { port: text.to_owned() }));
    }
    text.parse().map_err(|_| (at, AddressErrorKind::PortTooLarge { port: text.to_owned() }))
}
