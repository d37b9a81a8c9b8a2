//! Sections: their kinds, and what each of them has.

use std::collections::BTreeSet;
use std::fmt;

use bitflags::bitflags;
use proto_core::extension::TransportSections;

use crate::source::{Span, Spanned};
use crate::values::Values;

/// A kind of section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Settings of the process.
    Global,
    /// Settings that the proxies after it inherit.
    Defaults,
    /// A proxy that accepts connections of clients.
    Frontend,
    /// A proxy that connects to servers.
    Backend,
    /// A frontend and a backend in one.
    Listen,
    /// Error messages that proxies refer to.
    HttpErrors,
    /// A check that servers refer to.
    HealthCheck,
    /// Name servers that servers and rules refer to.
    Resolvers,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 8] = [
        Kind::Global,
        Kind::Defaults,
        Kind::Frontend,
        Kind::Backend,
        Kind::Listen,
        Kind::HttpErrors,
        Kind::HealthCheck,
        Kind::Resolvers,
    ];

    /// Returns the word that begins a section of this kind.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Global => "global",
            Kind::Defaults => "defaults",
            Kind::Frontend => "frontend",
            Kind::Backend => "backend",
            Kind::Listen => "listen",
            Kind::HttpErrors => "http-errors",
            Kind::HealthCheck => "healthcheck",
            Kind::Resolvers => "resolvers",
        }
    }

    /// Returns whether it accepts connections of clients.
    pub fn is_frontend(self) -> bool {
        matches!(self, Kind::Frontend | Kind::Listen)
    }

    /// Returns whether others refer to it by its name.
    pub fn is_shared(self) -> bool {
        matches!(self, Kind::HttpErrors | Kind::HealthCheck | Kind::Resolvers)
    }

    /// Returns whether it has servers.
    pub fn is_backend(self) -> bool {
        matches!(self, Kind::Backend | Kind::Listen)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

bitflags! {
    /// A set of kinds of sections.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Sections: u16 {
        /// `global`.
        const GLOBAL = Sections::only(Kind::Global).bits();
        /// `defaults`.
        const DEFAULTS = Sections::only(Kind::Defaults).bits();
        /// `frontend` and `listen`.
        const FRONTEND = Sections::only(Kind::Frontend).union(Sections::only(Kind::Listen)).bits();
        /// `backend` and `listen`.
        const BACKEND = Sections::only(Kind::Backend).union(Sections::only(Kind::Listen)).bits();
        /// `frontend`, `backend` and `listen`.
        const PROXY = Sections::FRONTEND.union(Sections::BACKEND).bits();
        /// `http-errors`.
        const HTTP_ERRORS = Sections::only(Kind::HttpErrors).bits();
        /// `healthcheck`.
        const HEALTH_CHECK = Sections::only(Kind::HealthCheck).bits();
        /// `resolvers`.
        const RESOLVERS = Sections::only(Kind::Resolvers).bits();
    }
}

impl Sections {
    /// Returns the set with a single kind.
    pub const fn only(kind: Kind) -> Sections {
        Sections::from_bits_retain(1 << kind as u16)
    }

    /// Returns whether the set has a kind.
    pub const fn has(self, kind: Kind) -> bool {
        self.intersects(Sections::only(kind))
    }

    /// Returns the kinds in the set.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

/// Writes `a, b`, in the order of the manual.
impl fmt::Display for Sections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, kind) in self.kinds().enumerate() {
            write!(f, "{}{kind}", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// A section as it was read. Its lines store values in it, whose types are defined with the keywords.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its kind.
    pub kind: Kind,
    /// Its name and the place of it; empty for a section without a name.
    pub name: Spanned<String>,
    /// The values that its lines have stored.
    pub values: Values,
}

impl Section {
    /// Returns the stored value of a type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.values.get()
    }

    /// Returns whether a line with this keyword has been refused, here or in the defaults that the section inherits:
    /// what the section would be with it is not known.
    pub fn has_refused(&self, keyword: &str) -> bool {
        self.get::<Refused>().is_some_and(|refused| refused.0.contains(keyword))
    }

    /// Returns the place of the name, or of the first word of a section without a name.
    pub fn span(&self) -> Span {
        self.name.span
    }
}

/// The keywords of lines that were refused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refused(BTreeSet<&'static str>);

impl Refused {
    pub(crate) fn insert(&mut self, keyword: &'static str) {
        self.0.insert(keyword);
    }
}

/// A configuration: everything that was read, even if it cannot be used.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The values of all `global` sections.
    pub global: Values,
    /// The `defaults` sections, in order.
    pub defaults: Vec<Section>,
    /// The `frontend`, `backend` and `listen` sections, in order.
    pub proxies: Vec<Section>,
    /// The sections that proxies and servers refer to by kind and name, in order: `http-errors`, `healthcheck`,
    /// `resolvers`.
    pub shared: Vec<Section>,
    /// The sections of transports.
    pub transport: TransportSections,
    /// The place where each of those begins.
    pub transport_spans: Vec<Span>,
    /// What lines refer to in other sections, for those who find it there.
    pub references: Values,
}

impl Configuration {
    /// Returns the proxies that accept connections of clients.
    pub fn frontends(&self) -> impl Iterator<Item = &Section> {
        self.proxies.iter().filter(|proxy| proxy.kind.is_frontend())
    }

    /// Returns the sections of a kind that proxies refer to.
    pub fn shared(&self, kind: Kind) -> impl Iterator<Item = &Section> {
        self.shared.iter().filter(move |section| section.kind == kind)
    }

    /// Returns the proxies that have servers.
    pub fn backends(&self) -> impl Iterator<Item = &Section> {
        self.proxies.iter().filter(|proxy| proxy.kind.is_backend())
    }
}
