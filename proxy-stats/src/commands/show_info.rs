//! `show info`: the process as a whole, with HAProxy's names and positions, because monitoring relies on them.
//!
//! A field that Braid has no value for is left out, as HAProxy does for features that it was built without.

use std::fmt::{self, Write};
use std::time::UNIX_EPOCH;

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};
use proxy_engine::commands::Handle;

use crate::info::facts::Info;
use crate::process::Process;

inventory::submit! {
    Command::new(&["show", "info"], "[typed] [desc]", Level::User, "facts about the running process", show_info)
}

/// A value and its type, by the names of the typed format.
enum Value {
    U32(u32),
    U64(u64),
    Str(String),
}

impl Value {
    fn type_name(&self) -> &'static str {
        match self {
            Value::U32(_) => "u32",
            Value::U64(_) => "u64",
            Value::Str(_) => "str",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::U32(value) => value.fmt(f),
            Value::U64(value) => value.fmt(f),
            // A field is one line, whatever a description contains.
            Value::Str(value) => f.write_str(&value.replace(['\n', '\r'], " ")),
        }
    }
}

struct Field {
    /// The position in HAProxy's list, by which the typed format identifies the field. It never changes.
    position: u8,
    name: &'static str,
    /// Origin, nature, scope and persistence (management.txt, 9.2).
    tags: &'static str,
    help: &'static str,
    value: fn(&Info) -> Option<Value>,
}

const fn field(
    position: u8,
    name: &'static str,
    tags: &'static str,
    help: &'static str,
    value: fn(&Info) -> Option<Value>,
) -> Field {
    Field { position, name, tags, help, value }
}

fn text(value: &str) -> Option<Value> {
    Some(Value::Str(value.to_owned()))
}

/// Makes a value of a counter that wraps around at 32 bits.
fn wrapped(value: u64) -> Value {
    Value::U32(value as u32)
}

const MEGABYTE: u64 = 1 << 20;

static FIELDS: &[Field] = &[
    field(0, "Name", "POSV", "the product", |_| text("Braid")),
    field(1, "Version", "POSV", "its version", |info| text(&info.version)),
    field(2, "Release_date", "POSV", "day of the release", |info| {
        info.release_date.as_deref().and_then(text)
    }),
    field(3, "Nbthread", "CGSV", "threads that serve connections", |info| Some(Value::U32(info.threads))),
    field(4, "Nbproc", "CGSV", "processes; there is always one", |_| Some(Value::U32(1))),
    field(5, "Process_num", "KGPV", "which of them this is", |_| Some(Value::U32(1))),
    field(6, "Pid", "SGPV", "process id", |_| Some(Value::U32(std::process::id()))),
    field(7, "Uptime", "MDPV", "time since the start", |info| {
        let up = info.uptime.as_secs();
        let (days, hours, minutes, seconds) = (up / 86_400, up / 3_600 % 24, up / 60 % 60, up % 60);
        Some(Value::Str(format!("{days}d {hours}h{minutes:02}m{seconds:02}s")))
    }),
    field(8, "Uptime_sec", "MDPV", "seconds since the start", |info| Some(wrapped(info.uptime.as_secs()))),
    field(9, "Memmax_MB", "CLPV", "limit on memory in megabytes, 0 for none", |info| {
        info.memory_limit.map(|bytes| wrapped(bytes / MEGABYTE))
    }),
    field(13, "Ulimit-n", "CLPV", "limit on descriptors", |info| info.descriptor_limit.map(Value::U32)),
    field(14, "Maxsock", "CLPV", "most sockets that may be needed", |info| info.max_sockets.map(Value::U32)),
    field(15, "Maxconn", "CLPV", "limit on connections", |info| info.max_connections.map(Value::U32)),
    field(16, "Hard_maxconn", "CLPV", "highest value of Maxconn", |info| {
        info.hard_max_connections.map(Value::U32)
    }),
    field(17, "CurrConns", "MGPV", "connections now", |info| info.connections.map(Value::U32)),
    field(18, "CumConns", "MCPV", "connections since the start", |info| {
        info.connections_total.map(Value::U32)
    }),
    field(19, "CumReq", "MCPV", "requests since the start", |info| info.requests_total.map(Value::U32)),
    field(50, "node", "COSV", "name of the machine", |info| info.node.as_deref().and_then(text)),
    field(51, "description", "COSV", "a text for people", |info| info.description.as_deref().and_then(text)),
    field(52, "Stopping", "MGPV", "1 once asked to stop", |info| {
        info.stopping.map(|stopping| Value::U32(stopping.into()))
    }),
    field(55, "Listeners", "MGPV", "sockets that listen", |info| info.listeners.map(Value::U32)),
    field(58, "DroppedLogs", "MGPV", "log lines that no target took", |info| {
        info.dropped_logs.map(Value::U32)
    }),
    field(61, "TotalBytesOut", "MGPV", "bytes sent since the start", |info| info.bytes_out.map(Value::U64)),
    field(62, "TotalSplicedBytesOut", "MGPV", "bytes of these that were spliced", |info| {
        info.spliced_bytes_out.map(Value::U64)
    }),
    field(66, "Build info", "POSV", "the version that was built", |info| text(&info.version)),
    field(67, "Memmax_bytes", "CLPV", "limit on memory in bytes, 0 for none", |info| {
        info.memory_limit.map(wrapped)
    }),
    field(70, "Start_time_sec", "MDPV", "start, in seconds since 1970", |info| {
        info.started.duration_since(UNIX_EPOCH).ok().map(|since| wrapped(since.as_secs()))
    }),
    field(72, "TotalWarnings", "MCPV", "warnings written since the start", |info| {
        info.warnings.map(Value::U32)
    }),
    field(73, "MaxconnReached", "MCPV", "how often the limit on connections was reached", |info| {
        info.max_connections_reached.map(Value::U32)
    }),
    field(74, "BootTime_ms", "MDPV", "milliseconds from the start until it served", |info| {
        info.boot_time.map(|time| Value::U32(time.as_millis() as u32))
    }),
    field(76, "CurrStreams", "MGPV", "sessions now", |info| info.streams.map(Value::U64)),
    field(77, "CumStreams", "MGPV", "sessions since the start", |info| info.streams_total.map(Value::U64)),
    field(81, "NbThreadGroups", "CGSV", "groups of threads", |info| info.thread_groups.map(Value::U32)),
];

