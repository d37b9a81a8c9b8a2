//! What is said of a word that nobody knows here: HAProxy's, or mistyped.

use proto_core::words::nearest;
use proxy_config::foreign::{Place, knows};
use proxy_config::{Diagnostic, Mistake, Span};

/// A mistake about a word of some kind: `fetch`, `converter`, `action`.
pub(crate) fn unknown<'a>(
    kind: &str,
    name: &str,
    span: Span,
    foreign: Option<Place>,
    known: impl IntoIterator<Item = &'a str>,
) -> Mistake {
    if foreign.is_some_and(|place| knows(place, name)) {
        let message = format!("HAProxy {kind} '{name}' is not supported yet");
        return Box::new(Diagnostic::alert(span, message));
    }
    let problem = Diagnostic::alert(span, format!("unknown {kind} '{name}'"));
    Box::new(problem.nearest(nearest(name, known)))
}
