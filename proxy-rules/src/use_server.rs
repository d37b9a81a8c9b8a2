//! The keyword `use-server`: the first rule whose condition holds and whose server can be used chooses the server, in
//! place of the balancing algorithm.

use std::sync::Arc;

use proto_core::words::nearest;
use proxy_config::endpoint::Servers;
use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Line, Parsed, Sections, Spanned, mistake,
};

use crate::acl::{Condition, Outcome, before_condition};
use crate::context::{Context, Unevaluated};
use crate::format::Format;
use crate::points::Points;
use crate::regex::Failed;
use crate::text::Text;
use crate::use_backend::Choice;

/// The `use-server` rules of a backend, in order. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct UseServers(Arc<Vec<Arc<UseServer>>>);

#[derive(Debug)]
struct UseServer {
    name: Spanned<String>,
    /// The format of the name, if it contains values.
    format: Option<Format>,
    condition: Condition,
}

impl UseServers {
    /// Returns whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names of the servers, rule by rule; `None` for a name that contains values.
    pub fn names(&self) -> impl ExactSizeIterator<Item = Option<&Spanned<String>>> {
        self.0.iter().map(|rule| rule.format.is_none().then_some(&rule.name))
    }

    /// Evaluates rule after rule until `accept` returns `true` for the choice of one that holds.
    ///
    /// # Errors
    /// Returns an error if a rule could not be evaluated.
    pub fn choose(
        &self,
        context: &mut Context<'_>,
        mut accept: impl FnMut(Choice<'_>) -> bool,
    ) -> Result<(), Failed> {
        for (place, rule) in self.0.iter().enumerate() {
            match rule.condition.outcome(context) {
                Outcome::Known(true) => {}
                Outcome::Known(false) | Outcome::Undetermined => continue,
                Outcome::Failed => return Err(rule.failed(context)),
            }
            let is_accepted = match &rule.format {
                None => accept(Choice::Rule(place)),
                Some(format) => {
                    context.build(|context, name| format.write(context, name), |_, _| ());
                    if context.take_failure() {
                        return Err(rule.failed(context));
                    }
                    accept(Choice::Named(context.scratch))
                }
            };
            if is_accepted {
                break;
            }
        }
        Ok(())
    }

    /// Returns whether a rule looks at the request, once the configuration has been read.
    pub fn reads_request(&self) -> bool {
        self.0.iter().any(|rule| {
            rule.condition.reads_request() || rule.format.as_ref().is_some_and(Format::reads_request)
        })
    }
}

impl UseServer {
    /// Records that the rule could not be evaluated.
    fn failed(&self, context: &mut Context<'_>) -> Failed {
        let place = self.name.span.into();
        context.last_rule = Some(place);
        context.unevaluated = Some(Unevaluated::Rule(place));
        Failed
    }
}

inventory::submit! {
    Directive::new(
        "use-server",
        "<name> {if|unless} <condition>",
        Sections::BACKEND,
        "which server sessions and requests go to, before 'balance'",
        use_server,
    )
    .idle_in(Sections::only(Kind::Frontend))
}

fn use_server(line: &mut Line<'_, '_>) -> Parsed {
    let word = line.args.word("the name of a server")?;
    let format = Format::parse(Text::of(word), Points::SERVER, line.surroundings);
    let format = before_condition(line, format);
    let condition = Condition::parse(line, Points::SERVER);
    let Some(format) = format else { return Ok(()) };
    let Some(condition) = condition else {
        return Err(mistake(line.span, "'use-server' requires 'if' or 'unless' and a condition"));
    };
    let literal = format.literal().map(|text| String::from_utf8_lossy(text).into_owned());
    let value = literal.clone().unwrap_or_else(|| word.text.clone());
    let name = Spanned { value, span: word.span };
    let format = literal.is_none().then_some(format);
    let rules = &mut line.section.get_mut::<UseServers>().0;
    Arc::make_mut(rules).push(Arc::new(UseServer { name, format, condition }));
    Ok(())
}

inventory::submit! { Check { name: "use-server", run: check } }

/// Checks that all servers with fixed names exist.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for backend in configuration.backends() {
        let (Some(rules), none) = (backend.get::<UseServers>(), Servers::default()) else { continue };
        let servers = || backend.get().unwrap_or(&none).0.iter().map(|server| &*server.name.value);
        for wanted in rules.names().flatten() {
            if !servers().any(|name| name == wanted.value) {
                let message = format!("there is no server '{wanted}' in {} '{}'", backend.kind, backend.name);
                let problem = Diagnostic::alert(wanted.span, message);
                diagnostics.push(problem.nearest(nearest(&wanted.value, servers())));
            }
        }
    }
}