fn show_info(call: &mut Call<'_>) -> CommandResult {
    show(&Info::gather(call.get::<Process>()?, call.get::<Handle>()?), call.arguments)
}

fn show(info: &Info, arguments: &[String]) -> CommandResult {
    let (mut typed, mut described) = (false, false);
    for word in arguments {
        match &**word {
            "typed" => typed = true,
            "desc" => described = true,
            "json" => return Err(Refusal::new("'json' is not supported yet.")),
            // `float` asks for more digits where there are any. HAProxy ignores words that it does not know.
            _ => {}
        }
    }
    Ok(Answer::Data(dump(info, typed, described)))
}

fn dump(info: &Info, typed: bool, described: bool) -> String {
    let mut text = String::new();
    for Field { position, name, tags, help, value } in FIELDS {
        let Some(value) = value(info) else { continue };
        // Writing to a string cannot fail.
        let _ = match typed {
            true => write!(text, "{position}.{name}.1:{tags}:{}:{value}", value.type_name()),
            false => write!(text, "{name}: {value}"),
        };
        if described {
            let _ = write!(text, ":\"{help}\"");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn info() -> Info {
        let started = UNIX_EPOCH + Duration::from_secs(1_000_000);
        Info::new("3.5-test", 2, started, Duration::from_secs(2 * 86_400 + 3 * 3_600 + 4 * 60 + 5))
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let pid = std::process::id();
        let plain = dump(&info(), false, false);
        let expected = format!(
            "Name: Braid\nVersion: 3.5-test\nNbthread: 2\nNbproc: 1\nProcess_num: 1\nPid: {pid}\n\
             Uptime: 2d 3h04m05s\nUptime_sec: 183845\nBuild info: 3.5-test\nStart_time_sec: 1000000\n"
        );
        assert_eq!(plain, expected);
    }

    #[test]
    fn forms() {
        let info = Info { max_connections: Some(10), bytes_out: Some(1 << 40), ..info() };
        let typed = dump(&info, true, false);
        assert!(typed.starts_with("0.Name.1:POSV:str:Braid\n1.Version.1:POSV:str:3.5-test\n"), "{typed}");
        assert!(
            typed.contains("\n15.Maxconn.1:CLPV:u32:10\n61.TotalBytesOut.1:MGPV:u64:1099511627776\n"),
            "{typed}"
        );
        assert!(dump(&info, false, true).contains("\nMaxconn: 10:\"limit on connections\"\n"));
        assert!(dump(&info, true, true).contains("\n15.Maxconn.1:CLPV:u32:10:\"limit on connections\"\n"));
        let lines = Info { description: Some("a\n\nPid: 0".into()), started: SystemTime::now(), ..info };
        assert!(dump(&lines, false, false).contains("\ndescription: a  Pid: 0\n"));
    }

    #[test]
    fn positions_are_in_order_and_used_once() {
        assert!(FIELDS.windows(2).all(|pair| pair[0].position < pair[1].position));
    }

    #[test]
    fn words_of_the_command() {
        let info = Info::new("1.2.3", 2, UNIX_EPOCH, Duration::from_secs(90_061));
        let ask = |words: &[&str]| match show(
            &info,
            &words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>(),
        ) {
            Ok(Answer::Data(text)) => text,
            other => format!("{other:?}"),
        };
        let answer = ask(&[]);
        assert!(answer.starts_with("Name: Braid\nVersion: 1.2.3\nNbthread: 2\n"), "{answer}");
        assert!(
            answer.contains(&format!("\nPid: {}\nUptime: 1d 1h01m01s\n", std::process::id())),
            "{answer}"
        );
        assert!(ask(&["typed"]).contains("\n4.Nbproc.1:CGSV:u32:1\n"));
        assert!(ask(&["json"]).contains("not supported"));
    }
}
