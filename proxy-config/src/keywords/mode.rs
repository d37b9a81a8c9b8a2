//! `mode`.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, mistake};
use crate::directive::{Check, Directive};
use crate::keywords::default_backend;
use crate::section::{Configuration, Section, Sections};
use crate::source::Spanned;

/// The protocol that a proxy understands in the connections that it passes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// None: bytes are passed on as they are.
    #[default]
    Tcp,
    /// HTTP requests and responses.
    Http,
}

impl Mode {
    /// Returns the argument of `mode`.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Tcp => "tcp",
            Mode::Http => "http",
        }
    }

    /// Returns an alert if a frontend of mode http leads to a backend of mode tcp, which it names as `wanted`. The
    /// other way around is allowed: sessions become connections of HTTP.
    pub fn clash(frontend: &Section, wanted: &Spanned<String>, backend: &Section) -> Option<Diagnostic> {
        let (own, other): (Mode, Mode) = (frontend.values.get_or_default(), backend.values.get_or_default());
        // The mode is not known if its line was refused.
        if own == other || own == Mode::Tcp || frontend.has_refused("mode") || backend.has_refused("mode") {
            return None;
        }
        let message = format!(
            "{} '{}' is of mode http and cannot lead to {} '{wanted}', which is of mode tcp",
            frontend.kind, frontend.name, backend.kind,
        );
        Some(Diagnostic::alert(wanted.span, message).related(backend.span(), "this one"))
    }
}

/// Modes of HAProxy that Braid does not have.
const HAPROXY: [&str; 3] = ["log", "spop", "haterm"];

inventory::submit! {
    Directive::new("mode", "tcp|http", Sections::PROXY.union(Sections::DEFAULTS), "the protocol of connections", |line| {
        if let Some(word) = line.args.peek() {
            if HAPROXY.contains(&word.text.as_str()) {
                let message = format!("HAProxy mode '{}' is not supported yet", word.text);
                return Err(Box::new(mistake(word.span, message).help("'tcp' and 'http' are")));
            }
            if word.text == "health" {
                let message = "mode 'health' has been removed from HAProxy, and is not supported either";
                let help = "a frontend of mode http with 'http-request return status 200' does what it did";
                return Err(Box::new(mistake(word.span, message).help(help)));
            }
        }
        line.section.set(line.args.one_of(&[("tcp", Mode::Tcp), ("http", Mode::Http)])?);
        Ok(())
    })
}

inventory::submit! { Check { name: "modes", run: check } }

/// Refuses frontends of mode http that lead to a backend of mode tcp.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    let backends: HashMap<&str, &Section> =
        configuration.backends().map(|section| (&*section.name.value, section)).collect();
    for frontend in configuration.frontends() {
        let wanted = default_backend(frontend);
        let clash = wanted.and_then(|name| Mode::clash(frontend, name, backends.get(&*name.value)?));
        clash.into_iter().for_each(|problem| diagnostics.push(problem));
    }
}
