//! `acl`: whether ACLs hold, all of those that are named.

use std::sync::Arc;

use proxy_config::{Diagnostic, Parsed};

use crate::acl::{Acl, all, named};
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::inputs::Inputs;
use crate::points::{Need, Points};
use crate::sample::{Sample, Type};

/// The most names that one may ask for, as in HAProxy.
const MOST: usize = 12;

/// Wherever it is evaluated: what is not there then gives no sample, and a test of it does not hold.
const ANYWHERE: Points = Need::Nothing.points();

#[derive(Debug)]
struct Asked {
    acls: Vec<Arc<Acl>>,
    /// For each of them, whether it has to hold or not.
    expected: Vec<bool>,
}

impl Asked {
    /// Whether they all come to what is expected; `None` while that is undetermined.
    fn outcome(&self, context: &Context<'_>) -> Option<bool> {
        let terms = self.acls.iter().zip(&self.expected);
        all(terms.map(|(acl, expected)| Some(acl.outcome(context, ANYWHERE)? == *expected)))
    }
}

impl Fetch for Asked {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let mut terms = self.acls.iter().zip(&self.expected);
        let holds = match context.is_final {
            true => terms.all(|(acl, expected)| acl.holds(context, ANYWHERE) == *expected),
            // Nothing is said of what may still change.
            false => self.outcome(context)?,
        };
        Some(Sample::Bool(holds))
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        !context.is_final && self.outcome(context).is_none()
    }

    fn asks(&self, acl: &str) -> bool {
        self.acls.iter().any(|asked| asked.asks(acl))
    }

    fn reads_server(&self) -> bool {
        self.acls.iter().any(|asked| asked.reads_server())
    }
}

fn asked(inputs: &mut Inputs<'_>) -> Parsed<Box<dyn Fetch>> {
    let mut asked = Asked { acls: Vec::new(), expected: Vec::new() };
    while asked.acls.len() < MOST && (inputs.has_more() || asked.acls.is_empty()) {
        let input = inputs.input("the name of an ACL, or '!' and a name")?;
        let name = input.text.strip_prefix('!').unwrap_or(&input.text);
        let Some(surroundings) = inputs.surroundings else {
            return Err(Box::new(Diagnostic::alert(input.span, "there are no ACLs here")));
        };
        asked.acls.push(named(name, input.span, surroundings)?);
        asked.expected.push(name.len() == input.text.len());
    }
    Ok(Box::new(asked))
}

inventory::submit! {
    FetchEntry::new("acl", "[!]<name>[,[!]<name>]...", Type::Bool, Need::Nothing, "whether all these ACLs hold", asked)
}
