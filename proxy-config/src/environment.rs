//! The environment that a configuration sees: the process's, and what `setenv` and its kin made of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use proto_core::address::Environment;

/// Variables over those of another environment. What the configuration sets never touches the process itself, in which
/// other threads may be reading; it is handed to the programs that are started.
pub struct Variables<'a> {
    below: &'a dyn Environment,
    changed: RefCell<BTreeMap<String, Option<String>>>,
}

impl<'a> Variables<'a> {
    /// Nothing changed yet.
    pub fn over(below: &'a dyn Environment) -> Variables<'a> {
        Variables { below, changed: RefCell::default() }
    }

    /// Sets a variable.
    pub fn set(&self, name: &str, value: &str) {
        self.changed.borrow_mut().insert(name.to_owned(), Some(value.to_owned()));
    }

    /// Takes a variable away.
    pub fn unset(&self, name: &str) {
        self.changed.borrow_mut().insert(name.to_owned(), None);
    }

    /// What was changed: new values, and `None` for what is no longer set.
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
