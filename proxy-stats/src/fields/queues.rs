//! Sessions that wait for a slot of a server.

use crate::field::Field;
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(2, "qcur", "MGPV", "sessions in the queue now")
        .metric("current_queue")
        .server(|of| Some(Value::small(of.server.counters().queued())))
        .backend(|of| Some(Value::small(of.backend.counters().queued()))),
    Field::new(3, "qmax", "MMPV", "most sessions in the queue at once")
        .metric("max_queue")
        .server(|of| Some(Value::small(of.server.counters().queued_peak())))
        .backend(|of| Some(Value::small(of.backend.counters().queued_peak()))),
    Field::new(25, "qlimit", "CGSV", "limit of the queue")
        .metric("queue_limit")
        .server(|of| of.server.config().maxqueue.filter(|limit| *limit > 0).map(Value::small)),
];
