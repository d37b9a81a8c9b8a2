//! The tables of headers that `proxy-layers` is tested with, sent to `braid`, and to a real HAProxy, which proves that
//! they are right.
//!
//! `BRAID_HAPROXY` names it (else: the one in `PATH`). Connections begin with the header of a row, one after the other;
//! the result is in the log line. A program that waits for all pieces of a header gets the other verdict of a row.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

#[path = "../../proxy-layers/tests/table/mod.rs"]
mod table;

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use braid_tests::directory::Directory;
use braid_tests::idle::wait_until_idle;
use braid_tests::loopback::{address, listening};
use braid_tests::process::Process;
use braid_tests::program::{Program, Version};
use braid_tests::rows::{RowFailure, with_haproxy};
use braid_tests::skip::skip;
use braid_tests::syslog::Syslog;
use proxy_layers::ErrorCode;
use table::{Row, Then, Verdict, rows};

/// The first version that matches the tables.
const SINCE: Version = Version(3, 0);
/// The first version known to have `fc_err_name`.
const NAMES: Version = Version(3, 2);
const LIMIT: Duration = Duration::from_secs(20);
/// The timeout of rows in which nothing happens.
const SHORT: &str = "300ms";
const LONG: &str = "30s";
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
/// The types whose values are logged: all that the rows have.
const TYPES: [u8; 7] = [0x01, 0x02, 0x03, 0x05, 0x20, 0x30, 0xe0];

const CONFIG: &str = r#"
global
    log {log} len 8000 local0
defaults
    mode http
    log global
    timeout connect 30s
    timeout server 30s
    timeout client {time}
frontend front
    bind fd@{fd} {words}
    log-format "{line}"
    error-log-format "{line}"
    http-request return status 200
"#;

const PROXY: (&str, &str) = ("accept-proxy", include_str!("../../proxy-layers/tests/headers.txt"));
const NETSCALER: (&str, &str) =
    ("accept-netscaler-cip 305419896", include_str!("../../proxy-layers/tests/netscaler.txt"));

#[test]
fn haproxy_reads_proxy_headers_as_the_table_says() {
    check_haproxy("PROXY headers", PROXY);
}

#[test]
fn haproxy_reads_netscaler_headers_as_the_table_says() {
    check_haproxy("NetScaler headers", NETSCALER);
}

#[test]
fn braid_reads_proxy_headers_as_the_table_says() {
    check(&Program::braid().unwrap(), PROXY);
}

#[test]
fn braid_reads_netscaler_headers_as_the_table_says() {
    check(&Program::braid().unwrap(), NETSCALER);
}

fn check_haproxy(test: &str, table: (&str, &str)) {
    with_haproxy(test, |program| match program.is_too_old(SINCE) {
        Some(why) => skip(test, &why),
        None => check(program, table),
    });
}

fn check(program: &Program, (words, table): (&str, &str)) {
    let (slow, quick): (Vec<_>, Vec<_>) = rows(table).into_iter().partition(|row| is_slow(program, row));
    let mut wrong = play(program, words, LONG, &quick).unwrap();
    wrong.extend(play(program, words, SHORT, &slow).unwrap());
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// Returns the verdict of a row. Of the two programs only HAProxy has a version; Braid waits for all pieces of a
/// header.
fn verdict<'r>(program: &Program, row: &'r Row) -> &'r Verdict {
    if program.version.is_some() { &row.verdict } else { &row.patient }
}

/// Returns whether the row waits until the timeout expires.
fn is_slow(program: &Program, row: &Row) -> bool {
    let timed_out = match verdict(program, row) {
        Verdict::Accepted { .. } => true,
        Verdict::Refused { code, .. } => code.as_ref().is_some_and(|code| code.ends_with("_TIMEOUT")),
    };
    row.then == Then::Wait && timed_out
}

/// Runs all rows with one program; returns the lines that are not as expected.
fn play(program: &Program, words: &str, time: &str, rows: &[Row]) -> Result<Vec<String>, RowFailure> {
    let directory = Directory::new("headers")?;
    let mut log = Syslog::new()?;
    let front = listening(None)?;
    let named = program.is_too_old(NAMES).is_none();
    let config = CONFIG
        .replace("{log}", &log.address()?.to_string())
        .replace("{fd}", &front.as_raw_fd().to_string())
        .replace("{time}", time)
        .replace("{words}", words)
        .replace("{line}", &format(named));
    let file = directory.file("cfg");
    fs::write(&file, config)?;
    let process = program.start(&file, &front)?;
    let (mut seen, mut wrong) = (0, Vec::new());
    for row in rows {
        let client = converse(row, address(&front), &process)?;
        let verdict = verdict(program, row);
        let line = log.wait(&mut seen, LIMIT, |line| line.message.starts_with("H|"));
        let line = line.map_err(|error| format!("{}: {error}\n{}", row.name, process.output()))?;
        let received = words == "accept-proxy";
        let expected = expected(row.then, verdict, (client, address(&front)), received, named);
        if line.message != expected {
            wrong.push(format!("{}:\n    {}\n    instead of\n    {expected}", row.name, line.message));
        }
    }
    Ok(wrong)
}

