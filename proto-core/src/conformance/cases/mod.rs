//! The cases of the suite: what each expects, what it needs, and where it runs.

mod address;
mod alternatives;
mod backlog;
mod bytes;
mod delivery;
mod descriptors;
mod detach;
mod errors;
mod facts;
mod family;
mod forwarding;
mod inherited;
mod options;
mod queue;
mod relay;
mod runtime;
mod stages;
mod table;
mod waiting;

use self::table::CASES;
use super::harness::watched;
use super::{Ended, Subject, Trait, isolated, message};
use crate::family::Family;

/// A case of the suite.
struct Case {
    name: &'static str,
    /// The capability that it needs.
    needs: Option<Trait>,
    /// What it expects, in one sentence.
    expects: &'static str,
    place: Place,
    run: fn(&Subject) -> Ended,
}

/// Where a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// On a thread of the test's process.
    Here,
    /// In a separate process: parallel tests share the descriptor table.
    Process,
    /// In a process with a separate network: a connect that nothing answers must not happen in the host's network,
    /// where it can disable MPTCP for an hour.
    Network,
}

/// Runs a case, or returns why it does not apply.
///
/// # Panics
/// Panics if it fails, with the step, what was expected, and what to do if the transport cannot do it.
pub(super) fn run(name: &str, module: &str, subject: fn() -> Subject) -> Ended {
    let case = CASES.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("unknown case {name}"));
    let first = subject();
    let lacking = case.needs.and_then(|needed| first.lacks(needed));
    if let Some(why) = lacking {
        return Ended::DoesNotApply(why.to_owned());
    }
    // A transport that is not of the Internet does not affect the host's network.
    let ip = first.protocol.descriptor().families.iter().any(|family| Family::INTERNET.contains(family));
    let place = if case.place == Place::Network && !ip { Place::Process } else { case.place };
    drop(first);
    let run = case.run;
    let here = || match watched(case.name, move || run(&subject())) {
        Ok(ended) => ended,
        Err(failure) => {
            let needed = case.needs.map(|needed| format!("Trait::{needed:?}"));
            panic!("{}", message(case.name, case.expects, failure, needed.as_deref()))
        }
    };
    match place {
        Place::Here => here(),
        Place::Process => {
            let mut ended = Ended::Passed;
            isolated::in_child(name, module, || ended = here());
            ended
        }
        Place::Network => {
            let mut ended = Ended::Passed;
            match isolated::child(name, module, true, || ended = here()) {
                Ok(()) => ended,
                Err(why) => Ended::Skipped(format!("no network namespace can be made here: {why}")),
            }
        }
    }
}
