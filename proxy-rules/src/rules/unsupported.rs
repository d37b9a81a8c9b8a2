//! Actions that cannot be used at a hook point: those that only HAProxy has, with the reason, those of other hook
//! points, and unknown words.

use proto_core::words::nearest;
use proxy_config::foreign::{Place, knows, names, refusal};
use proxy_config::{Diagnostic, Mistake, Word};

use crate::action::ActionEntry;
use crate::points::HookPoint;

/// Prefixes of action names, and what Braid lacks for these actions.
const LACKS: &[(&str, &str)] = &[
    ("track-sc", "there are no stick tables"),
    ("sc-", "there are no stick tables"),
    ("do-log", "there are no log profiles"),
    ("lua.", "there is no Lua"),
    ("use-service", "services answer requests of HTTP"),
    ("send-spoe-group", "there is no stream processing offload"),
    ("set-bandwidth-limit", "there is no limit of bandwidth"),
    ("set-retries", "the number of attempts is set by the backend"),
    ("attach-srv", "servers do not connect to a proxy"),
    ("cache-", "there is no cache"),
    ("auth", "there are no user lists"),
];

/// Creates the alert about a word that is not an action of a hook point.
pub(super) fn unsupported(hook: HookPoint, name: &str, word: &Word) -> Mistake {
    let full = format!("{hook} {name}");
    if knows(Place::Action, &full) {
        let problem = refusal(Place::Action, &full, &format!("action '{full}'"), word.span);
        return match LACKS.iter().find(|(begin, _)| name.starts_with(begin)) {
            Some((_, lack)) => Box::new(problem.help(*lack)),
            None => problem,
        };
    }
    let problem = Diagnostic::alert(word.span, format!("unknown action '{}' of '{hook}'", word.text));
    let has = |other: &HookPoint| {
        ActionEntry::find(*other, name).is_some() || knows(Place::Action, &format!("{other} {name}"))
    };
    let own: Vec<&str> = ActionEntry::of(hook).map(|entry| entry.name).collect();
    if let Some(other) = HookPoint::ALL.iter().find(|other| has(other)) {
        let own = own.join(", ");
        return Box::new(problem.help(format!("it is an action of '{other}'; those of '{hook}' are {own}")));
    }
    // An action of HAProxy may have been meant, too; of equally near ones, the one that Braid has.
    let prefix = format!("{hook} ");
    let foreign = names(Place::Action).filter_map(|known| known.strip_prefix(&*prefix));
    let best = nearest(name, own.iter().copied());
    let best = nearest(name, best.into_iter().chain(foreign));
    Box::new(match best {
        Some(best) if own.contains(&best) => problem.nearest(Some(best)),
        Some(best) => problem.help(format!("HAProxy action '{hook} {best}' is not supported yet")),
        None => problem.help(format!("those of '{hook}' are {}", own.join(", "))),
    })
}
