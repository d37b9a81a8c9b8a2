//! The report of a probe, as text and as JSON.

use std::fmt::Write as _;
use std::time::Duration;

use proto_core::extension::Value;
use proto_core::info::{ConnectionInfo, Path, PathState};

use super::json::{Object, array, quoted};
use super::target::NoConnection;
use super::verdict::Verdict;

/// The result of a request.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) status_line: Option<String>,
    pub(crate) body: u64,
    /// Why the response is incomplete.
    pub(crate) failure: Option<String>,
}

/// The result of a probe.
#[derive(Debug)]
pub(crate) struct Report {
    /// The address as it was understood, with its prefix.
    pub(crate) address: String,
    pub(crate) peer: String,
    pub(crate) verdict: Verdict,
    pub(crate) connecting: Duration,
    pub(crate) info: ConnectionInfo,
    pub(crate) got: Option<Got>,
    /// Whether other facts of the transport are shown as text; the verdict may be based on them already.
    pub(crate) shows_facts: bool,
}

impl Report {
    /// Returns a line with the verdict, then details of the connection.
    pub(crate) fn text(&self) -> String {
        let Report { address, peer, verdict, .. } = self;
        let answer = if verdict.as_asked { "yes" } else { "no" };
        let mut text = format!("{answer:<4} {address}: {}\n", verdict.why);
        let mut line = |name: &str, value: &str| _ = writeln!(text, "     {name:<10} {value}");
        if let Some(note) = &verdict.note {
            line("note", note);
        }
        line("connected", &format!("to {peer} in {}, {}", millis(self.connecting), self.info.state.name()));
        if let Some(got) = &self.got {
            let status = got.status_line.as_deref().map_or_else(|| "no response".to_owned(), printable);
            let failure =
                got.failure.as_ref().map(|why| format!(" ({})", printable(why))).unwrap_or_default();
            line("get", &format!("{status}, {} bytes of body{failure}", got.body));
        }
        if let Some(limit) = self.info.path_limit {
            line("paths", &format!("{}, at most {limit}", self.info.paths.len()));
        }
        if self.shows_facts {
            for (name, value) in &self.info.extra {
                line(name, &printable(&value.to_string()));
            }
        }
        let paths = &self.info.paths;
        let is_silent = self.got.is_none() && paths.iter().all(|path| bytes(path) == 0);
        if is_silent && !paths.is_empty() {
            line("bytes", "no payload, since there was no request (--get sends one)");
        }
        text + &table(paths, !is_silent)
    }

    /// Returns the report as a JSON object.
    pub(crate) fn json(&self) -> String {
        let info = &self.info;
        let got = self.got.as_ref().map(|got| {
            Object::new()
                .maybe("status_line", got.status_line.as_deref().map(Quoted))
                .raw("body_bytes", got.body)
                .raw("complete", got.failure.is_none())
                .maybe("failure", got.failure.as_deref().map(Quoted))
                .close()
        });
        let mut extra = Object::new();
        for (name, value) in &info.extra {
            extra = match value {
                Value::Bool(value) => extra.raw(name, value),
                Value::Integer(value) => extra.raw(name, value),
                Value::Duration(value) => extra.raw(&format!("{name}_us"), value.as_micros()),
                Value::Ip(_) | Value::Text(_) => extra.text(name, &value.to_string()),
            };
        }
        with_members(Object::new().text("address", &self.address), &self.verdict.members)
            .text("reason", self.verdict.word)
            .text("why", &self.verdict.why)
            .raw("as_asked", self.verdict.as_asked)
            .text("peer", &self.peer)
            .text("transport", info.transport)
            .raw("layers", array(info.layers.iter().map(|layer| quoted(layer))))
            .text("state", info.state.name())
            .raw("connecting_us", self.connecting.as_micros())
            .maybe("path_limit", info.path_limit)
            .raw("paths", array(info.paths.iter().map(path_json)))
            .maybe("get", got)
            .raw("extra", extra.close())
            .close()
    }
}

/// Returns a JSON object for a probe without a connection.
pub(crate) fn failure_json(
    address: &str,
    members: Vec<(&'static str, String)>,
    failure: &NoConnection,
) -> String {
    with_members(Object::new().text("address", address), &members)
        .text("reason", failure.word())
        .text("why", &failure.to_string())
        .raw("as_asked", "null")
        .close()
}

fn with_members(object: Object, members: &[(&'static str, String)]) -> Object {
    members.iter().fold(object, |object, (name, value)| object.raw(name, value))
}

struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&quoted(self.0))
    }
}

