//! Checks of a whole configuration that a transport brings: what a single line cannot know.

use std::fmt;

use super::{Scope, TransportSections};
use crate::address::Address;
use crate::kernel::Kernel;
use crate::spec::Settings;

/// A check that a crate brings. It is run once everything has been read, and before a socket is opened.
#[derive(Clone, Copy)]
pub struct CheckEntry {
    /// What it looks at, for messages and listings.
    pub name: &'static str,
    /// Runs the check, and returns what it has to say.
    pub run: fn(&Configured<'_>) -> Vec<Remark>,
}

impl fmt::Debug for CheckEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckEntry({:?})", self.name)
    }
}

/// A configuration as transports see it.
#[derive(Clone, Copy, Debug)]
pub struct Configured<'a> {
    /// The addresses that are listened on and the servers, whatever their protocol.
    pub endpoints: &'a [ConfiguredEndpoint<'a>],
    /// The sections that transports bring.
    pub sections: &'a TransportSections,
    /// The machine.
    pub kernel: &'a Kernel,
}

/// An address of a bind or server line.
#[derive(Clone, Debug)]
pub struct ConfiguredEndpoint<'a> {
    /// [`Scope::Bind`] or [`Scope::Server`].
    pub line: Scope,
    /// The name of the protocol.
    pub protocol: &'static str,
    /// The names of the layers, the one next to the transport first.
    pub layers: Vec<&'static str>,
    /// Where it listens or connects to.
    pub address: &'a Address,
    /// What the line says beyond that.
    pub settings: &'a Settings,
}

/// What a check has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What it is about.
    pub place: RemarkPlace,
    /// Whether the configuration cannot be used; a warning otherwise.
    pub is_fatal: bool,
    /// What is wrong and what to do, in one line without a full stop.
    pub message: String,
}

/// What a check has something to say about; the program knows the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemarkPlace {
    /// One of [`Configured::endpoints`], by its index.
    Endpoint(usize),
    /// One of [`Configured::sections`], by its index.
    Section(usize),
    /// The configuration as a whole.
    Whole,
}

impl Remark {
    /// Something that the configuration cannot be used with.
    pub fn error(place: RemarkPlace, message: impl Into<String>) -> Remark {
        Remark { place, is_fatal: true, message: message.into() }
    }

    /// Something that is worth saying.
    pub fn warning(place: RemarkPlace, message: impl Into<String>) -> Remark {
        Remark { place, is_fatal: false, message: message.into() }
    }
}
