//! The environment that a configuration sees: that of the process, with the changes of `setenv` and similar keywords.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use proto_core::address::Environment;

/// Variables on top of those of another environment. What the configuration sets never changes the environment of the
/// process itself, which other threads may be reading; it is passed to the programs that are started.
pub struct Variables<'a> {
    below: &'a dyn Environment,
    changed: RefCell<BTreeMap<String, Option<String>>>,
}

impl<'a> Variables<'a> {
    /// Creates variables without changes to those of `below`.
    pub fn over(below: &'a dyn Environment) -> Variables<'a> {
        Variables { below, changed: RefCell::default() }
    }

    /// Sets a variable.
    pub fn set(&self, name: &str, value: &str) {
        self.changed.borrow_mut().insert(name.to_owned(), Some(value.to_owned()));
    }

    /// Unsets a variable.
    pub fn unset(&self, name: &str) {
        self.changed.borrow_mut().insert(name.to_owned(), None);
    }

    /// Returns the variables that have been changed: their new values, or `None` for those that have been unset.
    pub fn changes(&self) -> BTreeMap<String, Option<String>> {
        self.changed.borrow().clone()
    }
}

impl Environment for Variables<'_> {
    fn var(&self, name: &str) -> Option<String> {
        match self.changed.borrow().get(name) {
            Some(changed) => changed.clone(),
            None => self.below.var(name),
        }
    }
}

impl fmt::Debug for Variables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Variables").field(&*self.changed.borrow()).finish()
    }
}
