//! Diagnostics for unknown words: they are mistyped, or only HAProxy has them.

use proto_core::words::nearest;
use proxy_config::foreign::{Place, knows, names, refusal};
use proxy_config::{Diagnostic, Mistake, Span};

/// What HAProxy has and Braid will not have: the prefix of its names, and the reason.
const REFUSED: [(&str, &str); 1] =
    [("distcc_", "looking into distcc is not planned: 'req.payload' and 'req.payload_lv' give the bytes")];

/// Creates the alert about an unknown word of some kind: `fetch`, `converter`, `action`. It names the nearest word, and
/// says so if that is one that only HAProxy has.
pub(crate) fn unknown<'a>(
    kind: &str,
    name: &str,
    span: Span,
    foreign: Option<Place>,
    known: impl IntoIterator<Item = &'a str>,
) -> Mistake {
    if let Some(place) = foreign.filter(|place| knows(*place, name)) {
        if let Some((_, reason)) = REFUSED.iter().find(|(beginning, _)| name.starts_with(beginning)) {
            let message = format!("HAProxy {kind} '{name}' is not supported");
            return Box::new(Diagnostic::alert(span, message).help(*reason));
        }
        return refusal(place, name, &format!("{kind} '{name}'"), span);
    }
    let problem = Diagnostic::alert(span, format!("unknown {kind} '{name}'"));
    let known: Vec<&str> = known.into_iter().collect();
    // Of equally near words, the one that Braid has was meant.
    let own = nearest(name, known.iter().copied());
    let of_haproxy = foreign.into_iter().flat_map(names).map(|name| -> &'a str { name });
    let best = nearest(name, own.into_iter().chain(of_haproxy));
    match best.filter(|best| !known.contains(best)) {
        Some(best) => Box::new(problem.help(format!("HAProxy {kind} '{best}' is not supported yet"))),
        None => Box::new(problem.nearest(best)),
    }
}
