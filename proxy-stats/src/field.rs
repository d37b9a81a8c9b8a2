//! A field of statistics: one entry of the table in [`fields`](crate::fields).
//!
//! A field says how it is read from each kind of object. One without a reader for a kind is empty there, and so is one
//! whose reader returns `None`.

use std::fmt;

use crate::subject::{Kind, OfBackend, OfFrontend, OfListener, OfServer, Subject};
use crate::value::Value;

/// A field of statistics.
#[derive(Clone, Copy)]
pub struct Field {
    /// The position in HAProxy's list. Programs rely on it, so it never changes.
    pub position: u16,
    /// The name.
    pub name: &'static str,
    /// Origin, nature, scope and persistence, a letter each (management.txt of HAProxy, 9.2).
    tags: &'static str,
    /// The tags for one kind of objects, if they differ there.
    other_tags: Option<(Kind, &'static str)>,
    /// One line of help.
    pub help: &'static str,
    /// The name of the metric, without what all metrics of a kind of objects begin with.
    metric: Option<&'static str>,
    /// The name for one kind of objects, if it differs there.
    other_metric: Option<(Kind, &'static str)>,
    frontend: Option<fn(OfFrontend<'_>) -> Option<Value>>,
    listener: Option<fn(OfListener<'_>) -> Option<Value>>,
    server: Option<fn(OfServer<'_>) -> Option<Value>>,
    backend: Option<fn(OfBackend<'_>) -> Option<Value>>,
}

impl Field {
    /// Creates a field that is empty for all objects.
    pub(crate) const fn new(
        position: u16,
        name: &'static str,
        tags: &'static str,
        help: &'static str,
    ) -> Field {
        Field {
            position,
            name,
            tags,
            other_tags: None,
            help,
            metric: None,
            other_metric: None,
            frontend: None,
            listener: None,
            server: None,
            backend: None,
        }
    }

    /// Sets the name of its metric.
    pub(crate) const fn metric(self, name: &'static str) -> Field {
        Field { metric: Some(name), ..self }
    }

    /// Sets the name that its metric has for one kind of objects.
    pub(crate) const fn other_metric(self, kind: Kind, name: &'static str) -> Field {
        Field { other_metric: Some((kind, name)), ..self }
    }

    /// Sets the tags that it has for one kind of objects.
    pub(crate) const fn tagged(self, kind: Kind, tags: &'static str) -> Field {
        Field { other_tags: Some((kind, tags)), ..self }
    }

    /// Sets how it is read from a frontend.
    pub(crate) const fn frontend(self, read: fn(OfFrontend<'_>) -> Option<Value>) -> Field {
        Field { frontend: Some(read), ..self }
    }

    /// Sets how it is read from a listener.
    pub(crate) const fn listener(self, read: fn(OfListener<'_>) -> Option<Value>) -> Field {
        Field { listener: Some(read), ..self }
    }

    /// Sets how it is read from a server.
    pub(crate) const fn server(self, read: fn(OfServer<'_>) -> Option<Value>) -> Field {
        Field { server: Some(read), ..self }
    }

    /// Sets how it is read from a backend.
    pub(crate) const fn backend(self, read: fn(OfBackend<'_>) -> Option<Value>) -> Field {
        Field { backend: Some(read), ..self }
    }

    /// Returns its value for an object, if it has one.
    pub fn value(&self, subject: &Subject<'_>) -> Option<Value> {
        match *subject {
            Subject::Frontend(of) => self.frontend.and_then(|read| read(of)),
            Subject::Listener(of) => self.listener.and_then(|read| read(of)),
            Subject::Server(of) => self.server.and_then(|read| read(of)),
            Subject::Backend(of) => self.backend.and_then(|read| read(of)),
        }
    }

    /// Returns whether it may have a value for objects of a kind.
    pub fn is_of(&self, kind: Kind) -> bool {
        match kind {
            Kind::Frontend => self.frontend.is_some(),
            Kind::Backend => self.backend.is_some(),
            Kind::Server => self.server.is_some(),
            Kind::Listener => self.listener.is_some(),
        }
    }

    /// Returns the name of its metric for objects of a kind, if they have it.
    pub fn metric_of(&self, kind: Kind) -> Option<&'static str> {
        let name = match self.other_metric {
            Some((other, name)) if other == kind => Some(name),
            _ => self.metric,
        };
        name.filter(|_| self.is_of(kind))
    }

    /// Returns its tags for objects of a kind: origin, nature, scope and persistence, a letter each.
    pub fn tags(&self, kind: Kind) -> &'static str {
        match self.other_tags {
            Some((other, tags)) if other == kind => tags,
            _ => self.tags,
        }
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({}, {:?})", self.position, self.name)
    }
}
