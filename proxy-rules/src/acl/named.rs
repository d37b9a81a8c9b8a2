//! Named ACLs.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::outcome::{Outcome, any};
use super::test::Test;
use crate::context::Context;
use crate::points::Points;

/// The tests of one name: the ACL holds if one of them does.
///
/// A rule may precede a line that adds an alternative to an ACL it names, and rules keep their ACLs for good. The
/// alternatives are therefore a chain to which lines append, and which is read without a lock.
#[derive(Debug)]
pub struct Acl {
    /// The name that lines of the section may add to; a predefined ACL, or one in braces, has none.
    name: Option<Box<str>>,
    first: Alternative,
}

#[derive(Debug)]
struct Alternative {
    test: Test,
    next: OnceLock<Box<Alternative>>,
}

impl Acl {
    /// Creates an ACL of one test, without a name.
    pub(crate) fn new(test: Test) -> Acl {
        Acl { name: None, first: Alternative { test, next: OnceLock::new() } }
    }

    /// Creates an ACL that may get more tests.
    fn named(name: &str, test: Test) -> Acl {
        Acl { name: Some(name.into()), first: Alternative { test, next: OnceLock::new() } }
    }

    fn tests(&self) -> impl Iterator<Item = &Test> {
        let mut next = Some(&self.first);
        std::iter::from_fn(move || {
            let current = next?;
            next = current.next.get().map(|next| &**next);
            Some(&current.test)
        })
    }

    /// Appends an alternative.
    pub(crate) fn add(&self, test: Test) {
        let mut last = &self.first;
        while let Some(next) = last.next.get() {
            last = next;
        }
        // Only the thread that reads the configuration adds tests.
        let _ = last.next.set(Box::new(Alternative { test, next: OnceLock::new() }));
    }

    /// Returns whether this ACL has the given name, or its tests refer to the ACL that has. Within a section a name
    /// always means the same ACL.
    pub(crate) fn asks(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name) || self.tests().any(|test| test.asks(name))
    }

    /// Returns whether a test looks at the connection to the server.
    pub(crate) fn reads_server(&self) -> bool {
        self.tests().any(|test| test.expression().reads_server())
    }

    /// Returns whether a test looks at the request.
    pub(crate) fn reads_request(&self) -> bool {
        self.tests().any(|test| test.expression().reads_request())
    }

    /// Returns whether one of the tests holds, of those that can be evaluated at these points.
    pub(crate) fn outcome(&self, context: &Context<'_>, points: Points) -> Outcome {
        let tests = self.tests().filter(|test| test.points().intersects(points));
        any(tests.map(|test| test.outcome(context)))
    }

    /// Returns the first of the tests that cannot be evaluated at these points, and whether none of them can.
    pub(crate) fn misplaced(&self, points: Points) -> Option<(&Test, bool)> {
        let test = self.tests().find(|test| !test.points().intersects(points))?;
        Some((test, !self.tests().any(|test| test.points().intersects(points))))
    }
}

impl Drop for Acl {
    /// Drops link by link: a chain of thousands would need as many stack frames.
    fn drop(&mut self) {
        let mut next = self.first.next.take();
        while let Some(mut alternative) = next {
            next = alternative.next.take();
        }
    }
}

/// The ACLs that the lines of a section may name.
#[derive(Clone, Debug, Default)]
pub struct Acls {
    known: HashMap<String, Arc<Acl>>,
    /// The names of which a line was refused.
    refused: HashSet<String>,
}

/// The error of an ACL that would depend on itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loop;

impl Acls {
    /// Adds a test to the ACL with this name.
    pub(crate) fn add(&mut self, name: &str, test: Test) -> Result<(), Loop> {
        match self.known.get(name) {
            Some(_) if test.asks(name) => return Err(Loop),
            Some(acl) => acl.add(test),
            None => {
                self.known.insert(name.to_owned(), Arc::new(Acl::named(name, test)));
            }
        }
        Ok(())
    }

    /// Returns the ACL with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Acl>> {
        self.known.get(name)
    }

    /// Remembers the name of an ACL that could not be read.
    pub(crate) fn refuse(&mut self, name: &str) {
        self.refused.insert(name.to_owned());
    }

    /// Returns whether a line of this name was refused.
    pub(crate) fn is_refused(&self, name: &str) -> bool {
        self.refused.contains(name)
    }

    /// Returns all names.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.known.keys().chain(&self.refused).map(String::as_str).collect()
    }
}
