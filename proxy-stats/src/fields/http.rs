//! Exchanges of HTTP.

use proxy_engine::Count;

use crate::field::Field;
use crate::subject::{OfBackend, OfFrontend, OfServer};
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(39, "hrsp_1xx", "MCPP", "responses with a status from 100 to 199")
        .metric("http_responses_total")
        .frontend(|of| frontend(of, Count::Informational))
        .server(|of| server(of, Count::Informational))
        .backend(|of| backend(of, Count::Informational)),
    Field::new(40, "hrsp_2xx", "MCPP", "responses with a status from 200 to 299")
        .metric("http_responses_total")
        .frontend(|of| frontend(of, Count::Successful))
        .server(|of| server(of, Count::Successful))
        .backend(|of| backend(of, Count::Successful)),
    Field::new(41, "hrsp_3xx", "MCPP", "responses with a status from 300 to 399")
        .metric("http_responses_total")
        .frontend(|of| frontend(of, Count::Redirections))
        .server(|of| server(of, Count::Redirections))
        .backend(|of| backend(of, Count::Redirections)),
    Field::new(42, "hrsp_4xx", "MCPP", "responses with a status from 400 to 499")
        .metric("http_responses_total")
        .frontend(|of| frontend(of, Count::ClientErrors))
        .server(|of| server(of, Count::ClientErrors))
        .backend(|of| backend(of, Count::ClientErrors)),
    Field::new(43, "hrsp_5xx", "MCPP", "responses with a status from 500 to 599")
        .metric("http_responses_total")
        .frontend(|of| frontend(of, Count::ServerErrors))
        .server(|of| server(of, Count::ServerErrors))
        .backend(|of| backend(of, Count::ServerErrors)),
    Field::new(44, "hrsp_other", "MCPP", "exchanges with another status, or without a response")
        .metric("http_responses_total")
        .frontend(|of| frontend(of, Count::OtherStatus))
        .server(|of| server(of, Count::OtherStatus))
        .backend(|of| backend(of, Count::OtherStatus)),
    Field::new(48, "req_tot", "MCPP", "requests")
        .metric("http_requests_total")
        .frontend(|of| frontend(of, Count::Requests))
        .server(|of| server(of, Count::Requests))
        .backend(|of| backend(of, Count::Requests)),
    Field::new(51, "comp_in", "MCPP", "bytes that the compressor was given")
        .metric("http_comp_bytes_in_total")
        .frontend(none)
        .backend(none_back),
    Field::new(52, "comp_out", "MCPP", "bytes that the compressor has made")
        .metric("http_comp_bytes_out_total")
        .frontend(none)
        .backend(none_back),
    Field::new(53, "comp_byp", "MCPP", "bytes that were not compressed because of a limit")
        .metric("http_comp_bytes_bypassed_total")
        .frontend(none)
        .backend(none_back),
    Field::new(54, "comp_rsp", "MCPP", "responses that were compressed")
        .metric("http_comp_responses_total")
        .frontend(none)
        .backend(none_back),
    Field::new(80, "intercepted", "MCPP", "requests that the proxy has answered itself")
        .metric("intercepted_requests_total")
        .frontend(|of| frontend(of, Count::Intercepted)),
    Field::new(86, "cache_lookups", "MCPP", "requests that were looked up in the cache")
        .metric("http_cache_lookups_total")
        .frontend(|of| of.http(Value::U64(0)))
        .backend(|of| of.http(Value::U64(0))),
    Field::new(87, "cache_hits", "MCPP", "requests that the cache has answered")
        .metric("http_cache_hits_total")
        .frontend(|of| of.http(Value::U64(0)))
        .backend(|of| of.http(Value::U64(0))),
    Field::new(108, "req_other", "MCPP", "requests of another protocol"),
    Field::new(109, "h1req", "MCPP", "requests of HTTP/1"),
    Field::new(110, "h2req", "MCPP", "requests of HTTP/2"),
    Field::new(111, "h3req", "MCPP", "requests of HTTP/3"),
    Field::new(118, "cache_hint_hits", "MCPP", "early hints that the cache has sent")
        .metric("http_cache_hint_hits_total")
        .frontend(|of| of.http(Value::U64(0)))
        .backend(|of| of.http(Value::U64(0))),
];

fn frontend(of: OfFrontend<'_>, count: Count) -> Option<Value> {
    of.http(Value::U64(of.frontend.observed().tallies().total(count)))
}

fn server(of: OfServer<'_>, count: Count) -> Option<Value> {
    of.http(Value::U64(of.server.observed().tallies().total(count)))
}

fn backend(of: OfBackend<'_>, count: Count) -> Option<Value> {
    of.http(Value::U64(of.backend.total(count)))
}

/// Nothing is compressed.
fn none(_: OfFrontend<'_>) -> Option<Value> {
    Some(Value::U64(0))
}

/// Nothing is compressed.
fn none_back(_: OfBackend<'_>) -> Option<Value> {
    Some(Value::U64(0))
}
