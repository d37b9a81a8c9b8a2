//! Sessions and exchanges: how many there are, and were.

use proxy_engine::Count;

use crate::field::Field;
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(4, "scur", "MGPV", "sessions now")
        .metric("current_sessions")
        .frontend(|of| Some(Value::small(of.frontend.counters().current())))
        .listener(|of| Some(Value::small(of.listener.observed().counters().current())))
        .server(|of| Some(Value::small(of.server.counters().current())))
        .backend(|of| Some(Value::small(of.backend.counters().current()))),
    Field::new(5, "smax", "MMPV", "most sessions at once")
        .metric("max_sessions")
        .frontend(|of| Some(Value::small(of.frontend.counters().peak())))
        .listener(|of| Some(Value::small(of.listener.observed().counters().peak())))
        .server(|of| Some(Value::small(of.server.counters().peak())))
        .backend(|of| Some(Value::small(of.backend.counters().peak()))),
    Field::new(6, "slim", "CLPV", "limit of sessions")
        .metric("limit_sessions")
        .frontend(|of| Some(Value::small(of.frontend.maxconn().unwrap_or(0))))
        .listener(|of| Some(Value::small(of.listener.maxconn().unwrap_or(0))))
        .server(|of| of.server.maxconn().map(Value::small))
        .backend(|of| Some(Value::small(of.backend.fullconn()))),
    Field::new(7, "stot", "MCPP", "sessions since the start")
        .metric("sessions_total")
        .frontend(|of| Some(Value::U64(of.frontend.counters().total())))
        .listener(|of| Some(Value::U64(of.listener.observed().counters().total())))
        .server(|of| Some(Value::U64(of.server.counters().total())))
        .backend(|of| Some(Value::U64(of.backend.counters().total()))),
    Field::new(30, "lbtot", "MCPP", "sessions that the balancing algorithm has assigned")
        .metric("loadbalanced_total")
        .server(|of| Some(Value::U64(of.server.observed().tallies().total(Count::Balanced))))
        .backend(|of| Some(Value::U64(of.backend.total(Count::Balanced)))),
    Field::new(55, "lastsess", "MAPP", "seconds since the last session, -1 without one")
        .metric("last_session_seconds")
        .server(|of| Some(age(of.server.observed().rates().since_last(of.server.counters().ever()))))
        .backend(|of| Some(age(of.backend.observed().rates().since_last(of.backend.counters().ever())))),
    Field::new(104, "sess_other", "MCPV", "sessions that are not of HTTP").frontend(|of| {
        let is_http = of.http(Value::U32(0)).is_some();
        Some(Value::U64(if is_http { 0 } else { of.frontend.counters().total() }))
    }),
    Field::new(105, "h1sess", "MCPP", "sessions of HTTP/1"),
    Field::new(106, "h2sess", "MCPP", "sessions of HTTP/2"),
    Field::new(107, "h3sess", "MCPP", "sessions of HTTP/3"),
];

fn age(seconds: Option<u64>) -> Value {
    Value::S32(seconds.map_or(-1, |seconds| i32::try_from(seconds).unwrap_or(i32::MAX)))
}
