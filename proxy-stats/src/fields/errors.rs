//! What was denied, and what went wrong.

use proxy_engine::{Backend, Count, Frontend, Listener, Server};

use crate::field::Field;
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(10, "dreq", "MCPP", "requests that rules have denied")
        .metric("requests_denied_total")
        .frontend(|of| frontend(of.frontend, Count::DeniedRequests))
        .listener(|of| listener(of.listener, Count::DeniedRequests))
        .backend(|of| backend(of.backend, Count::DeniedRequests)),
    Field::new(11, "dresp", "MCPP", "responses that rules have denied")
        .metric("responses_denied_total")
        .frontend(|of| frontend(of.frontend, Count::DeniedResponses))
        .listener(|of| listener(of.listener, Count::DeniedResponses))
        .server(|of| server(of.server, Count::DeniedResponses))
        .backend(|of| backend(of.backend, Count::DeniedResponses)),
    Field::new(12, "ereq", "MCPP", "requests that were invalid or incomplete")
        .metric("request_errors_total")
        .frontend(|of| frontend(of.frontend, Count::RequestErrors))
        .listener(|of| listener(of.listener, Count::RequestErrors)),
    Field::new(13, "econ", "MCPP", "sessions for which no server was reached")
        .metric("connection_errors_total")
        .server(|of| Some(Value::U64(of.server.counters().failed_connects())))
        .backend(|of| Some(Value::U64(of.backend.counters().failed_connects()))),
    Field::new(14, "eresp", "MCPP", "responses that were invalid or did not come")
        .metric("response_errors_total")
        .server(|of| server(of.server, Count::ResponseErrors))
        .backend(|of| backend(of.backend, Count::ResponseErrors)),
    Field::new(15, "wretr", "MCPP", "repeated attempts to connect to the same server")
        .metric("retry_warnings_total")
        .server(|of| Some(Value::U64(of.server.counters().retries())))
        .backend(|of| Some(Value::U64(of.backend.counters().retries()))),
    Field::new(16, "wredis", "MCPP", "sessions that went to another server after a failure")
        .metric("redispatch_warnings_total")
        .server(|of| Some(Value::U64(of.server.counters().redispatches())))
        .backend(|of| Some(Value::U64(of.backend.counters().redispatches()))),
    Field::new(49, "cli_abrt", "MCPP", "sessions that the client has aborted")
        .metric("client_aborts_total")
        .server(|of| server(of.server, Count::ClientAborts))
        .backend(|of| backend(of.backend, Count::ClientAborts)),
    Field::new(50, "srv_abrt", "MCPP", "sessions that the server has aborted")
        .metric("server_aborts_total")
        .server(|of| server(of.server, Count::ServerAborts))
        .backend(|of| backend(of.backend, Count::ServerAborts)),
    Field::new(81, "dcon", "MCPP", "connections that 'tcp-request connection' has rejected")
        .metric("denied_connections_total")
        .frontend(|of| Some(Value::U64(of.frontend.counters().denied())))
        .listener(|of| Some(Value::U64(of.listener.observed().counters().denied()))),
    Field::new(82, "dses", "MCPP", "connections that 'tcp-request session' has rejected")
        .metric("denied_sessions_total")
        .frontend(|of| frontend(of.frontend, Count::DeniedSessions))
        .listener(|of| listener(of.listener, Count::DeniedSessions)),
    Field::new(83, "wrew", "MCPP", "changes of messages that have failed")
        .metric("failed_header_rewriting_total")
        .listener(|_| None)
        .frontend(|_| None)
        .backend(|_| None)
        .server(|_| None),
    Field::new(94, "eint", "MCPP", "sessions that ended with an internal error")
        .metric("internal_errors_total")
        .frontend(|of| frontend(of.frontend, Count::InternalErrors))
        .listener(|of| listener(of.listener, Count::InternalErrors))
        .server(|of| server(of.server, Count::InternalErrors))
        .backend(|of| backend(of.backend, Count::InternalErrors)),
];

fn frontend(frontend: &Frontend, count: Count) -> Option<Value> {
    Some(Value::U64(frontend.observed().tallies().total(count)))
}

fn listener(listener: &Listener, count: Count) -> Option<Value> {
    Some(Value::U64(listener.observed().tallies().total(count)))
}

fn server(server: &Server, count: Count) -> Option<Value> {
    Some(Value::U64(server.observed().tallies().total(count)))
}

fn backend(backend: &Backend, count: Count) -> Option<Value> {
    Some(Value::U64(backend.total(count)))
}
