//! `var`: the value of a variable.

use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};
use crate::variables::{Scope, Variable};

#[derive(Debug)]
struct Kept {
    variable: Variable,
    /// The value of a variable that is not set.
    default: Option<Box<[u8]>>,
}

impl Fetch for Kept {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let default = || self.default.as_deref().map(|text| Sample::Text(text.into()));
        context.variables.get(self.variable).or_else(default)
    }

    fn is_of_checks(&self) -> bool {
        self.variable.scope() == Scope::Check
    }
}

inventory::submit! {
    FetchEntry::new(
        "var",
        "<scope>.<name>[,<default>]",
        Type::Any,
        Need::Nothing,
        "what a variable holds",
        |inputs| {
            let variable = inputs.parse("the name of a variable")?;
            let default = inputs.take().map(|input| input.text.as_bytes().into());
            Ok(Box::new(Kept { variable, default }))
        },
    )
}
