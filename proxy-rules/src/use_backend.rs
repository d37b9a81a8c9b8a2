//! The keyword `use_backend`: the first rule whose condition holds chooses the backend of a session or a request.

use std::collections::HashMap;
use std::sync::Arc;

use proto_core::words::nearest;
use proxy_config::endpoint::Servers;
use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Line, Mode, Parsed, Section, Sections,
    Spanned,
};

use crate::acl::{Condition, Outcome, before_condition};
use crate::context::{Context, Unevaluated};
use crate::format::Format;
use crate::points::Points;
use crate::regex::Failed;
use crate::text::Text;

/// The `use_backend` rules of a frontend, in order. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct UseBackends(Arc<Vec<Arc<UseBackend>>>);

#[derive(Debug)]
struct UseBackend {
    name: Spanned<String>,
    /// The format of the name, if it contains values.
    format: Option<Format>,
    condition: Option<Condition>,
}

impl UseBackend {
    /// Records that the rule could not be evaluated.
    fn failed(&self, context: &mut Context<'_>) -> Failed {
        let place = self.name.span.into();
        context.last_rule = Some(place);
        context.unevaluated = Some(Unevaluated::Rule(place));
        Failed
    }
}

/// The result of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'c> {
    /// The backend of the rule with this index, which has a fixed name.
    Rule(usize),
    /// A backend by a name that contains values. If there is none with this name, the default backend is used.
    Named(&'c [u8]),
}

impl UseBackends {
    /// Returns whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names of the backends, rule by rule; `None` for a name that contains values.
    pub fn names(&self) -> impl ExactSizeIterator<Item = Option<&Spanned<String>>> {
        self.0.iter().map(|rule| rule.format.is_none().then_some(&rule.name))
    }

    /// Evaluates rule after rule. A name that contains values is built in the scratch memory of the context.
    ///
    /// # Errors
    /// Returns an error if a condition could not be evaluated.
    pub fn choose<'c>(&self, context: &'c mut Context<'_>) -> Result<Option<Choice<'c>>, Failed> {
        for (place, rule) in self.0.iter().enumerate() {
            match rule.condition.as_ref().map_or(Outcome::Known(true), |it| it.outcome(context)) {
                Outcome::Known(true) => {}
                Outcome::Known(false) | Outcome::Undetermined => continue,
                Outcome::Failed => return Err(rule.failed(context)),
            }
            let Some(format) = &rule.format else { return Ok(Some(Choice::Rule(place))) };
            context.build(|context, name| format.write(context, name), |_, _| ());
            return match context.take_failure() {
                true => Err(rule.failed(context)),
                false => Ok(Some(Choice::Named(context.scratch))),
            };
        }
        Ok(None)
    }

    /// Returns whether a rule looks at the request, once the configuration has been read.
    pub fn reads_request(&self) -> bool {
        self.0.iter().any(|rule| {
            rule.condition.as_ref().is_some_and(Condition::reads_request)
                || rule.format.as_ref().is_some_and(Format::reads_request)
        })
    }

    /// Returns whether a rule may choose one of these backends.
    pub fn may_lead_to(&self, mut is_one: impl FnMut(&str) -> bool) -> bool {
        self.names().any(|name| name.is_none_or(|name| is_one(&name.value)))
    }

    /// Returns whether a rule always chooses a backend with a fixed name, so that the default backend is never used.
    pub fn is_final(&self) -> bool {
        self.0.iter().any(|rule| rule.condition.is_none() && rule.format.is_none())
    }
}

inventory::submit! {
    Directive::new(
        "use_backend",
        "<name> [{if|unless} <condition>]",
        Sections::FRONTEND,
        "where connections and requests go, before default_backend",
        use_backend,
    )
    .idle_in(Sections::only(Kind::Backend))
}

fn use_backend(line: &mut Line<'_, '_>) -> Parsed {
    let word = line.args.word("the name of a backend")?;
    let format = Format::parse(Text::of(word), Points::CHOICE, line.surroundings);
    let format = before_condition(line, format);
    let Some(format) = format else {
        Condition::parse(line, Points::CHOICE);
        return Ok(());
    };
    let literal = format.literal().map(|text| String::from_utf8_lossy(text).into_owned());
    let value = literal.clone().unwrap_or_else(|| word.text.clone());
    let condition = Condition::parse(line, Points::CHOICE);
    let rules = &mut line.section.get_mut::<UseBackends>().0;
    if let Some(last) = rules.last().filter(|rule| rule.condition.is_none()) {
        let problem =
            Diagnostic::warning(line.span, "this rule is never evaluated: the one before it always holds");
        line.surroundings.diagnostics.push(problem.related(last.name.span, "this one"));
    }
    let format = literal.is_none().then_some(format);
    Arc::make_mut(rules).push(Arc::new(UseBackend {
        name: Spanned { value, span: word.span },
        format,
        condition,
    }));
    Ok(())
}

inventory::submit! { Check { name: "use_backend", run: check } }

/// Checks that all backends with fixed names exist, and that their modes fit the frontend's.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    let backends: HashMap<&str, &Section> =
        configuration.backends().map(|section| (&*section.name.value, section)).collect();
    for frontend in configuration.frontends() {
        let Some(rules) = frontend.get::<UseBackends>() else { continue };
        if let Some(last) = rules.0.iter().find(|rule| rule.condition.is_none() && rule.format.is_none())
            && frontend.get::<Servers>().is_some()
        {
            let message = format!("the servers of {} '{}' are never used", frontend.kind, frontend.name);
            let problem = Diagnostic::warning(frontend.span(), message);
            diagnostics.push(problem.related(last.name.span, "all connections go to this backend"));
        }
        for wanted in rules.names().flatten() {
            let problem = match backends.get(&*wanted.value) {
                Some(backend) if std::ptr::eq(*backend, frontend) => {
                    let message = format!("{} '{}' leads to itself", frontend.kind, frontend.name);
                    Some(Diagnostic::alert(wanted.span, message))
                }
                Some(backend) => Mode::clash(frontend, wanted, backend),
                None => Some(missing(configuration, &backends, frontend, wanted)),
            };
            if let Some(problem) = problem {
                diagnostics.push(problem);
            }
        }
    }
}

fn missing(
    configuration: &Configuration,
    backends: &HashMap<&str, &Section>,
    frontend: &Section,
    wanted: &Spanned<String>,
) -> Diagnostic {
    match configuration.proxies.iter().find(|section| section.name.value == wanted.value) {
        Some(other) => Diagnostic::alert(wanted.span, format!("'{wanted}' is not a backend"))
            .related(other.span(), format!("it is a {}", other.kind)),
        None => {
            let message = format!("there is no backend '{wanted}' for {} '{}'", frontend.kind, frontend.name);
            Diagnostic::alert(wanted.span, message).nearest(nearest(&wanted.value, backends.keys().copied()))
        }
    }
}
