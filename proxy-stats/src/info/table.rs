//! The table of the facts about the process, with HAProxy's names and positions, because monitoring relies on them.
//!
//! A fact that Braid has no value for is left out, as HAProxy does for features that it was built without.

use std::time::UNIX_EPOCH;

use super::facts::Info;
use crate::value::Value;

/// A fact about the process.
pub(crate) struct Fact {
    /// The position in HAProxy's list, by which the typed format identifies the field. It never changes.
    pub(crate) position: u8,
    pub(crate) name: &'static str,
    /// Origin, nature, scope and persistence (management.txt, 9.2).
    pub(crate) tags: &'static str,
    pub(crate) help: &'static str,
    /// The name of the metric, without what all metrics of the process begin with; empty for none.
    pub(crate) metric: &'static str,
    pub(crate) value: fn(&Info) -> Option<Value>,
    /// The value with its fraction, if it has one.
    pub(crate) float: Option<fn(&Info) -> f64>,
}

const fn field(
    position: u8,
    name: &'static str,
    tags: &'static str,
    help: &'static str,
    value: fn(&Info) -> Option<Value>,
) -> Fact {
    Fact { position, name, tags, help, metric: "", value, float: None }
}

impl Fact {
    const fn metric(self, name: &'static str) -> Fact {
        Fact { metric: name, ..self }
    }

    const fn float(self, read: fn(&Info) -> f64) -> Fact {
        Fact { float: Some(read), ..self }
    }
}

fn text(value: &str) -> Option<Value> {
    Some(Value::text(value))
}

/// Makes a value of a counter that wraps around at 32 bits.
fn wrapped(value: u64) -> Value {
    Value::U32(value as u32)
}

const MEGABYTE: u64 = 1 << 20;

pub(crate) static FACTS: &[Fact] = &[
    field(0, "Name", "POSV", "the product", |_| text("Braid")),
    field(1, "Version", "POSV", "its version", |info| text(&info.version)),
    field(2, "Release_date", "POSV", "day of the release", |info| {
        info.release_date.as_deref().and_then(text)
    }),
    field(3, "Nbthread", "CGSV", "threads that serve connections", |info| Some(Value::U32(info.threads)))
        .metric("nbthread"),
    field(4, "Nbproc", "CGSV", "processes; there is always one", |_| Some(Value::U32(1))).metric("nbproc"),
    field(5, "Process_num", "KGPV", "which of them this is", |_| Some(Value::U32(1)))
        .metric("relative_process_id"),
    field(6, "Pid", "SGPV", "process id", |_| Some(Value::U32(std::process::id()))),
    field(7, "Uptime", "MDPV", "time since the start", |info| {
        let up = info.uptime.as_secs();
        let (days, hours, minutes, seconds) = (up / 86_400, up / 3_600 % 24, up / 60 % 60, up % 60);
        Some(Value::Text(format!("{days}d {hours}h{minutes:02}m{seconds:02}s")))
    }),
    field(8, "Uptime_sec", "MDPV", "seconds since the start", |info| Some(wrapped(info.uptime.as_secs())))
        .metric("uptime_seconds")
        .float(|info| info.uptime.as_secs_f64()),
    field(9, "Memmax_MB", "CLPV", "limit on memory in megabytes, 0 for none", |info| {
        info.memory_limit.map(|bytes| wrapped(bytes / MEGABYTE))
    }),
    field(13, "Ulimit-n", "CLPV", "limit on descriptors", |info| info.descriptor_limit.map(Value::U32))
        .metric("max_fds"),
    field(14, "Maxsock", "CLPV", "most sockets that may be needed", |info| info.max_sockets.map(Value::U32))
        .metric("max_sockets"),
    field(15, "Maxconn", "CLPV", "limit on connections", |info| info.max_connections.map(Value::U32))
        .metric("max_connections"),
    field(16, "Hard_maxconn", "CLPV", "highest value of Maxconn", |info| {
        info.hard_max_connections.map(Value::U32)
    })
    .metric("hard_max_connections"),
    field(17, "CurrConns", "MGPV", "connections now", |info| info.connections.map(Value::U32))
        .metric("current_connections"),
    field(18, "CumConns", "MCPV", "connections since the start", |info| {
        info.connections_total.map(Value::U32)
    })
    .metric("connections_total"),
    field(19, "CumReq", "MCPV", "requests since the start", |info| info.requests_total.map(Value::U32))
        .metric("requests_total"),
    field(26, "ConnRate", "MRPV", "connections in the last second", |info| {
        info.connection_rate.map(Value::U32)
    })
    .metric("current_connection_rate"),
    field(29, "SessRate", "MRPV", "sessions in the last second", |info| info.connection_rate.map(Value::U32))
        .metric("current_session_rate"),
    field(50, "node", "COSV", "name of the machine", |info| info.node.as_deref().and_then(text))
        .metric("node"),
    field(51, "description", "COSV", "a text for people", |info| info.description.as_deref().and_then(text))
        .metric("description"),
    field(52, "Stopping", "MGPV", "1 once asked to stop", |info| {
        info.stopping.map(|stopping| Value::U32(stopping.into()))
    })
    .metric("stopping"),
    field(55, "Listeners", "MGPV", "sockets that listen", |info| info.listeners.map(Value::U32))
        .metric("listeners"),
    field(58, "DroppedLogs", "MGPV", "log lines that no target took", |info| {
        info.dropped_logs.map(Value::U32)
    })
    .metric("dropped_logs_total"),
    field(61, "TotalBytesOut", "MGPV", "bytes sent since the start", |info| info.bytes_out.map(Value::U64))
        .metric("bytes_out_total"),
    field(62, "TotalSplicedBytesOut", "MGPV", "bytes of these that were spliced", |info| {
        info.spliced_bytes_out.map(Value::U64)
    })
    .metric("spliced_bytes_out_total"),
    field(66, "Build info", "POSV", "the version that was built", |info| text(&info.version))
        .metric("build_info"),
    field(67, "Memmax_bytes", "CLPV", "limit on memory in bytes, 0 for none", |info| {
        info.memory_limit.map(wrapped)
    })
    .metric("max_memory_bytes"),
    field(70, "Start_time_sec", "MDPV", "start, in seconds since 1970", |info| {
        info.started.duration_since(UNIX_EPOCH).ok().map(|since| wrapped(since.as_secs()))
    })
    .metric("start_time_seconds")
    .float(|info| info.started.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()),
    field(72, "TotalWarnings", "MCPV", "warnings written since the start", |info| {
        info.warnings.map(Value::U32)
    })
    .metric("total_warnings"),
    field(73, "MaxconnReached", "MCPV", "how often the limit on connections was reached", |info| {
        info.max_connections_reached.map(Value::U32)
    }),
    field(74, "BootTime_ms", "MDPV", "milliseconds from the start until it served", |info| {
        info.boot_time.map(|time| Value::U32(time.as_millis() as u32))
    }),
    field(76, "CurrStreams", "MGPV", "sessions now", |info| info.streams.map(Value::U64)),
    field(77, "CumStreams", "MGPV", "sessions since the start", |info| info.streams_total.map(Value::U64)),
    field(81, "NbThreadGroups", "CGSV", "groups of threads", |info| info.thread_groups.map(Value::U32))
        .metric("nb_thread_groups"),
];
