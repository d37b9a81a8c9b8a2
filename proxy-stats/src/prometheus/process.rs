//! The metrics of the process.

use proxy_engine::commands::Handle;

use super::exposition::{Exposition, Family, Number};
use super::parameters::Scope;
use crate::info::facts::Info;
use crate::info::table::FACTS;
use crate::process::Process;
use crate::value::Value;

/// Facts that count events although their tags do not say so.
const COUNTERS: [&str; 5] = ["CumConns", "CumReq", "DroppedLogs", "TotalBytesOut", "TotalSplicedBytesOut"];

pub(super) fn write(exposition: &mut Exposition<'_>, process: &Process, engine: &Handle) {
    let info = Info::gather(process, engine);
    for fact in FACTS.iter().filter(|fact| !fact.metric.is_empty()) {
        let is_counter = COUNTERS.contains(&fact.name) || fact.tags.as_bytes().get(1) == Some(&b'C');
        let family = Family { scope: Scope::Process, name: fact.metric, help: fact.help, is_counter };
        if !exposition.wants(&family) {
            continue;
        }
        let Some(value) = (fact.value)(&info) else { continue };
        let sample = match value {
            Value::U32(number) => (Vec::new(), Number::Whole(number.into())),
            Value::S32(number) => (Vec::new(), Number::Whole(number.into())),
            Value::U64(number) => (Vec::new(), Number::Count(number)),
            // A text is a label of a sample that is always 1.
            Value::Text(text) => (vec![(label(fact.name), text)], Number::Whole(1)),
        };
        exposition.family(&family, [sample]);
    }
}

/// Returns the label that a text is the value of.
fn label(name: &str) -> &'static str {
    match name {
        "Build info" => "version",
        "node" => "node",
        _ => "desc",
    }
}
