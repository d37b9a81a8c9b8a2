//! Sections: which there are, and what one of them holds.

use std::collections::BTreeSet;
use std::fmt;

use bitflags::bitflags;
use proto_core::extension::TransportSections;

use crate::source::{Span, Spanned};
use crate::values::Values;

/// A kind of section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The process.
    Global,
    /// What the proxies behind it take over.
    Defaults,
    /// Where clients come in.
    Frontend,
    /// Servers.
    Backend,
    /// Both in one.
    Listen,
    /// Error messages that proxies refer to.
    HttpErrors,
}

impl Kind {
    /// All.
    pub const ALL: [Kind; 6] =
        [Kind::Global, Kind::Defaults, Kind::Frontend, Kind::Backend, Kind::Listen, Kind::HttpErrors];

    /// The word that begins one.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Global => "global",
            Kind::Defaults => "defaults",
            Kind::Frontend => "frontend",
            Kind::Backend => "backend",
            Kind::Listen => "listen",
            Kind::HttpErrors => "http-errors",
        }
    }

    /// Whether clients come in by it.
    pub fn is_frontend(self) -> bool {
        matches!(self, Kind::Frontend | Kind::Listen)
    }

    /// Whether it has servers.
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
    /// A set of kinds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Sections: u8 {
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
    }
}

impl Sections {
    /// Sections of one kind.
    pub const fn only(kind: Kind) -> Sections {
        Sections::from_bits_retain(1 << kind as u8)
    }

    /// Whether a kind is one of them.
    pub const fn has(self, kind: Kind) -> bool {
        self.intersects(Sections::only(kind))
    }

    /// The kinds.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

/// `a, b`, in the order of the manual.
impl fmt::Display for Sections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, kind) in self.kinds().enumerate() {
            write!(f, "{}{kind}", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// A section as it was read. What its lines said is in its values, by the types of whoever implements them.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is.
    pub kind: Kind,
    /// Its name, and where it stands; empty for one without.
    pub name: Spanned<String>,
    /// What it was told.
    pub values: Values,
}

impl Section {
    /// What was stored of a type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.values.get()
    }

    /// Whether a line of this keyword has been refused, here or in the defaults it has taken over: what the section would
    /// be with it is not known.
    pub fn has_refused(&self, keyword: &str) -> bool {
        self.get::<Refused>().is_some_and(|refused| refused.0.contains(keyword))
    }

    /// The line that begins it.
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

/// A configuration: everything that was read, whether or not it can be used.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What all `global` sections said.
    pub global: Values,
    /// Frontends, backends and listens, in order.
    pub proxies: Vec<Section>,
    /// What proxies refer to by kind and name, in order: `http-errors`.
    pub shared: Vec<Section>,
    /// What transports have brought of their own.
    pub transport: TransportSections,
    /// Where each of those begins.
    pub transport_spans: Vec<Span>,
}

impl Configuration {
    /// The proxies that clients come in by.
    pub fn frontends(&self) -> impl Iterator<Item = &Section> {
        self.proxies.iter().filter(|proxy| proxy.kind.is_frontend())
    }

    /// The sections of a kind that proxies refer to.
    pub fn shared(&self, kind: Kind) -> impl Iterator<Item = &Section> {
        self.shared.iter().filter(move |section| section.kind == kind)
    }

    /// The proxies that have servers.
    pub fn backends(&self) -> impl Iterator<Item = &Section> {
        self.proxies.iter().filter(|proxy| proxy.kind.is_backend())
    }
}
