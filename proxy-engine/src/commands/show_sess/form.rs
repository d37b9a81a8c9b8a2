//! How `show sess` shows a session or exchange. The words are HAProxy's where we have the same facts, since scripts
//! parse them. In place of HAProxy's internal states we show our phase, with the letter of log lines, and the like.

use std::fmt::Write as _;

use proxy_rules::date::Date;
use proxy_rules::escape::{Map, escape};

use crate::commands::text;
use crate::runtime::inquiry::SessionLine;

/// The form in which sessions are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Whether each takes several lines, all but the first indented.
    pub(super) is_long: bool,
    /// Whether the request line is shown.
    pub(super) has_request: bool,
}

impl Form {
    /// Formats a session or exchange in this form, as whole lines.
    pub(super) fn text(self, session: &SessionLine) -> String {
        // Writing to a string does not fail.
        let mut text = String::new();
        let _ = if self.is_long { long(&mut text, session) } else { self.short(&mut text, session) };
        text
    }

    fn short(self, to: &mut String, session: &SessionLine) -> std::fmt::Result {
        let SessionLine {
            id,
            carriers: (client, at_server),
            source,
            frontend,
            listener,
            backend,
            server,
            stage,
            retries,
            ..
        } = session;
        write!(
            to,
            "{id:#x}: proto={client} src={} fe={} be={} srv={} age={} stage={} rc={retries}",
            text::source(source, listener),
            frontend.name(),
            backend.as_ref().map_or("<NONE>", |backend| backend.name()),
            server.as_ref().map_or("<none>", |server| server.name()),
            text::age(session.age),
            stage.letter(),
        )?;
        if let Some(connection) = session.connection {
            write!(to, " conn={connection:#x}")?;
        }
        if let Some(at_server) = at_server {
            write!(to, " srvproto={at_server}")?;
        }
        if self.has_request && !session.request.is_empty() {
            write!(to, " uri=\"{}\"", request(session))?;
        }
        to.write_char('\n')
    }
}

fn long(to: &mut String, session: &SessionLine) -> std::fmt::Result {
    let SessionLine { id, number, source, frontend, listener, stage, retries, .. } = session;
    write!(to, "{id:#x}: [{}] id={number} ", date(session))?;
    let (client, at_server) = &session.carriers;
    writeln!(to, "proto={client} source={}", text::source(source, listener))?;

    write!(to, "  stage={} age={} conn_retries={retries}", stage.letter(), text::age(session.age))?;
    if let Some(connection) = session.connection {
        write!(to, " connection={connection:#x}")?;
    }
    to.write_char('\n')?;

    let (name, mode) = (frontend.name(), frontend.mode().name());
    write!(to, "  frontend={name} (id={} mode={mode}), ", frontend.id())?;
    let (name, address) = (listener.name().unwrap_or("?"), text::address(listener.address()));
    writeln!(to, "listener={name} (id={}) addr={address}", listener.id())?;

    match &session.backend {
        Some(backend) => writeln!(to, "  backend={} (id={})", backend.name(), backend.id())?,
        None => to.write_str("  backend=<NONE>\n")?,
    }
    match &session.server {
        Some(server) => write!(to, "  server={} (id={})", server.name(), server.id())?,
        None => to.write_str("  server=<NONE>")?,
    }
    if let Some(address) = &session.server_address {
        write!(to, " addr={}", text::address(address))?;
    }
    if let Some(at_server) = at_server {
        write!(to, " proto={at_server}")?;
    }
    to.write_char('\n')?;

    if !session.request.is_empty() {
        write!(to, "  uri=\"{}\"", request(session))?;
        if let Some(status) = session.status {
            write!(to, " status={status}")?;
        }
        to.write_char('\n')?;
    }
    let (from_client, to_client) = session.bytes;
    writeln!(to, "  in={from_client} out={to_client}")
}

