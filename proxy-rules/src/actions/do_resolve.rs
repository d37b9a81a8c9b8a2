//! `do-resolve`: has a name resolved, and keeps its address.

use std::sync::Arc;

use crate::action::{Action, ActionEntry};
use crate::context::Context;
use crate::expression::Expression;
use crate::lookup_name::{NameLookup, NamedResolver, NamedResolvers};
use crate::points::HookPoint;
use crate::sample::{Sample, Type};
use crate::variables::{Scope, Variable};
use crate::verdict::Verdict;

/// The longest name, with room for one that is too long.
const LONGEST: usize = 256;

#[derive(Debug)]
struct DoResolve {
    variable: Variable,
    resolver: Arc<NamedResolver>,
    prefers_v4: bool,
    name: Expression,
}

impl Action for DoResolve {
    /// As in HAProxy, a name that is missing or cannot be one leaves the variable as it is.
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let sample = self.name.get(context).and_then(|sample| sample.cast(Type::Text));
        let name = sample.as_ref().and_then(Sample::bytes).filter(|name| name.len() <= LONGEST);
        let name = name.and_then(|name| std::str::from_utf8(name).ok()).map(str::to_owned);
        match name {
            Some(name) => Verdict::Resolve(Box::new(NameLookup {
                name,
                resolver: Arc::clone(&self.resolver),
                prefers_v4: self.prefers_v4,
                variable: self.variable,
                resume: 0,
            })),
            None => Verdict::Continue,
        }
    }

    fn reads_request(&self) -> bool {
        self.name.reads_request()
    }
}

inventory::submit! {
    ActionEntry::new(
        "do-resolve",
        "(<scope>.<name>,<resolvers>[,ipv4|ipv6]) <expression>",
        &[HookPoint::HttpRequest, HookPoint::TcpRequest],
        "resolve a name, and keep its address",
        |action| {
            let mut inputs = action.inputs();
            let variable: Variable = inputs.parse("the name of a variable")?;
            if variable.scope() == Scope::Check {
                return Err(action.mistake("variables of the scope 'check' exist in health checks only"));
            }
            let section = inputs.input("the name of a resolvers section")?;
            let (name, span) = (section.text.to_string(), section.span);
            let mut prefers_v4 = false;
            while let Some(input) = inputs.take() {
                prefers_v4 = match &*input.text {
                    "ipv4" => true,
                    "ipv6" => false,
                    _ => return Err(inputs.bad(input, "ipv4 or ipv6")),
                };
            }
            let resolver = Arc::new(NamedResolver::new(name, span));
            let mut references = action.line.surroundings.references.borrow_mut();
            references.get_mut::<NamedResolvers>().0.push(Arc::clone(&resolver));
            drop(references);
            let name = action.expression("the name to resolve")?;
            Ok(Box::new(DoResolve { variable, resolver, prefers_v4, name }))
        },
    )
}
