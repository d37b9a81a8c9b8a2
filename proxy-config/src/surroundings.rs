//! The state that lines are read with, independent of their keyword.

use std::cell::RefCell;

use proto_core::Registry;
use proto_core::address::Environment;

use crate::diagnostic::Diagnostics;
use crate::source::Sources;
use crate::values::Values;

/// The state that all lines are read with.
#[derive(Debug)]
pub struct Surroundings<'r> {
    /// The transports and the address language.
    pub registry: &'r Registry,
    /// The environment variables.
    pub variables: &'r crate::environment::Variables<'r>,
    /// Whether `bind` accepts port 0.
    pub any_port: bool,
    /// The files of the configuration.
    pub sources: &'r Sources,
    /// Whether a section other than `global` has begun before.
    pub after_sections: bool,
    /// The name of the section; empty if it has none.
    pub section: &'r str,
    /// What lines refer to in other sections, which may come later. The configuration has it.
    pub references: &'r RefCell<Values>,
    /// Names that earlier lines of the section have defined. They are valid until the section ends.
    pub named: &'r mut Values,
    /// The diagnostics so far.
    pub diagnostics: &'r mut Diagnostics,
}

impl Surroundings<'_> {
    /// Returns the environment variables, for reading addresses.
    pub fn environment(&self) -> &dyn Environment {
        self.variables
    }
}