/// Formats the start of the session, to the microsecond: `22/Nov/2026:16:40:12.123456`.
fn date(session: &SessionLine) -> String {
    let date = Date::local(session.began);
    let mut text = Vec::new();
    date.log(&mut text);
    format!("{}{:03}", String::from_utf8_lossy(&text), date.micros % 1000)
}

/// Returns the request line, escaped as in log lines, since its bytes are the client's.
fn request(session: &SessionLine) -> String {
    let mut text = Vec::new();
    escape(&mut text, &session.request, Map::Url);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use proto_core::address::Address;
    use proxy_config::Mode;

    use super::*;
    use crate::observe::{ObservedFrontend, ObservedListener, Stage};

    fn inet(text: &str) -> Address {
        Address::Inet(text.parse().unwrap())
    }

    /// Returns an exchange that has no backend yet.
    fn exchange() -> SessionLine {
        let frontend = ObservedFrontend {
            name: "web".to_owned(),
            id: 3,
            mode: Mode::Http,
            log: Default::default(),
            counters: Default::default(),
            tallies: Default::default(),
            rates: Default::default(),
        };
        let listener = ObservedListener {
            name: None,
            id: 1,
            protocol: "tcpv6",
            address: inet("[::1]:80"),
            counters: Default::default(),
            tallies: Default::default(),
            proto: crate::policy::BindProto::default(),
        };
        SessionLine {
            id: 0x1c00,
            number: 7168,
            connection: Some(0x1801),
            carriers: ("mptcpv6/fallback:peer".into(), None),
            source: inet("[2001:db8::7]:4000"),
            frontend: Arc::new(frontend),
            listener: Arc::new(listener),
            backend: None,
            server: None,
            server_address: None,
            began: UNIX_EPOCH + Duration::from_micros(1_793_637_612_123_456),
            age: Duration::from_secs(3_661),
            stage: Stage::Request,
            retries: 0,
            request: b"GET /\x1b\"\xff HTTP/1.1".to_vec(),
            status: None,
            bytes: (1, 2),
        }
    }

    #[test]
    fn a_line_has_haproxys_words_and_then_ours() {
        let form = |has_request| Form { is_long: false, has_request };
        let line = "0x1c00: proto=mptcpv6/fallback:peer src=2001:db8::7:4000 fe=web be=<NONE> srv=<none> age=1h1m stage=R rc=0 \
                    conn=0x1801";
        assert_eq!(form(false).text(&exchange()), format!("{line}\n"));
        assert_eq!(form(true).text(&exchange()), format!("{line} uri=\"GET /#1B#22#FF HTTP/1.1\"\n"));
        let session = SessionLine { connection: None, request: Vec::new(), ..exchange() };
        let (line, _) = line.split_once(" conn=").unwrap();
        assert_eq!(form(true).text(&session), format!("{line}\n"));
        let carriers = ("tcpv6".into(), Some("lz+scr6/native".to_owned()));
        let line = line.replace("mptcpv6/fallback:peer", "tcpv6");
        assert_eq!(
            form(true).text(&SessionLine { carriers, ..session }),
            format!("{line} srvproto=lz+scr6/native\n")
        );
    }

    #[test]
    fn the_long_form_is_indented() {
        let form = Form { is_long: true, has_request: false };
        let text = form.text(&SessionLine { status: Some(200), ..exchange() });
        let (first, rest) = text.split_once('\n').unwrap();
        assert!(first.starts_with("0x1c00: [") && first.contains(":12.123456] id=7168 "), "{first}");
        assert!(first.ends_with(" proto=mptcpv6/fallback:peer source=2001:db8::7:4000"), "{first}");
        assert_eq!(
            rest,
            "  stage=R age=1h1m conn_retries=0 connection=0x1801\n  \
             frontend=web (id=3 mode=http), listener=? (id=1) addr=::1:80\n  \
             backend=<NONE>\n  server=<NONE>\n  \
             uri=\"GET /#1B#22#FF HTTP/1.1\" status=200\n  in=1 out=2\n"
        );
    }
}
