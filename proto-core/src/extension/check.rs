//! Checks of a whole configuration that a transport registers, for errors that no single line shows.

use std::fmt;

use super::{Scope, TransportSections};
use crate::address::Address;
use crate::kernel::Kernel;
use crate::spec::Settings;

/// A check that a crate registers. It runs after the whole configuration has been read and before any socket is
/// opened.
#[derive(Clone, Copy)]
pub struct CheckEntry {
    /// What it checks, for messages and listings.
    pub name: &'static str,
    /// Runs the check and returns its remarks.
    pub run: fn(&Configured<'_>) -> Vec<Remark>,
}

impl fmt::Debug for CheckEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckEntry({:?})", self.name)
    }
}

/// A configuration as a transport's check sees it.
#[derive(Clone, Copy, Debug)]
pub struct Configured<'a> {
    /// All listening addresses and servers, of every protocol.
    pub endpoints: &'a [ConfiguredEndpoint<'a>],
    /// The sections that transports registered.
    pub sections: &'a TransportSections,
    /// What the kernel of this machine offers.
    pub kernel: &'a Kernel,
}

/// An address of a bind or server line.
#[derive(Clone, Debug)]
pub struct ConfiguredEndpoint<'a> {
    /// [`Scope::Bind`] or [`Scope::Server`].
    pub line: Scope,
    /// The name of the protocol.
    pub protocol: &'static str,
    /// The names of the layers, the innermost first.
    pub layers: Vec<&'static str>,
    /// The address to listen on or to connect to.
    pub address: &'a Address,
    /// The other settings of the line.
    pub settings: &'a Settings,
}

/// A result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The part of the configuration that it is about.
    pub place: RemarkPlace,
    /// Whether the configuration cannot be used; otherwise it is a warning.
    pub is_fatal: bool,
    /// What is wrong and what to do, in one line without a full stop.
    pub message: String,
}

/// The part of a configuration that a remark is about; the caller knows the line.
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
    /// Returns a remark that makes the configuration unusable.
    pub fn error(place: RemarkPlace, message: impl Into<String>) -> Remark {
        Remark { place, is_fatal: true, message: message.into() }
    }

    /// Returns a warning.
    pub fn warning(place: RemarkPlace, message: impl Into<String>) -> Remark {
        Remark { place, is_fatal: false, message: message.into() }
    }
}
