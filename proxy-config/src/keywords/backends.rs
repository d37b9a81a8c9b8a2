//! `default_backend`: the backend of connections for which no rule chooses another one.

use std::collections::HashMap;

use proto_core::words::nearest;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::directive::{Check, Directive};
use crate::endpoint::Servers;
use crate::section::{Configuration, Kind, Section, Sections};
use crate::source::Spanned;

/// The name of the default backend of a frontend.
#[derive(Clone, Debug)]
pub struct DefaultBackend(pub Spanned<String>);

inventory::submit! {
    Directive::new(
        "default_backend",
        "<name>",
        Sections::FRONTEND.union(Sections::DEFAULTS),
        "the backend of connections that no rule leads elsewhere",
        |line| {
            let word = line.args.word("the name of a backend")?;
            line.section.set(DefaultBackend(Spanned { value: word.text.clone(), span: word.span }));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Backend))
}

/// Returns the name of the backend for connections of a frontend for which no rule chooses another one, if it is set.
pub fn default_backend(section: &Section) -> Option<&Spanned<String>> {
    section.get::<DefaultBackend>().map(|DefaultBackend(name)| name)
}

inventory::submit! { Check { name: "backends", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    let backends: HashMap<&str, &Section> =
        configuration.backends().map(|section| (&*section.name.value, section)).collect();
    for frontend in configuration.frontends() {
        let Some(wanted) = default_backend(frontend) else { continue };
        if frontend.get::<Servers>().is_some() {
            let message = format!("the servers of {} '{}' are never used", frontend.kind, frontend.name);
            let problem = Diagnostic::warning(frontend.span(), message);
            diagnostics.push(problem.related(wanted.span, "all connections go to this backend"));
        }
        if wanted.value == frontend.name.value && frontend.kind.is_backend() {
            let message = format!("{} '{}' leads to itself", frontend.kind, frontend.name);
            let problem = Diagnostic::alert(wanted.span, message);
            diagnostics.push(problem.help("without 'default_backend' its own servers are used"));
        }
        if backends.contains_key(&*wanted.value) {
            continue;
        }
        let problem = match configuration.proxies.iter().find(|section| section.name.value == wanted.value) {
            Some(other) => Diagnostic::alert(wanted.span, format!("'{wanted}' is not a backend"))
                .related(other.span(), format!("it is a {}", other.kind)),
            None => {
                let message =
                    format!("there is no backend '{wanted}' for {} '{}'", frontend.kind, frontend.name);
                Diagnostic::alert(wanted.span, message)
                    .nearest(nearest(&wanted.value, backends.keys().copied()))
            }
        };
        diagnostics.push(problem);
    }
}