/// Sends the bytes of the row, and reads until the connection is closed. Each piece is sent when the program has
/// processed the one before it.
fn converse(row: &Row, front: SocketAddr, process: &Process) -> Result<SocketAddr, RowFailure> {
    let mut stream = TcpStream::connect(front)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let client = stream.local_addr()?;
    let mut sent = Ok(());
    for (index, piece) in row.pieces.iter().enumerate() {
        let mut piece = piece.clone();
        if index > 0 {
            wait_until_idle(process, LIMIT)?;
        }
        if row.then == Then::Request && index + 1 == row.pieces.len() {
            piece.extend(REQUEST);
        }
        sent = sent.and_then(|()| stream.write_all(&piece));
    }
    if row.then == Then::Close {
        sent = sent.and_then(|()| stream.shutdown(Shutdown::Write));
    }
    // A program that refuses a header closes, and with unread bytes that is a reset.
    for outcome in [sent, stream.read_to_end(&mut Vec::new()).map(drop)] {
        if let Err(error) = outcome
            && !matches!(
                error.kind(),
                io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected
            )
        {
            return Err(RowFailure::Failed(format!("{}: {error}", row.name)));
        }
    }
    Ok(client)
}

/// Returns the format of the line: how it ended, the addresses, whether a header came, the error, the values.
fn format(named: bool) -> String {
    let mut format =
        "H|%ts|%ST|%[src]|%[src_port]|%[dst]|%[dst_port]|%[fc_rcvd_proxy]|%[fc_err]|%[fc_err_str]".to_owned();
    if named {
        format += "|%[fc_err_name]";
    }
    for kind in TYPES {
        format += &format!("|%[fc_pp_tlv({kind}),hex]");
    }
    format
}

/// Returns the line of a connection with these two `ends`.
fn expected(
    then: Then,
    verdict: &Verdict,
    ends: (SocketAddr, SocketAddr),
    proxy: bool,
    named: bool,
) -> String {
    let dash = || "-".to_owned();
    // A port of 0 is not a port.
    let port = |address: SocketAddr| {
        Some(address.port()).filter(|port| *port > 0).map_or("-".to_owned(), |port| port.to_string())
    };
    let mut fields = vec!["H".to_owned()];
    let mut tell = |(source, destination): (SocketAddr, SocketAddr), end: [&str; 2]| {
        fields.extend(end.map(str::to_owned));
        fields.extend([source.ip().to_string(), port(source)]);
        fields.extend([destination.ip().to_string(), port(destination)]);
    };
    match verdict {
        Verdict::Accepted { told, values } => {
            let end = match then {
                Then::Request => ["LR", "200"],
                Then::Close => ["CR", "400"],
                Then::Wait => ["cR", "408"],
            };
            tell(told.unwrap_or(ends), end);
            fields.extend([u8::from(proxy).to_string(), "0".to_owned(), "Success".to_owned()]);
            fields.extend(named.then(dash));
            for kind in TYPES {
                let value = values.iter().find(|(of, _)| *of == kind);
                fields.push(value.map_or("-".to_owned(), |(_, value)| hex(value)));
            }
        }
        Verdict::Refused { code, shown } => {
            let code = code
                .as_ref()
                .map(|name| ErrorCode::ALL.into_iter().find(|code| code.name() == name).unwrap());
            let told = shown.map(|source| (source, told_with(source)));
            tell(told.unwrap_or(ends), ["PR", "0"]);
            fields.push(dash());
            fields.push(code.map_or_else(dash, |code| code.number().to_string()));
            fields.push(code.map_or_else(dash, |code| code.message().to_owned()));
            fields.extend(named.then(|| code.map_or_else(dash, |code| code.name().to_owned())));
            fields.extend(TYPES.map(|_| dash()));
        }
    }
    fields.join("|")
}

/// Returns the destination in a refused header: the tables have one pair of addresses for each family.
fn told_with(source: SocketAddr) -> SocketAddr {
    if source.is_ipv4() { "192.0.2.2:2222" } else { "[2001:db8::2]:2222" }.parse().unwrap()
}

fn hex(value: &[u8]) -> String {
    value.iter().map(|byte| format!("{byte:02X}")).collect()
}
