//! What lines are read with, whatever keyword they begin with.

use proto_core::Registry;
use proto_core::address::Environment;

use crate::diagnostic::Diagnostics;
use crate::source::Sources;
use crate::values::Values;

/// What all lines are read with.
#[derive(Debug)]
pub struct Surroundings<'r> {
    /// The transports and the address language.
    pub registry: &'r Registry,
    /// The variables.
    pub variables: &'r crate::environment::Variables<'r>,
    /// Whether `bind` takes port 0.
    pub any_port: bool,
    /// The files.
    pub sources: &'r Sources,
    /// Whether another section than `global` has begun before.
    pub after_sections: bool,
    /// Names that earlier lines of the section have defined. They end with the section.
    pub named: &'r mut Values,
    /// What there is to say.
    pub diagnostics: &'r mut Diagnostics,
}

impl Surroundings<'_> {
    /// The variables, for an address.
    pub fn environment(&self) -> &dyn Environment {
        self.variables
    }
}
