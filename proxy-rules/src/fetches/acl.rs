//! `acl`: whether all the named ACLs hold.

use std::sync::Arc;

use proxy_config::{Diagnostic, Parsed};

use crate::acl::Outcome;
use crate::acl::{Acl, all, named};
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::inputs::Inputs;
use crate::points::{Need, Points};
use crate::sample::{Sample, Type};

/// The maximum number of names, as in HAProxy.
const MOST: usize = 12;

/// Allowed everywhere: something that does not exist at a point gives no sample, and a test of it does not hold.
const ANYWHERE: Points = Need::Nothing.points();

#[derive(Debug)]
struct Asked {
    acls: Vec<Arc<Acl>>,
    /// Whether each of them has to hold, or must not.
    expected: Vec<bool>,
}

impl Asked {
    fn outcome(&self, context: &Context<'_>) -> Outcome {
        let terms = self.acls.iter().zip(&self.expected);
        all(terms.map(|(acl, expected)| acl.outcome(context, ANYWHERE).negated_if(!expected)))
    }
}

impl Fetch for Asked {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        match self.outcome(context) {
            Outcome::Known(holds) => Some(Sample::Bool(holds)),
            Outcome::Undetermined => None,
            Outcome::Failed => {
                context.fail();
                None
            }
        }
    }

    fn is_undetermined(&self, context: &Context<'_>) -> bool {
        self.outcome(context) == Outcome::Undetermined
    }

    fn asks(&self, acl: &str) -> bool {
        self.acls.iter().any(|asked| asked.asks(acl))
    }

    fn reads_server(&self) -> bool {
        self.acls.iter().any(|asked| asked.reads_server())
    }

    fn reads_request(&self) -> bool {
        self.acls.iter().any(|asked| asked.reads_request())
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
