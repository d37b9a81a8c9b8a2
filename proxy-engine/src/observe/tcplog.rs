//! Log lines as HAProxy writes them in TCP mode: the text behind the header of the log's transport.
//!
//! ```text
//! 192.0.2.1:33313 [06/Feb/2026:12:12:51.443] fnt bck/srv1 0/1/5007 212 -- 1/1/0/0/0 0/0 client=mptcpv4/native/2
//! ```
//!
//! A line ends with a word for each side whose connection is not a plain one of one path: whose protocol can have more,
//! that has fallen back or is short of something. The word has the side (`client`, `server`), the protocol it was asked
//! to be, what it really was (`native`, `fallback:peer`, `fallback:kernel`, `fallback:midway`, `degraded:no-path`) and
//! the number of its paths. Without such a side the line is HAProxy's to the byte.
//!
//! Its queue timer is the time really waited; HAProxy 3 shows a millisecond more in TCP mode.

use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proto_core::address::Address;
use proto_core::info::{ConnectionInfo, State};
use proxy_config::Mode;

use super::record::{Accepted, SessionRecord};
use super::sys::local_time;
use crate::policy::LogMoment;

/// What stands for a server that there was none of.
pub(crate) const NO_SERVER: &str = "<NOSRV>";

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The line of a session: `option tcplog`.
pub fn session(record: &SessionRecord<'_>) -> String {
    let mut line = String::with_capacity(192);
    // Writing to a String cannot fail.
    let _ = write_session(&mut line, record);
    line
}

/// The line of a connection that was just accepted: what a frontend writes without a log format.
pub fn accepted(accepted: &Accepted<'_>) -> String {
    let Accepted { frontend, listener, client, destination } = accepted;
    let name = frontend.name();
    let mode = if frontend.mode() == Mode::Http { "HTTP" } else { "TCP" };
    match (client, destination) {
        (Address::Inet(client), Address::Inet(destination)) => format!(
            "Connect from {}:{} to {}:{} ({name}/{mode})",
            client.ip(),
            client.port(),
            destination.ip(),
            destination.port()
        ),
        (Address::Inet(client), _) => {
            format!(
                "Connect from {}:{} to undetermined address:0 ({name}/{mode})",
                client.ip(),
                client.port()
            )
        }
        _ => format!("Connect to {}:{} ({name}/{mode})", family(client), listener.id()),
    }
}

fn write_session(line: &mut String, record: &SessionRecord<'_>) -> fmt::Result {
    write_place(line, record)?;
    let timers = &record.timers;
    let (queue, connect, total) = (millis(timers.queue), millis(timers.connect), timers.total.as_millis());
    let more = if record.frontend.log().moment == LogMoment::Connected { "+" } else { "" };
    let (bytes, termination) = (record.bytes_to_client, record.termination);
    write!(line, "{queue}/{connect}/{more}{total} {more}{bytes} {termination} ")?;
    write_counts(line, record)?;
    write_connections(line, record)
}

/// The client, the date, the frontend, the backend and the server, and a space.
pub(crate) fn write_place(line: &mut String, record: &SessionRecord<'_>) -> fmt::Result {
    match record.client {
        Address::Inet(client) => write!(line, "{}:{} [", client.ip(), client.port())?,
        // Their clients have no addresses worth telling.
        other => write!(line, "{}:{} [", family(other), record.listener.id())?,
    }
    write_date(line, record.accepted)?;
    let frontend = record.frontend.name();
    let backend = record.backend.map_or(frontend, |backend| backend.name());
    let server = record.server.map_or(NO_SERVER, |server| server.name());
    write!(line, "] {frontend} {backend}/{server} ")?;
    Ok(())
}

/// How many others were there, and what it took to come to the server.
pub(crate) fn write_counts(line: &mut String, record: &SessionRecord<'_>) -> fmt::Result {
    let with = &record.concurrent;
    write!(line, "{}/{}/{}/{}/", with.process, with.frontend, with.backend, with.server)?;
    let redispatched = if record.redispatched { "+" } else { "" };
    write!(line, "{redispatched}{} {}/{}", record.retries, record.places.server, record.places.backend)
}

/// What the connections of both sides really were, where that is worth a word.
pub(crate) fn write_connections(line: &mut String, record: &SessionRecord<'_>) -> fmt::Result {
    write_connection(line, "client", record.client_info)?;
    write_connection(line, "server", record.server_info)
}

/// What stands for the address of a client that has none worth telling: `unix`, whatever kind of name its socket has.
pub(crate) fn family(client: &Address) -> &'static str {
    match client {
        Address::Unix(_) => "unix",
        other => other.family().name(),
    }
}

/// In milliseconds, -1 for what did not happen.
pub(crate) fn millis(time: Option<Duration>) -> i128 {
    time.map_or(-1, |time| time.as_millis().cast_signed())
}

/// `22/Nov/2026:16:40:12.123`, in local time.
pub(crate) fn write_date(line: &mut String, at: SystemTime) -> fmt::Result {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let local = i64::try_from(since.as_secs()).ok().and_then(local_time);
    let Some(at) = local else { return line.write_char('-') };
    let month = MONTHS.get(at.month).copied().unwrap_or("-");
    write!(line, "{:02}/{month}/{:04}:", at.day, at.year)?;
    write!(line, "{:02}:{:02}:{:02}.{:03}", at.hour, at.minute, at.second, since.subsec_millis())
}

pub(crate) fn write_connection(line: &mut String, side: &str, info: Option<&ConnectionInfo>) -> fmt::Result {
    let Some(info) = info.filter(|info| is_remarkable(info)) else { return Ok(()) };
    write!(line, " {side}={}/{}/{}", info.transport, info.state.name(), info.paths.len())
}

/// Whether there is more to tell of a connection than that it was one.
fn is_remarkable(info: &ConnectionInfo) -> bool {
    info.state != State::Native || info.path_limit.is_some() || info.paths.len() > 1
}

#[cfg(test)]
mod tests {
    use proto_core::info::FallbackReason;

    use super::*;

    fn suffix(info: &ConnectionInfo) -> String {
        let mut line = String::new();
        write_connection(&mut line, "server", Some(info)).expect("a String takes all");
        line
    }

    #[test]
    fn only_what_is_remarkable_has_a_word() {
        let mut info = ConnectionInfo::new("tcpv4");
        assert_eq!(suffix(&info), "");
        info.transport = "mptcpv4";
        info.path_limit = Some(3);
        assert_eq!(suffix(&info), " server=mptcpv4/native/0");
        info.path_limit = None;
        info.state = State::Fallback(FallbackReason::Peer);
        assert_eq!(suffix(&info), " server=mptcpv4/fallback:peer/0");
    }

    #[test]
    fn unix_clients_have_no_address() {
        use proto_core::address::UnixAddress;
        let named = UnixAddress::Abstract { name: "x".into(), padded: false };
        for address in [UnixAddress::Unnamed, named] {
            assert_eq!(family(&Address::Unix(address)), "unix");
        }
    }

    #[test]
    fn dates_are_local() {
        let mut date = String::new();
        let at = UNIX_EPOCH + Duration::from_millis(1_000_000_000_123);
        write_date(&mut date, at).expect("a String takes all");
        // Whatever the time zone, minutes of whole or half hours and seconds stay.
        assert_eq!((date.len(), &date[3..11], &date[18..]), (24, "Sep/2001", "40.123"), "{date}");
    }
}
