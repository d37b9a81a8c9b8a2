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
    field(10, "PoolAlloc_MB", "MGPV", "memory allocated, in megabytes", |info| {
        info.allocated.map(|bytes| wrapped(bytes / MEGABYTE))
    }),
    field(11, "PoolUsed_MB", "MGPV", "memory in use, in megabytes", |info| {
        info.allocated.map(|bytes| wrapped(bytes / MEGABYTE))
    }),
    field(12, "PoolFailed", "MCPV", "allocations that failed; none while the process lives", |_| {
        Some(Value::U32(0))
    })
    .metric("pool_failures_total"),
    field(13, "Ulimit-n", "CLPV", "limit on descriptors", |info| info.descriptor_limit.map(Value::U32))
        .metric("max_fds"),
    field(14, "Maxsock", "CLPV", "most sockets that may be open", |info| info.max_sockets.map(Value::U32))
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
    field(20, "MaxSslConns", "MMPV", "limit on connections with TLS", |_| Some(Value::U32(0)))
        .metric("max_ssl_connections"),
    field(21, "CurrSslConns", "MGPV", "connections with TLS now", |_| Some(Value::U32(0)))
        .metric("current_ssl_connections"),
    field(22, "CumSslConns", "MCPV", "connections with TLS since the start", |_| Some(Value::U32(0)))
        .metric("ssl_connections_total"),
    field(23, "Maxpipes", "CLPV", "most pipes for splicing", |info| info.max_pipes.map(Value::U32))
        .metric("max_pipes"),
    field(24, "PipesUsed", "MGPV", "pipes in use", |info| {
        info.load.map(|load| wrapped(load.pipes.open.saturating_sub(load.pipes.idle) as u64))
    })
    .metric("pipes_used_total"),
    field(25, "PipesFree", "MGPV", "pipes that wait to be used", |info| {
        info.load.map(|load| wrapped(load.pipes.idle as u64))
    })
    .metric("pipes_free_total"),
    field(26, "ConnRate", "MRPV", "connections in the last second", |info| {
        info.connection_rate.map(Value::U32)
    })
    .metric("current_connection_rate"),
    field(27, "ConnRateLimit", "CLPV", "limit on connections in a second, 0 for none", |info| {
        info.connection_rate_limit.map(Value::U32)
    })
    .metric("limit_connection_rate"),
    field(29, "SessRate", "MRPV", "sessions in the last second", |info| info.connection_rate.map(Value::U32))
        .metric("current_session_rate"),
    field(30, "SessRateLimit", "CLPV", "limit on sessions in a second, 0 for none", |info| {
        info.session_rate_limit.map(Value::U32)
    })
    .metric("limit_session_rate"),
    field(32, "SslRate", "MRPV", "connections with TLS in the last second", |_| Some(Value::U32(0)))
        .metric("current_ssl_rate"),
    field(33, "SslRateLimit", "CLPV", "limit on SslRate", |_| Some(Value::U32(0))).metric("limit_ssl_rate"),
    field(34, "MaxSslRate", "MMPV", "highest SslRate", |_| Some(Value::U32(0))).metric("max_ssl_rate"),
    field(35, "SslFrontendKeyRate", "MGPV", "keys made for clients in the last second", |_| {
        Some(Value::U32(0))
    })
    .metric("current_frontend_ssl_key_rate"),
    field(36, "SslFrontendMaxKeyRate", "MMPV", "highest SslFrontendKeyRate", |_| Some(Value::U32(0)))
        .metric("max_frontend_ssl_key_rate"),
    field(37, "SslFrontendSessionReuse_pct", "MGPV", "percentage of TLS sessions resumed by clients", |_| {
        Some(Value::U32(0))
    })
    .metric("frontend_ssl_reuse"),
    field(38, "SslBackendKeyRate", "MRPV", "keys made for servers in the last second", |_| {
        Some(Value::U32(0))
    })
    .metric("current_backend_ssl_key_rate"),
    field(39, "SslBackendMaxKeyRate", "MMPV", "highest SslBackendKeyRate", |_| Some(Value::U32(0)))
        .metric("max_backend_ssl_key_rate"),
    field(40, "SslCacheLookups", "MCPV", "TLS sessions that were looked up", |_| Some(Value::U32(0)))
        .metric("ssl_cache_lookups_total"),
    field(41, "SslCacheMisses", "MCPV", "TLS sessions that were not found", |_| Some(Value::U32(0)))
        .metric("ssl_cache_misses_total"),
    field(42, "CompressBpsIn", "MRPV", "bytes per second before compression", |_| Some(Value::U32(0)))
        .metric("http_comp_bytes_in_total"),
    field(43, "CompressBpsOut", "MRPV", "bytes per second after compression", |_| Some(Value::U32(0)))
        .metric("http_comp_bytes_out_total"),
    field(44, "CompressBpsRateLim", "CLPV", "limit on CompressBpsOut", |_| Some(Value::U32(0)))
        .metric("limit_http_comp"),
    field(45, "ZlibMemUsage", "MGPV", "memory used for compression", |_| Some(Value::U32(0)))
        .metric("current_zlib_memory"),
    field(46, "MaxZlibMemUsage", "CLPV", "limit on ZlibMemUsage", |_| Some(Value::U32(0)))
        .metric("max_zlib_memory"),
    field(47, "Tasks", "MGPV", "tasks of the workers", |info| {
        info.load.map(|load| wrapped(load.tasks as u64))
    })
    .metric("current_tasks"),
    field(48, "Run_queue", "MGPV", "tasks woken by other threads that wait for their turn", |info| {
        info.load.map(|load| wrapped(load.woken as u64))
    })
    .metric("current_run_queue"),
    field(49, "Idle_pct", "MaPV", "percentage of time that the workers were idle", |info| {
        info.load.map(|load| Value::U32(load.idle_percent))
    })
    .metric("idle_time_percent"),
    field(50, "node", "COSV", "name of the machine", |info| info.node.as_deref().and_then(text))
        .metric("node"),
    field(51, "description", "COSV", "a text for people", |info| info.description.as_deref().and_then(text))
        .metric("description"),
    field(52, "Stopping", "MGPV", "1 once asked to stop", |info| {
        info.stopping.map(|stopping| Value::U32(stopping.into()))
    })
    .metric("stopping"),
    field(53, "Jobs", "MGPV", "connections, and sockets that listen", |info| {
        info.connections
            .zip(info.listeners)
            .map(|(connections, listeners)| Value::U32(connections + listeners))
    })
    .metric("jobs"),
    field(54, "Unstoppable Jobs", "MGPV", "what a soft stop does not wait for", |_| Some(Value::U32(0)))
        .metric("unstoppable_jobs"),
    field(55, "Listeners", "MGPV", "sockets that listen", |info| info.listeners.map(Value::U32))
        .metric("listeners"),
    field(56, "ActivePeers", "MGPV", "peers", |_| Some(Value::U32(0))).metric("active_peers"),
    field(57, "ConnectedPeers", "MGPV", "peers with a connection", |_| Some(Value::U32(0)))
        .metric("connected_peers"),
    field(58, "DroppedLogs", "MGPV", "log lines that no target took", |info| {
        info.dropped_logs.map(Value::U32)
    })
    .metric("dropped_logs_total"),
    field(59, "BusyPolling", "MGPV", "1 with busy polling", |_| Some(Value::U32(0)))
        .metric("busy_polling_enabled"),
    field(61, "TotalBytesOut", "MGPV", "bytes passed on since the start", |info| {
        info.bytes_out.map(Value::U64)
    })
    .metric("bytes_out_total"),
    field(62, "TotalSplicedBytesOut", "MGPV", "bytes of these that were spliced", |info| {
        info.spliced_bytes_out.map(Value::U64)
    })
    .metric("spliced_bytes_out_total"),
    field(64, "DebugCommandsIssued", "MGPV", "debugging commands since the start", |_| Some(Value::U32(0))),
    field(65, "CumRecvLogs", "MCPV", "log messages received", |_| Some(Value::U32(0)))
        .metric("recv_logs_total"),
    field(66, "Build info", "POSV", "the version that was built", |info| text(&info.version))
        .metric("build_info"),
    field(67, "Memmax_bytes", "CLPV", "limit on memory in bytes, 0 for none", |info| {
        info.memory_limit.map(wrapped)
    })
    .metric("max_memory_bytes"),
    field(68, "PoolAlloc_bytes", "MGPV", "memory allocated, in bytes", |info| info.allocated.map(Value::U64))
        .metric("pool_allocated_bytes"),
    field(69, "PoolUsed_bytes", "MGPV", "memory in use, in bytes", |info| info.allocated.map(Value::U64))
        .metric("pool_used_bytes"),
    field(70, "Start_time_sec", "MDPV", "start, in seconds since 1970", |info| {
        info.started.duration_since(UNIX_EPOCH).ok().map(|since| wrapped(since.as_secs()))
    })
    .metric("start_time_seconds")
    .float(|info| info.started.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()),
    field(71, "Tainted", "SGPV", "why faults may not be this version's: 0 for nothing", |_| text("0")),
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
    field(75, "Niced_tasks", "MGPV", "tasks with another priority", |_| Some(Value::U32(0))),
    field(76, "CurrStreams", "MGPV", "sessions now", |info| info.streams.map(Value::U64)),
    field(77, "CumStreams", "MGPV", "sessions since the start", |info| info.streams_total.map(Value::U64)),
    field(78, "BlockedTrafficWarnings", "MGPV", "warnings about workers that were busy for long", |_| {
        Some(Value::U32(0))
    }),
    field(81, "NbThreadGroups", "CGSV", "groups of threads", |info| info.thread_groups.map(Value::U32))
        .metric("nb_thread_groups"),
];
