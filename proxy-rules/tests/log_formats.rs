//! Log formats: the output of each alias and each flag for a record. It was compared with that of HAProxy 3.5-dev5.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::record::Told;
use common::{Client, section};
use proto_core::info::{ConnectionInfo, FallbackReason, State};
use proxy_config::Section;
use proxy_rules::log::{LogForm, LogPolicy, UniqueIds, forms};
use proxy_rules::{Context, UniqueIdSource, Variables};

/// Returns a format as a word of the configuration.
fn quoted(format: &str) -> String {
    format!("\"{}\"", format.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Returns a frontend with a format. A missing `log` line is reported by another crate.
fn frontend(format: &str) -> Section {
    section(&format!("  log-format {}", quoted(format)))
}

/// Returns the line that a section writes about a record.
fn line(section: &Section, told: &Told) -> String {
    let (client, mut variables, mut scratch) = (Client::default(), Variables::default(), Vec::new());
    let ids = section.values.get_or_default::<UniqueIds>();
    let id = ids.next();
    let mut context = Context::new(&client, &mut variables, &mut scratch).with_record(told);
    context.unique_id = id.as_ref().map(|id| id as &dyn UniqueIdSource);
    let mut line = Vec::new();
    LogPolicy::of(&section.values).format.unwrap().write(&context, &mut line);
    String::from_utf8(line).unwrap()
}

fn written(format: &str, told: &Told) -> String {
    line(&frontend(format), told)
}

fn all(told: &Told, rows: &[(&str, &str)]) {
    for (format, text) in rows {
        assert_eq!(written(format, told), *text, "{format}");
    }
}

#[test]
fn every_alias() {
    let pid = std::process::id().to_string();
    all(
        &Told::default(),
        &[
            (
                "%ci:%cp %fi:%fp %si:%sp %bi:%bp",
                "192.0.2.7:40000 198.51.100.1:80 203.0.113.9:8080 203.0.113.1:51000",
            ),
            ("%f %ft %b %s", "f f f <NOSRV>"),
            ("%Th/%Ti/%TR/%Tq/%Tw/%Tc/%Tr/%Td/%Ta/%Tt/%Tu", "1/20/10/31/0/30/69/30/139/160/140"),
            ("%B %U %ST %ts %tsc", "2750 47 200 -- ----"),
            ("%ac/%fc/%bc/%sc/%rc %sq/%bq", "5/4/3/2/2 7/8"),
            ("%r", "GET /a#22b\\]?x=1 HTTP/1.1"),
            ("%HM|%HU|%HP|%HPO|%HQ|%HV", "GET|/a#22b\\]?x=1|/a#22b\\]|/a#22b\\]|?x=1|HTTP/1.1"),
            ("%CC|%CS|%hr|%hrl|%hs|%hsl|%ID|%sslc|%sslv", "-|-|||||-|-|-"),
            ("%T|%trg|%Ts|%ms", "30/Nov/2026:10:17:48 +0000|30/Nov/2026:10:17:48 +0000|1796033868|006"),
            ("%rt %lc %OG %pid", &format!("31 11 txn_close {pid}")),
            ("x%transports", "x"),
        ],
    );
    let host = written("%H", &Told::default());
    assert!(!host.is_empty() && host != "-");
    // These parts are the same in every time zone.
    let local = written("%t|%tr|%Tl|%trl", &Told::default());
    let parts: Vec<&str> = local.split('|').collect();
    assert!(parts[0].ends_with("48.006") && parts[1].ends_with("48.027"), "{local}");
    assert!(parts[2].len() == 26 && parts[2] == parts[3], "{local}");
}

#[test]
fn what_did_not_happen() {
    all(
        &Told::failed(),
        &[
            ("%Th %Ti %TR %Tq %Tw %Tc %Tr %Td %Ta %Tt %Tu", "0 -1 -1 -1 -1 -1 -1 -1 5 5 5"),
            ("%r|%HM|%HU|%HP|%HPO|%HQ|%HV", "<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>"),
            ("%si|%sp|%bi|%bp|%{+X}si", "-|-|-|-|-"),
            ("%ST %ts %tsc", "-1 CR CR--"),
        ],
    );
    all(&Told::session(), &[("%ST %Tw/%Tc/%Tt/%Td/%Tq", "0 0/30/139/109/-1"), ("%r", "<BADREQ>")]);
    let half = Told { line: b"GET /a", ..Told::default() };
    all(&half, &[("%r|%HM|%HU|%HV", "GET /a|GET|/a|HTTP/0.9")]);
    let odd = Told { line: b"GET", ..Told::default() };
    let star = Told { line: b"OPTIONS * HTTP/1.1", ..Told::default() };
    all(&star, &[("%HM %HU %HP %HPO [%HQ]", "OPTIONS * * []")]);
    let authority = Told { line: b"CONNECT a:8443 HTTP/1.1", ..Told::default() };
    all(&authority, &[("%HM %HU %HP %HPO [%HQ] %HV", "CONNECT a:8443 a:8443 [] HTTP/1.1")]);
    let absolute = Told { line: b"GET http://a.b:8080/x/y?q=1 HTTP/1.1", ..Told::default() };
    let text = "http://a.b:8080/x/y?q=1 http://a.b:8080/x/y /x/y ?q=1";
    all(&absolute, &[("%HU %HP %HPO %HQ", text)]);
    all(&odd, &[("%r|%HM|%HU|%HQ|%HV", "GET|<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>")]);
}

#[test]
fn marks_of_what_may_still_grow() {
    let told = Told { is_early: true, redispatched: true, ..Told::default() };
    all(
        &told,
        &[
            ("%B %U %Ta %Tt %Tu %Td %rc %OG", "+2750 47 +139 +160 +140 30 +2 txn_response"),
            ("%{+json}o %(a)B %(b)Ta %(c)rc", r#"{"a": 2750, "b": 139, "c": 2}"#),
        ],
    );
    let session = Told { is_early: true, ..Told::session() };
    all(&session, &[("%OG", "txn_connect")]);
}

#[test]
fn flags() {
    all(
        &Told::default(),
        &[
            (
                "%{+Q}ci %{+Q}ft %{+Q}b %{+Q}ST %{+Q}B %{+Q}ts %{+Q}r %{+Q}CC %{+Q}hr %{+Q}hrl %{+Q}ID %{+Q}HQ",
                r#""192.0.2.7" "f" "f" 200 2750 -- "GET /a#22b\]?x=1 HTTP/1.1" "" "" "?x=1""#,
            ),
            ("%{+X}ci %{+X}ST %{+X}B %{+X,+Q}ci %{+X}f %{+X}cp", "C0000207 200 2750 C0000207 f 9C40"),
            ("%{+X}rt %{+X}lc %{+X}Ts %{+X}ms", "001F 000B 6B0D4D4C 06"),
            ("%{+E}HU|%{+E}[str(\"a]b\\\\c\")]", "/a#22b\\\\\\]?x=1|a\\]b\\\\c"),
            ("%{+E,+Q}[str(a]b)]|%{+Q}[str(a]b)]", r#""a\]b"|"a]b""#),
            ("%{+Q}o %ci %{-Q}ci %f %{-Q}o %f %ci", r#""192.0.2.7" 192.0.2.7 "f" f 192.0.2.7"#),
            ("%o%ci %{+Q}o%f", r#"192.0.2.7 "f""#),
            ("%{Q}o %f %{Q}f %{+Q,X}f %{+Z}f %-f", r#"f f "f" f -f"#),
            ("%{-M}o %CC|%ID|%[str()]|%sslc", "|||"),
            ("%{+Q,+X}o %ci:%cp_%fi:%fp_%f %ST", r#"C0000207:9C40_C6336401:0050_"f" 200"#),
            ("%{+bin}o a%[bin(6142)]b", "aaBb"),
            ("%(a)ci %(b:sint)[int(3)] %(c:raw)f %(a-b_c)f", "192.0.2.7 3 f f"),
        ],
    );
}

#[test]
fn expressions_and_spaces() {
    all(
        &Told::default(),
        &[
            ("  lead   two  spaces %hr %hs end  ", "lead two spaces end "),
            ("x%hr %hs", "x "),
            ("%[str()] x %[str()] y", "- x - y"),
            ("a%[str()]b %{-M}[str()] %{-M}CC c", "a-b  c"),
            (
                "%[bin(6142)] %[bool(true)] %[int(-5)] %[src] %[str()] %{+Q}[str()] %{+Q}[int(5)] %{-M}[str()]|%{+X}[int(255)] %[ipv6(::1)]",
                r#"aB 1 -5 192.0.2.7 - "" "5" |255 ::1"#,
            ),
            ("%%|%ci%%", "%|192.0.2.7%"),
            ("%[last_rule_file]:%[last_rule_line] %[srv_name]", "-:- -"),
        ],
    );
}

#[test]
fn json() {
    all(
        &Told::default(),
        &[
            (
                "%{+json}o %(a)ci %(b)ST %(c)B %(d)r %(e)CC %(f)hr %(g)hrl %(h)ts %(i)f %(j)ft %(k)rc text %b \
                 %(l)[str('x\"y\\z/')] %(m)[int(7)] %(n)[bool(true)] %(o)[src] %(p)HQ %(q)ID %(r)OG",
                r#"{"a": "192.0.2.7", "b": 200, "c": 2750, "d": "GET /a#22b\\]?x=1 HTTP/1.1", "e": "", "f": null, "g": null, "h": "--", "i": "f", "j": "f", "k": 2, "l": "x\"y\\z/", "m": 7, "n": true, "o": "192.0.2.7", "p": "?x=1", "q": "", "r": "txn_close"}"#,
            ),
            (
                "%{+json}o %(a:str)ST %(b:bool)ST %(c:sint)ST %(d:str)[int(5)] %(e:bool)[int(5)] %(f:sint)[str(12ab)] \
                 %(g:bool)[str(0)] %(h:raw)[str('x\"y')] %(i:sint)[str(abc)] %(j:str)ci %(k:bool)[str(abc)] \
                 %(l:sint)[bool(true)] %(m:sint)ci %(n:bool)[src]",
                r#"{"a": "200", "b": true, "c": 200, "d": "5", "e": true, "f": 12, "g": false, "h": x"y, "i": 0, "j": "192.0.2.7", "k": false, "l": 1, "m": "192.0.2.7", "n": ""}"#,
            ),
            (
                "%{+json}ci %{+json}ST %{+json}CC %{+json}hr %(x){+json}[int(7)] %{+json}[str('a\"b')] %{+json,+Q}f \
                 %{+json}ts %{+json}r %(:sint){+json}[str(12)] %(:bool){+json}ST",
                r#""192.0.2.7" 200 "" null 7 "a\"b" "f" "--" "GET /a#22b\\]?x=1 HTTP/1.1" 12 true"#,
            ),
            ("%{+json}o %(a)ci %{-json}o %(b)ci x %ci", r#""192.0.2.7" 192.0.2.7 x 192.0.2.7"#),
            ("%{+json}o %ci", "{}"),
            (
                "%{+json}o %(T)T %(Ts)Ts %(ms)ms",
                r#"{"T": "30/Nov/2026:10:17:48 +0000", "Ts": 1796033868, "ms": 6}"#,
            ),
            (
                "%{+json}o %(x){+Q}Ts %(y){+X}Ts %(w){+X}ci %(v){+X}cp %(u){+X}ms",
                r#"{"x": 1796033868, "y": "6B0D4D4C", "w": "C0000207", "v": "9C40", "u": "06"}"#,
            ),
            ("%{+json}o %(a)hrl %(b){-json}ST %(c){+E}f", r#"{"a": null, "b": 200, "c": "f"}"#),
            ("%{+E}o %{+json}f %{+Q}[str(a]b)]", r#""f" "a\]b""#),
            ("%{+json}o %(a)transports", r#"{"a": ""}"#),
        ],
    );
}

#[test]
fn cbor() {
    all(
        &Told::default(),
        &[
            (
                "%{+cbor}o %(a)ci %(b)ST %(d)r %(e)CC %(f)hr %(h)ts %(i)f %(j)ft %(k)rc %(l)[str('x\"y')] %(m)[int(-7)] \
                 %(n)[bool(true)] %(o)[src] %(p)HQ %(q)[bin(00ff)] %(r:str)[int(70000)] %(s:bool)ST %(t:sint)[str(12)] \
                 %(u:raw)[str(ab)]",
                "BF6161693139322E302E322E37616218C861647F66474554202F616323323270625C5D3F783D3120485454502F312E31FF\
                 6165F66166F66168622D2D61696166616A7F6166FF616B02616C63782279616D26616EF5616F693139322E302E322E37\
                 61707F643F783D31FF61715F4200FFFF61726537303030306173F561740C6175abFF",
            ),
            (
                "%{+cbor}ci %{+cbor}ST %{+cbor}CC %{+cbor}r",
                "693139322E302E322E37 18C8 F6 7F66474554202F616323323270625C5D3F783D3120485454502F312E31FF",
            ),
        ],
    );
    let (client, mut variables, mut scratch) = (Client::default(), Variables::default(), Vec::new());
    let told = Told::default();
    let context = Context::new(&client, &mut variables, &mut scratch).with_record(&told);
    let mut binary = Vec::new();
    let section = frontend("%{+cbor,+bin}o %(a)ST %(b)f");
    LogPolicy::of(&section.values).format.unwrap().write(&context, &mut binary);
    assert_eq!(binary, b"\xbf\x61a\x18\xc8\x61b\x61f\xff");
}

#[test]
fn lines_with_names() {
    let zone = section("  log-format %t");
    let date = |section: &Section, told: &Told| line(section, told);
    let accepted = date(&zone, &Told::default());
    let began = written("%tr", &Told::default());
    for (keyword, told, text) in [
        (
            "option httplog",
            Told::default(),
            format!(
                "192.0.2.7:40000 [{began}] f f/<NOSRV> 10/0/30/69/139 200 2750 - - ---- 5/4/3/2/2 7/8 \
                 \"GET /a#22b\\]?x=1 HTTP/1.1\""
            ),
        ),
        (
            "option httplog",
            Told::failed(),
            format!("192.0.2.7:40000 [{began}] f f/<NOSRV> -1/-1/-1/-1/5 -1 2750 - - CR-- 5/4/3/2/2 7/8 \"<BADREQ>\""),
        ),
        (
            "option httplog",
            Told { is_early: true, ..Told::default() },
            format!(
                "192.0.2.7:40000 [{began}] f f/<NOSRV> 10/0/30/69/+139 200 +2750 - - ---- 5/4/3/2/2 7/8 \
                 \"GET /a#22b\\]?x=1 HTTP/1.1\""
            ),
        ),
        (
            "option httplog clf",
            Told::default(),
            "192.0.2.7 - - [30/Nov/2026:10:17:48 +0000] \"GET /a#22b\\]?x=1 HTTP/1.1\" 200 2750 \"\" \"\" 40000 006 \
             \"f\" \"f\" \"<NOSRV>\" 10 0 30 69 139 ---- 5 4 3 2 2 7 8 \"\" \"\" "
                .to_owned(),
        ),
        (
            "option tcplog",
            Told::session(),
            format!("192.0.2.7:40000 [{accepted}] f f/<NOSRV> 0/30/139 2750 -- 5/4/3/2/2 7/8"),
        ),
        (
            "option tcplog clf",
            Told::session(),
            "192.0.2.7 - - [30/Nov/2026:10:17:48 +0000] \"TCP \" 000 2750 \"\" \"\" 40000 006 \"f\" \"f\" \"<NOSRV>\" 0 0 30 139 47 \
             ---- 5 4 3 2 2 7 8 \"\" \"\" "
                .to_owned(),
        ),
    ] {
        assert_eq!(line(&section(&format!("  {keyword}")), &told), text, "{keyword}");
    }
}

#[test]
fn connections_that_are_not_plain_have_a_word_at_the_end() {
    let mut client = ConnectionInfo::new("mptcpv4");
    client.path_limit = Some(3);
    let server =
        ConnectionInfo { state: State::Fallback(FallbackReason::Peer), ..ConnectionInfo::new("mptcpv4") };
    let told = Told { client_info: Some(client), server_info: Some(server), ..Told::default() };
    for form in ["option httplog", "option tcplog"] {
        let line = line(&section(&format!("  {form}")), &told);
        assert!(line.ends_with(" client=mptcpv4/native/0 server=mptcpv4/fallback:peer/0"), "{line}");
    }
    let json = written("%{+json}o %(paths)transports", &told);
    assert_eq!(json, r#"{"paths": "client=mptcpv4/native/0 server=mptcpv4/fallback:peer/0"}"#);
    // Spaces surround it like anything else.
    assert_eq!(
        written("a%transports b", &told),
        "a client=mptcpv4/native/0 server=mptcpv4/fallback:peer/0 b"
    );
}

#[test]
fn the_variables_are_the_forms() {
    for (form, text) in [
        (LogForm::Tcp, forms::TCP),
        (LogForm::TcpClf, forms::TCP_CLF),
        (LogForm::Http, forms::HTTP),
        (LogForm::HttpClf, forms::HTTP_CLF),
    ] {
        let told = Told::default();
        let keyword = form.keyword().unwrap();
        assert_eq!(line(&section(&format!("  {keyword}")), &told), written(text, &told), "{keyword}");
        assert_eq!(form.text(), Some(text));
    }
}

#[test]
fn policies() {
    let policy = |lines: &str| LogPolicy::of(&section(lines).values);
    let plain = policy("");
    assert!(plain.format.is_none() && plain.form == LogForm::Plain && !plain.is_early());
    assert!(!policy("  option httplog").is_early());
    assert!(policy("  option httplog\n  option logasap").is_early());
    // What is known early is written early.
    assert!(policy("  log-format \"%ci %r\"").is_early());
    assert!(!policy("  log-format \"%ci %Tt\"").is_early());
    let all = policy("  log-format-sd %{+Q,+E}o[a@1\\ h=%[str(\"x\")]]\n  error-log-format \"%ci %OG\"");
    assert!(all.structured.is_some() && all.error.is_some() && all.format.is_none());
}

#[test]
fn identifiers_are_made_once() {
    let with =
        section("  unique-id-format %{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt\n  log-format %ID|%[unique-id]|%{+Q}ID");
    let told = Told::default();
    assert_eq!(
        line(&with, &told),
        "C0000207:9C40_C6336401:0050_6B0D4D4C_001F|C0000207:9C40_C6336401:0050_6B0D4D4C_001F|\
         \"C0000207:9C40_C6336401:0050_6B0D4D4C_001F\""
    );
    let random =
        section("  unique-id-format TEST-%[uuid]\n  unique-id-header X-Id\n  log-format %ID,%[unique-id]");
    let text = line(&random, &told);
    let (one, other) = text.split_once(',').unwrap();
    assert!(one == other && one.len() == 41 && one.starts_with("TEST-"), "{text}");
    assert_ne!(line(&random, &told), text);
    let ids = random.values.get_or_default::<UniqueIds>();
    assert_eq!(ids.header.as_deref(), Some(&b"x-id"[..]));
    // A format that contains the identifier finds it empty.
    let own = section("  unique-id-format a%[unique-id]b%ID\n  log-format %ID");
    assert_eq!(line(&own, &told), "ab");
    let long = section(&format!("  unique-id-format {}\n  log-format %ID", "x".repeat(300)));
    assert_eq!(line(&long, &told).len(), 127);
    assert!(section("").values.get_or_default::<UniqueIds>().next().is_none());
}
