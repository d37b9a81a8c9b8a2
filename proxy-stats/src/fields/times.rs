//! How long sessions and exchanges took, in milliseconds.

use std::iter::once;
use std::time::Duration;

use proxy_engine::{PhaseTimes, Tallies};

use crate::field::Field;
use crate::subject::{OfBackend, OfServer};
use crate::value::Value;

pub(super) static FIELDS: &[Field] = &[
    Field::new(58, "qtime", "MaPV", "average time in the queue")
        .metric("queue_time_average_seconds")
        .server(|of| time(of.averages().queue))
        .backend(|of| time(of.averages().queue)),
    Field::new(59, "ctime", "MaPV", "average time to connect")
        .metric("connect_time_average_seconds")
        .server(|of| time(of.averages().connect))
        .backend(|of| time(of.averages().connect)),
    Field::new(60, "rtime", "MaPV", "average time until the response")
        .metric("response_time_average_seconds")
        .server(|of| time(of.averages().response))
        .backend(|of| time(of.averages().response)),
    Field::new(61, "ttime", "MaPV", "average time from beginning to end")
        .metric("total_time_average_seconds")
        .server(|of| time(of.averages().total))
        .backend(|of| time(of.averages().total)),
    Field::new(90, "qtime_max", "MMPV", "longest time in the queue")
        .metric("max_queue_time_seconds")
        .server(|of| time(of.longest().queue))
        .backend(|of| time(of.longest().queue)),
    Field::new(91, "ctime_max", "MMPV", "longest time to connect")
        .metric("max_connect_time_seconds")
        .server(|of| time(of.longest().connect))
        .backend(|of| time(of.longest().connect)),
    Field::new(92, "rtime_max", "MMPV", "longest time until the response")
        .metric("max_response_time_seconds")
        .server(|of| time(of.longest().response))
        .backend(|of| time(of.longest().response)),
    Field::new(93, "ttime_max", "MMPV", "longest time from beginning to end")
        .metric("max_total_time_seconds")
        .server(|of| time(of.longest().total))
        .backend(|of| time(of.longest().total)),
];

fn time(time: Duration) -> Option<Value> {
    Some(Value::U32(u32::try_from(time.as_millis()).unwrap_or(u32::MAX)))
}

impl OfServer<'_> {
    fn averages(&self) -> PhaseTimes {
        Tallies::averages(once(self.server.observed().tallies()))
    }

    fn longest(&self) -> PhaseTimes {
        Tallies::longest(once(self.server.observed().tallies()))
    }
}

impl OfBackend<'_> {
    fn averages(&self) -> PhaseTimes {
        Tallies::averages(self.backend.tallies())
    }

    fn longest(&self) -> PhaseTimes {
        Tallies::longest(self.backend.tallies())
    }
}
