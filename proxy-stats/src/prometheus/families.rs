//! The metrics of frontends, listeners, backends and servers: the fields of statistics that have the name of one.

use proxy_engine::commands::Handle;
use proxy_health::Status;

use super::exposition::{Exposition, Family, Number};
use super::parameters::Scope;
use crate::field::Field;
use crate::fields;
use crate::selection::{Selection, proxies};
use crate::subject::{Kind, Subject};
use crate::value::Value;

/// Appends all metrics of objects.
pub(super) fn write(exposition: &mut Exposition<'_>, engine: &Handle) {
    let proxies = proxies(engine);
    let selection =
        Selection { without_maintenance: exposition.parameters.without_maintenance, ..Selection::default() };
    let subjects: Vec<Subject<'_>> = proxies.iter().flat_map(|proxy| selection.subjects(proxy)).collect();
    for (scope, kind) in [
        (Scope::Frontend, Kind::Frontend),
        (Scope::Listener, Kind::Listener),
        (Scope::Backend, Kind::Backend),
        (Scope::Server, Kind::Server),
    ] {
        let subjects: Vec<&Subject<'_>> = subjects.iter().filter(|subject| subject.kind() == kind).collect();
        let mut named: Vec<(&str, Vec<&Field>)> = Vec::new();
        // Fields of one name are one family, with a label that distinguishes them.
        for field in fields::all().iter().filter_map(|field| Some((field.metric_of(kind)?, *field))) {
            match named.iter_mut().find(|(name, _)| *name == field.0) {
                Some((_, same)) => same.push(field.1),
                None => named.push((field.0, vec![field.1])),
            }
        }
        for (name, same) in named {
            let Some(first) = same.first() else { continue };
            let is_counter = first.tags(kind).as_bytes().get(1) == Some(&b'C');
            let family = Family { scope, name, help: first.help, is_counter };
            if !exposition.wants(&family) {
                continue;
            }
            let samples =
                same.iter().flat_map(|field| subjects.iter().flat_map(|subject| samples(field, subject)));
            exposition.family(&family, samples);
        }
    }
}

type Sample = (Vec<(&'static str, String)>, Number);

/// Returns the samples of a field of an object: one for most, one for each state of a status.
fn samples(field: &Field, subject: &Subject<'_>) -> Vec<Sample> {
    let labels = labels(subject);
    let value = field.value(subject);
    let with = |name: &'static str, value: &str, number: Number| {
        let own = (name, value.to_owned());
        (labels.iter().cloned().chain([own]).collect(), number)
    };
    match (field.name, &value) {
        ("status", Some(Value::Text(status))) => states(subject.kind())
            .iter()
            .map(|state| {
                with("state", state, Number::Whole((state_of(subject.kind(), status) == *state).into()))
            })
            .collect(),
        ("agg_server_status" | "agg_server_check_status", _) => {
            let Subject::Backend(of) = subject else { return Vec::new() };
            let status = fields::named("status");
            let counted = |state: &str| {
                let statuses = of.servers().filter_map(|server| status?.value(&Subject::Server(server)));
                statuses.filter(|status| state_of(Kind::Server, &status.to_string()) == state).count()
            };
            SERVER_STATES
                .iter()
                .map(|state| with("state", state, Number::Count(counted(state) as u64)))
                .collect()
        }
        ("agg_check_status", _) => {
            let Subject::Backend(of) = subject else { return Vec::new() };
            let check = fields::named("check_status");
            let results: Vec<String> = of
                .servers()
                .filter_map(|server| Some(check?.value(&Subject::Server(server))?.to_string()))
                .collect();
            let counted = |name: &str| results.iter().filter(|result| *result == name).count();
            check_results().map(|name| with("state", name, Number::Count(counted(name) as u64))).collect()
        }
        ("check_status" | "agent_status", Some(Value::Text(result))) => {
            check_results().map(|name| with("state", name, Number::Whole((result == name).into()))).collect()
        }
        // A server that is not checked has no result.
        (
            "check_status" | "agent_status" | "check_code" | "agent_code" | "check_duration"
            | "agent_duration",
            None,
        ) => Vec::new(),
        (name, Some(_)) if name.starts_with("hrsp_") => {
            vec![with("code", &name["hrsp_".len()..], number(field, value.as_ref()))]
        }
        // Values that only HTTP has are left out elsewhere.
        (name, None) if name.starts_with("hrsp_") || IS_OF_HTTP.contains(&name) => Vec::new(),
        _ => vec![(labels, number(field, value.as_ref()))],
    }
}

/// Returns the names of the results of checks that say something about a server.
fn check_results() -> impl Iterator<Item = &'static str> {
    let known = Status::ALL.into_iter().filter(|status| {
        let outcome = status.outcome();
        outcome.is_success() || outcome.is_failure()
    });
    known.map(Status::name)
}

/// Fields that objects have in mode http only.
const IS_OF_HTTP: [&str; 5] = ["req_tot", "intercepted", "cache_lookups", "cache_hits", "cache_hint_hits"];

fn number(field: &Field, value: Option<&Value>) -> Number {
    let is_time = ["qtime", "ctime", "rtime", "ttime", "check_duration", "agent_duration"]
        .iter()
        .any(|name| field.name.strip_suffix("_max").unwrap_or(field.name) == *name);
    match value {
        Some(Value::U32(number)) if is_time => Number::Milliseconds((*number).into()),
        Some(Value::U64(number)) if is_time => Number::Milliseconds(*number),
        Some(Value::U32(number)) => Number::Whole((*number).into()),
        Some(Value::S32(number)) => Number::Whole((*number).into()),
        Some(Value::U64(number)) => Number::Count(*number),
        Some(Value::Text(_)) | None => Number::None,
    }
}

fn labels(subject: &Subject<'_>) -> Vec<(&'static str, String)> {
    match subject {
        Subject::Frontend(of) => vec![("proxy", of.frontend.name().to_owned())],
        Subject::Listener(of) => vec![("proxy", of.frontend.name().to_owned()), ("listener", of.name())],
        Subject::Server(of) => {
            vec![("proxy", of.backend.name().to_owned()), ("server", of.server.name().to_owned())]
        }
        Subject::Backend(of) => vec![("proxy", of.backend.name().to_owned())],
    }
}

const SERVER_STATES: [&str; 5] = ["DOWN", "UP", "MAINT", "DRAIN", "NOLB"];

fn states(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Frontend | Kind::Backend => &["DOWN", "UP"],
        Kind::Listener => &["WAITING", "OPEN", "FULL"],
        Kind::Server => &SERVER_STATES,
    }
}

/// Returns the state of a kind of objects that a status means.
fn state_of(kind: Kind, status: &str) -> &'static str {
    match kind {
        Kind::Frontend if status == "STOP" => "DOWN",
        Kind::Frontend => "UP",
        Kind::Backend if status.starts_with("DOWN") => "DOWN",
        Kind::Backend => "UP",
        Kind::Listener if status == "FULL" => "FULL",
        Kind::Listener if status == "WAITING" => "WAITING",
        Kind::Listener => "OPEN",
        Kind::Server => {
            let words = ["DOWN", "MAINT", "DRAIN", "NOLB"];
            words.into_iter().find(|word| status.starts_with(word)).unwrap_or("UP")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_of_the_states() {
        let cases =
            [("no check", "UP"), ("UP 1/3", "UP"), ("DOWN 1/2", "DOWN"), ("MAINT (resolution)", "MAINT")];
        for (status, state) in cases {
            assert_eq!(state_of(Kind::Server, status), state);
        }
        assert_eq!(state_of(Kind::Backend, "UP (1/2)"), "UP");
    }
}
