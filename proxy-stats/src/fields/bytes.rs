//! Bytes of sessions that have ended.

use crate::field::Field;
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(8, "bin", "MCPP", "bytes from clients")
        .metric("bytes_in_total")
        .frontend(|of| Some(Value::U64(of.frontend.bytes().0)))
        .listener(|of| Some(Value::U64(of.listener.observed().counters().bytes_in())))
        .server(|of| Some(Value::U64(of.server.counters().bytes_in())))
        .backend(|of| Some(Value::U64(of.backend.bytes().0))),
    Field::new(9, "bout", "MCPP", "bytes to clients")
        .metric("bytes_out_total")
        .frontend(|of| Some(Value::U64(of.frontend.bytes().1)))
        .listener(|of| Some(Value::U64(of.listener.observed().counters().bytes_out())))
        .server(|of| Some(Value::U64(of.server.counters().bytes_out())))
        .backend(|of| Some(Value::U64(of.backend.bytes().1))),
    Field::new(114, "reqbin", "MCPP", "bytes of requests from clients")
        .metric("req_bytes_in_total")
        .frontend(|of| Some(Value::U64(of.frontend.bytes().0)))
        .listener(|of| Some(Value::U64(of.listener.observed().counters().bytes_in())))
        .server(|of| Some(Value::U64(of.server.counters().bytes_in())))
        .backend(|of| Some(Value::U64(of.backend.bytes().0))),
    Field::new(115, "reqbout", "MCPP", "bytes of requests to servers")
        .metric("req_bytes_out_total")
        .listener(|_| None)
        .frontend(|_| None)
        .backend(|_| None)
        .server(|_| None),
    Field::new(116, "resbin", "MCPP", "bytes of responses from servers")
        .metric("res_bytes_in_total")
        .listener(|_| None)
        .frontend(|_| None)
        .backend(|_| None)
        .server(|_| None),
    Field::new(117, "resbout", "MCPP", "bytes of responses to clients")
        .metric("res_bytes_out_total")
        .frontend(|of| Some(Value::U64(of.frontend.bytes().1)))
        .listener(|of| Some(Value::U64(of.listener.observed().counters().bytes_out())))
        .server(|of| Some(Value::U64(of.server.counters().bytes_out())))
        .backend(|of| Some(Value::U64(of.backend.bytes().1))),
];
