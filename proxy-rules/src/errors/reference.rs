//! References to `http-errors` sections. Such a section may follow those that name it, so it is looked up after the
//! whole configuration was read.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use proto_core::words::nearest;
use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Kind, Section, Spanned, Values};

use super::ErrorStatus;
use super::messages::{ErrorLine, ErrorMessages, Lines};
use crate::answer::{Answer, Head};

/// The message of an `http-errors` section for a status.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    section: Spanned<String>,
    status: ErrorStatus,
    /// The message, filled by the check; clones share it.
    found: Arc<OnceLock<Arc<Answer>>>,
}

/// All references in the rules of a section.
#[derive(Clone, Debug, Default)]
struct References(Vec<Reference>);

impl Reference {
    /// Creates a reference, and adds it to the values of its section, where the check finds it.
    pub(crate) fn new(section: Spanned<String>, status: ErrorStatus, values: &mut Values) -> Reference {
        let reference = Reference { section, status, found: Arc::default() };
        values.get_mut::<References>().0.push(reference.clone());
        reference
    }

    /// Returns the line that adopts the message for a section.
    pub(super) fn line(self) -> ErrorLine {
        ErrorLine::From { section: self.section, only: vec![self.status] }
    }

    /// Returns the message.
    pub(crate) fn answer(&self) -> Arc<Answer> {
        self.found.get_or_init(|| bare(self.status)).clone()
    }
}

/// Returns HAProxy's reply where a section has no message for a status that a rule takes from it: the status alone.
fn bare(status: ErrorStatus) -> Arc<Answer> {
    let mut head = Head::new(status.code());
    head.field(b"content-length", b"0");
    Arc::new(head.answer(status.code(), Arc::default()))
}

inventory::submit! { Check { name: "http-errors", run: check } }

fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    // What defaults refer to is found in each proxy that inherits them, and is reported once.
    let mut told = HashSet::new();
    let mut tell = |diagnostic: Diagnostic| {
        if told.insert((diagnostic.span, diagnostic.message.clone())) {
            diagnostics.push(diagnostic);
        }
    };
    let sections = configuration.shared(Kind::HttpErrors);
    let sections = sections.map(|it| (&*it.name.value, (it, ErrorMessages::of(it, configuration))));
    let sections: HashMap<_, _> = sections.collect();
    for proxy in &configuration.proxies {
        for line in proxy.get::<Lines>().map_or(&[][..], |lines| &lines.0) {
            let ErrorLine::From { section: name, only } = line else { continue };
            match sections.get(&*name.value) {
                None => tell(unknown(configuration, name)),
                Some((section, messages)) => {
                    for status in only.iter().filter(|status| messages.own(**status).is_none()) {
                        tell(missing(section, name, *status));
                    }
                }
            }
        }
        for reference in proxy.get::<References>().map_or(&[][..], |references| &references.0) {
            // A reference in defaults is shared by all sections that inherit them.
            if reference.found.get().is_some() {
                continue;
            }
            let name = &reference.section;
            let Some((section, messages)) = sections.get(&*name.value) else {
                tell(unknown(configuration, name));
                continue;
            };
            match messages.own(reference.status) {
                Some(answer) => {
                    reference.found.get_or_init(|| answer.clone());
                }
                None => {
                    let problem = missing(section, name, reference.status);
                    tell(problem.help("the reply is the status without a body"));
                }
            }
        }
    }
}

fn unknown(configuration: &Configuration, name: &Spanned<String>) -> Diagnostic {
    let known = configuration.shared(Kind::HttpErrors).map(|section| &*section.name.value);
    Diagnostic::alert(name.span, format!("there is no http-errors section '{name}'"))
        .nearest(nearest(&name.value, known))
}

fn missing(section: &Section, name: &Spanned<String>, status: ErrorStatus) -> Diagnostic {
    let message = format!("http-errors section '{name}' has no message for {}", status.code());
    Diagnostic::warning(name.span, message).related(section.span(), "the section")
}
