//! `healthcheck` sections, which define a check for any server, and the server keyword that refers to one.

use proto_core::words::nearest;
use proxy_config::endpoint::Servers;
use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Kind, Parameter, Parsed, Scope, Section,
    Sections, Spanned, Values, foreign, mistake,
};

use crate::checks::CheckEntry;
use crate::plan::CheckPlan;

/// The name of the section that says how a server is checked, in place of its backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheckName(pub Spanned<String>);

inventory::submit! {
    Parameter::new("healthcheck", Scope::Server, "<name>", "check the server as this section says", |endpoint| {
        let word = endpoint.args.word("the name of a healthcheck section")?;
        let name = Spanned { value: word.text.clone(), span: word.span };
        endpoint.values.set(HealthCheckName(name));
        Ok(())
    })
}

inventory::submit! {
    Directive::new("type", "<check> [<argument>...]", Sections::HEALTH_CHECK, "the kind of check", |line| {
        let names: Vec<&str> = types().map(|entry| entry.name).collect();
        let expected = format!("one of {}", names.join(", "));
        let word = line.args.word(&expected)?;
        let Some(entry) = types().find(|entry| entry.name == word.text) else {
            let option = format!("option {}", word.text);
            if foreign::knows(foreign::Place::Proxy, &option) {
                let what = format!("type '{}' of healthcheck sections", word.text);
                return Err(foreign::refusal(foreign::Place::Proxy, &option, &what, word.span));
            }
            let problem = mistake(word.span, format!("unknown type '{}' of a healthcheck section", word.text));
            return Err(Box::new(problem.expected(expected).nearest(nearest(&word.text, names))));
        };
        if CheckPlan::of(line).choice().is_some() {
            return Err(mistake(line.span, format!("the type of healthcheck '{}' is already set", line.name)));
        }
        line.args.after(&word.text);
        let choice = (entry.choose)(line)?;
        CheckPlan::of(line).choose(choice);
        Ok(())
    })
}

/// Returns the kinds of checks that a section may define: all but commands.
fn types() -> impl Iterator<Item = &'static CheckEntry> {
    CheckEntry::entries().iter().filter(|entry| entry.name != "external-check")
}

impl CheckPlan {
    /// Returns how a server of a section is checked. `values` are those of the server.
    pub fn of_server(configuration: &Configuration, section: &Section, values: &Values) -> CheckPlan {
        let named =
            values.get::<HealthCheckName>().and_then(|HealthCheckName(name)| find(configuration, name));
        named.unwrap_or(section).values.get_or_default()
    }
}

fn find<'c>(configuration: &'c Configuration, name: &Spanned<String>) -> Option<&'c Section> {
    configuration.shared(Kind::HealthCheck).find(|section| section.name.value == name.value)
}

inventory::submit! { Check { name: "healthcheck sections", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    for section in configuration.shared(Kind::HealthCheck) {
        diagnostics.take(check_type(section));
    }
    let names = || configuration.shared(Kind::HealthCheck).map(|section| &*section.name.value);
    for section in configuration.backends() {
        for server in section.get::<Servers>().map_or(&[][..], |servers| &servers.0) {
            let Some(HealthCheckName(name)) = server.parameters.values.get() else { continue };
            if find(configuration, name).is_none() {
                let message = format!("there is no healthcheck section '{name}'");
                let problem = Diagnostic::alert(name.span, message);
                diagnostics.push(problem.nearest(nearest(&name.value, names())));
            }
        }
    }
}

/// Checks that a section has a type, and that its steps are of that type.
fn check_type(section: &Section) -> Parsed {
    if section.has_refused("type") {
        return Ok(());
    }
    let plan: CheckPlan = section.values.get_or_default();
    if plan.choice().is_none() {
        let problem = mistake(section.span(), format!("healthcheck '{}' has no type", section.name));
        return Err(Box::new(problem.help("add a line with 'type' and the kind of check")));
    }
    match plan.unused().next() {
        None => Ok(()),
        Some((keyword, _, span)) => {
            let message =
                format!("'{keyword}' cannot be combined with the type of healthcheck '{}'", section.name);
            Err(mistake(span, message))
        }
    }
}
