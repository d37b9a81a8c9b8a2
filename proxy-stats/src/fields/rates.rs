//! Events in a second.

use proxy_engine::Count;

use crate::field::Field;
use crate::subject::Kind;
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(33, "rate", "MRPP", "sessions in the last second")
        .metric("current_session_rate")
        .frontend(|of| rate(of.frontend.observed().rates().sessions.now(of.frontend.counters().ever())))
        .server(|of| rate(of.server.observed().rates().sessions.now(of.server.counters().ever())))
        .backend(|of| rate(of.backend.observed().rates().sessions.now(of.backend.counters().ever()))),
    Field::new(34, "rate_lim", "CLPV", "limit of sessions in a second, 0 for none")
        .metric("limit_session_rate")
        .frontend(|of| Some(Value::U32(of.frontend.session_rate_limit()))),
    Field::new(35, "rate_max", "MMPV", "most sessions in a second")
        .metric("max_session_rate")
        .tagged(Kind::Backend, "MGPV")
        .frontend(|of| rate(of.frontend.observed().rates().sessions.peak(of.frontend.counters().ever())))
        .server(|of| rate(of.server.observed().rates().sessions.peak(of.server.counters().ever())))
        .backend(|of| rate(of.backend.observed().rates().sessions.peak(of.backend.counters().ever()))),
    Field::new(46, "req_rate", "MRPP", "requests in the last second").frontend(|of| {
        let observed = of.frontend.observed();
        rate(observed.rates().requests.now(observed.tallies().ever(Count::Requests)))
    }),
    Field::new(47, "req_rate_max", "MMPV", "most requests in a second")
        .metric("http_requests_rate_max")
        .frontend(|of| {
            let observed = of.frontend.observed();
            rate(observed.rates().requests.peak(observed.tallies().ever(Count::Requests)))
        }),
    Field::new(77, "conn_rate", "MRPP", "connections in the last second")
        .frontend(|of| rate(of.frontend.observed().rates().sessions.now(of.frontend.counters().ever()))),
    Field::new(78, "conn_rate_max", "MMPV", "most connections in a second")
        .metric("connections_rate_max")
        .frontend(|of| rate(of.frontend.observed().rates().sessions.peak(of.frontend.counters().ever()))),
];

fn rate(events: u64) -> Option<Value> {
    Some(Value::U32(u32::try_from(events).unwrap_or(u32::MAX)))
}