pub(crate) fn path_json(path: &Path) -> String {
    Object::new()
        .raw("id", path.id)
        .text("local", &path.local.to_string())
        .text("remote", &path.remote.to_string())
        .maybe("rtt_us", path.rtt.map(|rtt| rtt.as_micros()))
        .raw("bytes_sent", path.bytes_sent)
        .raw("bytes_received", path.bytes_received)
        .raw("retransmissions", path.retransmissions)
        .maybe("backup", path.backup)
        .text("state", state(path.state))
        .close()
}

/// Returns the bytes of payload in both directions.
fn bytes(path: &Path) -> u64 {
    path.bytes_sent.saturating_add(path.bytes_received)
}

/// Formats paths in columns, with or without counters; empty if there are none.
fn table(paths: &[Path], has_counts: bool) -> String {
    const COUNTS: std::ops::Range<usize> = 4..7;
    const TITLES: [&str; 9] =
        ["path", "local", "remote", "rtt", "sent", "received", "resent", "backup", "state"];
    if paths.is_empty() {
        return String::new();
    }
    let cells = |path: &Path| {
        [
            path.id.to_string(),
            path.local.to_string(),
            path.remote.to_string(),
            path.rtt.map_or_else(|| "-".to_owned(), millis),
            path.bytes_sent.to_string(),
            path.bytes_received.to_string(),
            path.retransmissions.to_string(),
            path.backup.map_or("-", |backup| if backup { "yes" } else { "no" }).to_owned(),
            state(path.state).to_owned(),
        ]
    };
    let rows: Vec<[String; 9]> =
        std::iter::once(TITLES.map(str::to_owned)).chain(paths.iter().map(cells)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 9] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let shown = row.iter().zip(widths).enumerate().filter(|(at, _)| has_counts || !COUNTS.contains(at));
        let cells: Vec<String> = shown.map(|(_, (cell, width))| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "     {}", cells.join("  ").trim_end());
    }
    text
}

pub(crate) fn state(state: PathState) -> &'static str {
    match state {
        PathState::Connecting => "connecting",
        PathState::Established => "established",
        PathState::Closing => "closing",
        PathState::Closed => "closed",
    }
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}

/// Makes text of a peer safe for a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use proto_core::address::Address;

    use super::*;

    fn report(status_line: &str) -> Report {
        let path = |id: u32, port: u16| Path {
            id,
            local: Address::Inet(([192, 0, 2, 1], port).into()),
            remote: Address::Inet(([192, 0, 2, 2], 80).into()),
            rtt: (id == 0).then_some(Duration::from_micros(1500)),
            bytes_sent: 10,
            bytes_received: 12_345_678,
            retransmissions: 0,
            backup: None,
            state: PathState::Established,
        };
        let info =
            ConnectionInfo { paths: vec![path(0, 9), path(7, 50000)], ..ConnectionInfo::new("mptcpv4") };
        let got = Got { status_line: Some(status_line.to_owned()), body: 3, failure: None };
        Report {
            address: "mptcp@192.0.2.2:80".to_owned(),
            peer: "192.0.2.2:80".to_owned(),
            verdict: Verdict::of(&info),
            connecting: Duration::from_millis(2),
            info,
            got: Some(got),
            shows_facts: false,
        }
    }

    #[test]
    fn columns_are_aligned() {
        let text = report("HTTP/1.1 200 OK").text();
        let rows: Vec<&str> = text.lines().rev().take(3).collect();
        let at = |row: &str, word: &str| row.find(word).expect(word);
        assert_eq!(at(rows[2], "remote"), at(rows[0], "192.0.2.2:80"), "{text}");
        assert_eq!(at(rows[1], "192.0.2.2:80"), at(rows[0], "192.0.2.2:80"), "{text}");
        assert_eq!(at(rows[2], "state"), at(rows[0], "established"), "{text}");
    }

    #[test]
    fn where_nothing_was_sent_nothing_is_counted() {
        let mut silent = Report { got: None, ..report("") };
        assert!(silent.text().contains("12345678") && !silent.text().contains("no request"));
        silent.info.paths.iter_mut().for_each(|path| (path.bytes_sent, path.bytes_received) = (0, 0));
        let text = silent.text();
        assert!(text.contains("there was no request (--get sends one)"), "{text}");
        assert!(text.contains("state") && !text.contains("received"), "{text}");
    }

    #[test]
    fn text_of_a_peer_is_made_safe_for_a_terminal() {
        let report = report("HTTP/1.1 200 \u{1b}[2J\"");
        assert!(report.text().contains("200 ?[2J\""), "{}", report.text());
        assert!(report.json().contains(r#"200 \u001b[2J\"""#), "{}", report.json());
    }
}
