//! Services: what answers requests in place of a server.
//!
//! A service that `use-service` names is a [`ServiceEntry`]; one that a section has by keywords of its own, such as the
//! statistics page, is a [`PageEntry`]. The file that implements one submits the entry.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use proxy_config::{Entry, Section, Values};
use proxy_http::Request;

use crate::answer::Answer;
use crate::context::Context;

/// A request for a service.
#[derive(Clone, Copy, Debug)]
pub struct ServiceCall<'r> {
    /// The body, as much of it as fits in a buffer; empty unless the service [wants](Service::wants_body) it.
    pub body: &'r [u8],
    /// The values that the program has published; `None` while it starts.
    pub facts: Option<&'r Values>,
}

/// What a service answers a request with.
#[derive(Clone, Debug)]
pub enum Served {
    /// This reply.
    Answer {
        /// The reply.
        answer: Box<Answer>,
        /// Whether it is a denial rather than a service.
        denies: bool,
    },
    /// The error message of the section for a status.
    Error {
        /// The status of the error message.
        status: u16,
        /// Whether it is a denial rather than a service.
        denies: bool,
    },
}

impl Served {
    /// Returns a reply that is a service.
    pub fn with(answer: Answer) -> Served {
        Served::Answer { answer: Box::new(answer), denies: false }
    }

    /// Returns a reply that denies something.
    pub fn denying(answer: Answer) -> Served {
        Served::Answer { answer: Box::new(answer), denies: true }
    }

    /// Returns the error message for a status, as a denial.
    pub fn denied(status: u16) -> Served {
        Served::Error { status, denies: true }
    }

    /// Returns the error message for a status, of something that has failed.
    pub fn failed(status: u16) -> Served {
        Served::Error { status, denies: false }
    }
}

/// What answers requests in place of a server.
pub trait Service: fmt::Debug + Send + Sync {
    /// Returns the name that log lines show in place of that of a server.
    fn name(&self) -> &'static str;

    /// Returns whether a request is for a page. Rules that name a service do not ask.
    fn is_asked(&self, _: &Request) -> bool {
        true
    }

    /// Returns whether the body of a request is read first.
    fn wants_body(&self, _: &Request) -> bool {
        false
    }

    /// Answers the request in the context.
    fn answer(&self, context: &mut Context<'_>, call: ServiceCall<'_>) -> Served;
}

/// A service that `use-service` may name.
#[derive(Clone, Copy)]
pub struct ServiceEntry {
    /// The name.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Makes the service.
    pub make: fn() -> Arc<dyn Service>,
}

impl fmt::Debug for ServiceEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceEntry({:?})", self.name)
    }
}

impl Entry for ServiceEntry {
    const KIND: &'static str = "service";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }
}

proxy_config::entries!(ServiceEntry);

/// A service that sections have by keywords of their own.
#[derive(Clone, Copy)]
pub struct PageEntry {
    /// The name.
    pub name: &'static str,
    /// Makes the service of a section, if it has one.
    pub of: fn(&Section) -> Option<Arc<dyn Service>>,
}

impl PageEntry {
    /// Returns the services that a section has.
    pub fn all_of(section: &Section) -> Vec<Arc<dyn Service>> {
        PageEntry::entries().iter().filter_map(|entry| (entry.of)(section)).collect()
    }
}

impl fmt::Debug for PageEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageEntry({:?})", self.name)
    }
}

impl Entry for PageEntry {
    const KIND: &'static str = "page";

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }
}

proxy_config::entries!(PageEntry);
