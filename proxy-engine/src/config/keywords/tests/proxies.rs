//! Tests of the keywords of proxies and servers, and of their inheritance from defaults.

use std::net::IpAddr;

use super::*;

#[test]
fn switches_go_on_and_off() {
    type Field = fn(&Switches) -> bool;
    let all: [(&str, Field); 8] = [
        ("http-ignore-probes", |switches| switches.ignore_probes),
        ("http-no-delay", |switches| switches.no_delay),
        ("http-buffer-request", |switches| switches.buffer_request),
        ("prefer-last-server", |switches| switches.prefer_last_server),
        ("accept-unsafe-violations-in-http-request", |switches| switches.accept_unsafe_requests),
        ("accept-unsafe-violations-in-http-response", |switches| switches.accept_unsafe_responses),
        ("h1-case-adjust-bogus-client", |switches| switches.adjust_client_case),
        ("h1-case-adjust-bogus-server", |switches| switches.adjust_server_case),
    ];
    for (name, field) in all {
        let on = well(&format!("option {name}")).values.get_or_default::<Switches>();
        // Exactly this one.
        let count = all.iter().filter(|(_, field)| field(&on)).count();
        assert!(field(&on) && count == 1, "{name}: {on:?}");
        for undo in ["no", "default"] {
            let off = well(&format!("option {name}\n{undo} option {name}"));
            assert_eq!(off.values.get_or_default::<Switches>(), Switches::default(), "{undo} {name}");
        }
        refused(&[(&format!("option {name} x"), "unexpected 'x'")]);
    }
}

#[test]
fn a_client_that_closes_aborts_unless_said_otherwise() {
    for (lines, http, tcp) in [
        ("", true, false),
        ("option abortonclose", true, true),
        ("no option abortonclose", false, false),
        ("option abortonclose\ndefault option abortonclose", true, false),
    ] {
        let switches: Switches = well(lines).values.get_or_default();
        assert_eq!((switches.aborts(Mode::Http), switches.aborts(Mode::Tcp)), (http, tcp), "{lines}");
    }
}

#[test]
fn what_defaults_say_is_taken_over_and_overridden() {
    let (configuration, said) = read(&format!(
        "defaults\n {DEFAULTS} mode http
 option http-no-delay
 option forwardfor header X-Client
 option httpclose
 http-reuse never
 retry-on 503
 timeout http-request 5s
 timeout tarpit 7s
 hash-type consistent
 option http-restrict-req-hdr-names reject
 default-server pool-max-conn 3 max-reuse 1
listen one
 server s 127.0.0.1:1
listen two
 no option http-no-delay
 option forwardfor if-none
 no option httpclose
 http-reuse always
 retry-on none
 timeout http-request 0
 timeout http-keep-alive 1s
 hash-type map-based crc32
 option http-restrict-req-hdr-names preserve
 server s 127.0.0.1:1 pool-max-conn -1
"
    ));
    assert_eq!(said, Vec::<String>::new());
    let [one, two] = &configuration.proxies[..] else { panic!("there are two") };
    let pool = |section: &Section| -> IdlePool {
        section.get::<Servers>().unwrap().0[0].parameters.values.get_or_default()
    };

    assert!(one.get::<Switches>().unwrap().no_delay && !two.get::<Switches>().unwrap().no_delay);
    let forward = |name: &str, if_none| Some(ForwardFor { name: name.to_owned(), except: None, if_none });
    assert_eq!(one.get::<ForwardFor>().cloned(), forward("x-client", false));
    assert_eq!(two.get::<ForwardFor>().cloned(), forward("x-forwarded-for", true));
    assert_eq!((one.get(), two.get()), (Some(&Closing::Both), Some(&Closing::KeepAlive)));
    assert_eq!((one.get(), two.get()), (Some(&Reuse::Never), Some(&Reuse::Always)));
    assert!(one.get::<RetryOn>().unwrap().has(RetryCause::Status(503)));
    assert_eq!(two.get(), Some(&RetryOn::NONE));
    let second = |seconds| Some(Duration::from_secs(seconds));
    let (request, keep_alive, tarpit) = (second(5), None, second(7));
    assert_eq!(one.get(), Some(&HttpTimeouts { request, keep_alive, tarpit }));
    assert_eq!(two.get(), Some(&HttpTimeouts { request: None, keep_alive: second(1), tarpit }));
    assert_eq!(one.get::<HashType>().unwrap().method, HashMethod::Consistent);
    assert_eq!(two.get::<HashType>().unwrap().function, HashFunction::Crc32);
    assert_eq!((one.get(), two.get()), (Some(&UnusualNames::Reject), Some(&UnusualNames::Preserve)));
    assert_eq!((pool(one).most, pool(two).most), (Some(3), None));
    assert_eq!((pool(one).most_reuses, pool(two).most_reuses), (Some(1), Some(1)));
}

#[test]
fn the_last_way_of_closing_counts_and_no_undoes_only_itself() {
    for (lines, expected) in [
        ("", Closing::KeepAlive),
        ("option http-server-close", Closing::Server),
        ("option httpclose\noption http-server-close", Closing::Server),
        ("option http-server-close\noption httpclose", Closing::Both),
        ("option httpclose\noption http-keep-alive", Closing::KeepAlive),
        ("option httpclose\nno option http-server-close", Closing::Both),
        ("option httpclose\nno option http-keep-alive", Closing::Both),
        ("option httpclose\nno option httpclose", Closing::KeepAlive),
    ] {
        assert_eq!(well(lines).values.get_or_default::<Closing>(), expected, "{lines}");
    }
    refused(&[
        ("default option httpclose", "'default' cannot be combined"),
        ("option http-server-close 1", "unexpected '1'"),
    ]);
}

#[test]
fn both_sides_say_what_is_closed() {
    use Closing::{Both, KeepAlive, Server};
    assert!(
        Closing::closes_client(Both) && !Closing::closes_client(Server) && !Closing::closes_client(KeepAlive)
    );
    for (frontend, backend, expected) in [
        (KeepAlive, KeepAlive, false),
        (Server, KeepAlive, true),
        (Both, KeepAlive, false),
        (KeepAlive, Server, true),
        (KeepAlive, Both, true),
    ] {
        assert_eq!(Closing::closes_server(frontend, backend), expected, "{frontend:?} {backend:?}");
    }
}

#[test]
fn forwarded_addresses() {
    let section = well(
        "option forwardfor except 10.0.0.0/8 header X-Client if-none\noption originalto header X-Dst except ::1/128",
    );
    let forward: &ForwardFor = section.get().unwrap();
    assert!(forward.name == "x-client" && forward.if_none);
    assert!(forward.except.unwrap().contains([10, 1, 2, 3].into()));
    let original: &OriginalTo = section.get().unwrap();
    assert!(original.name == "x-dst" && original.except.unwrap().contains("::1".parse().unwrap()));
    // A second line replaces the first.
    let section = well("option forwardfor except 10.0.0.0/8 if-none\noption forwardfor\noption originalto");
    let (name, except) = ("x-forwarded-for".to_owned(), None);
    assert_eq!(section.get(), Some(&ForwardFor { name, except, if_none: false }));
    assert_eq!(section.get(), Some(&OriginalTo { name: "x-original-to".to_owned(), except }));
    refused(&[
        ("no option forwardfor", "'no' is not allowed"),
        ("option forwardfor except", "missing argument after"),
        ("option forwardfor except 10.0.0.0/33", "invalid value"),
        ("option forwardfor except name", "invalid value"),
        ("option forwardfor header", "missing argument after"),
        ("option forwardfor header a:b", "invalid value"),
        ("option forwardfor ifnone", "unexpected 'ifnone'"),
        ("option originalto if-none", "unexpected 'if-none'"),
    ]);
}

#[test]
fn networks() {
    for (network, inside, outside) in [
        ("192.0.2.1", "192.0.2.1", "192.0.2.0"),
        ("192.0.2.77/24", "192.0.2.200", "192.0.3.1"),
        ("192.0.2.0/255.255.254.0", "192.0.3.1", "192.0.4.1"),
        ("192.0.2.1/24", "::ffff:192.0.2.9", "2001:db8::1"),
        ("0.0.0.0/0", "255.255.255.255", "::1"),
        ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
        ("::ffff:10.0.0.0/104", "10.200.0.1", "11.0.0.1"),
        ("::1", "::1", "::2"),
    ] {
        let section = well(&format!("option forwardfor except {network}"));
        let except = section.get::<ForwardFor>().unwrap().except.unwrap();
        // Addresses are compared as an exchange does: mapped ones as IPv4.
        let has = |address: &str| except.contains(address.parse::<IpAddr>().unwrap().to_canonical());
        assert!(has(inside), "{network} {inside}");
        assert!(!has(outside), "{network} {outside}");
    }
    // All addresses of the family.
    assert!(
        well("option forwardfor except ::/0")
            .get::<ForwardFor>()
            .unwrap()
            .except
            .unwrap()
            .contains([1; 4].into())
    );
}

#[test]
fn reuse() {
    assert_eq!(Reuse::default(), Reuse::Safe);
    for (word, reuse) in [("safe", Reuse::Safe), ("aggressive", Reuse::Aggressive), ("always", Reuse::Always)]
    {
        assert_eq!(well(&format!("http-reuse {word}")).get(), Some(&reuse));
    }
    refused(&[
        ("http-reuse", "missing argument after"),
        ("http-reuse on", "invalid value"),
        ("no http-reuse", "'no'"),
    ]);
}

#[test]
fn causes_to_retry() {
    let causes = |line: &str| *well(line).get::<RetryOn>().unwrap();
    let default = RetryOn::default();
    assert!(default.has(RetryCause::ConnectFailure) && !default.keeps_requests());
    assert!(!default.has(RetryCause::EmptyResponse));
    let some = causes("retry-on empty-response 404 503");
    assert!(
        some.has(RetryCause::EmptyResponse) && some.has(RetryCause::Status(404)) && some.keeps_requests()
    );
    assert!(!some.has(RetryCause::ConnectFailure) && !some.has(RetryCause::Status(500)));
    assert!(!some.has(RetryCause::Status(200)));
    // Only the causes named are retried, also of connections.
    for (line, expected) in [
        ("conn-failure", true),
        ("all-retryable-errors", true),
        ("503 conn-failure", true),
        ("503", false),
        ("none", false),
    ] {
        assert_eq!(causes(&format!("retry-on {line}")).retries_connections(), expected, "{line}");
    }
    assert!(default.retries_connections());
    // The last line counts.
    assert_eq!(causes("retry-on 503\nretry-on conn-failure"), default);
    assert_eq!(causes("retry-on 503\nretry-on none"), RetryOn::NONE);
    let all = causes("retry-on all-retryable-errors 429");
    for cause in [RetryCause::ConnectFailure, RetryCause::JunkResponse, RetryCause::ResponseTimeout] {
        assert!(all.has(cause) && all.has(RetryCause::EarlyDataRejected), "{cause:?}");
    }
    for (status, expected) in [(429, true), (500, true), (501, false), (502, true), (503, true), (504, true)]
    {
        assert_eq!(all.has(RetryCause::Status(status)), expected, "{status}");
    }
    for status in STATUSES {
        assert!(causes(&format!("retry-on {status}")).has(RetryCause::Status(status)), "{status}");
    }
    refused(&[
        ("retry-on", "missing argument after"),
        ("retry-on 200", "unknown cause '200'"),
        ("retry-on 505", "unknown cause '505'"),
        ("retry-on none 503", "unexpected '503'"),
        ("retry-on 503 none", "cannot be combined"),
        ("retry-on conn_failure", "unknown cause"),
    ]);
}

const STATUSES: [u16; 12] = [401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504];

#[test]
fn timeouts() {
    refused(&[
        ("timeout http-request", "missing argument after"),
        ("timeout http-keep-alive x", "invalid value"),
        ("timeout tarpit 30d", "at most 24 days"),
    ]);
    let (_, said) = section("timeout http-request 10");
    assert!(matches!(&said[..], [one] if one.starts_with("W7 a timeout of 10 milliseconds")), "{said:?}");
}

#[test]
fn unusual_names() {
    assert_eq!(UnusualNames::default(), UnusualNames::Preserve);
    assert_eq!(well("option http-restrict-req-hdr-names delete").get(), Some(&UnusualNames::Delete));
    for (name, expected) in [("x-a-1", false), ("X", false), ("x_a", true), ("x.a", true), ("", false)] {
        assert_eq!(UnusualNames::is_unusual(name.as_bytes()), expected, "{name}");
    }
    refused(&[
        ("option http-restrict-req-hdr-names", "missing argument after"),
        ("option http-restrict-req-hdr-names drop", "invalid value"),
        ("no option http-restrict-req-hdr-names", "'no' is not allowed"),
    ]);
}

#[test]
fn pools_of_servers() {
    let pool = |words: &str| -> IdlePool {
        let section = well(&format!("server s 127.0.0.1:1 {words}"));
        section.get::<Servers>().unwrap().0[0].parameters.values.get_or_default()
    };
    let five = Duration::from_secs(5);
    assert_eq!(pool(""), IdlePool { most: None, purge_delay: five, low: 0, most_reuses: None });
    assert_eq!(
        pool("pool-max-conn 0 pool-purge-delay 100 pool-low-conn 4 max-reuse 0"),
        IdlePool { most: Some(0), purge_delay: Duration::from_millis(100), low: 4, most_reuses: Some(0) }
    );
    assert_eq!(pool("pool-max-conn -1 max-reuse -1 pool-purge-delay 5s"), pool(""));
    refused(&[
        ("server s 127.0.0.1:1 pool-max-conn -2", "invalid value"),
        ("server s 127.0.0.1:1 pool-max-conn", "missing argument after"),
        ("server s 127.0.0.1:1 pool-low-conn -1", "invalid value"),
        ("server s 127.0.0.1:1 pool-purge-delay x", "invalid value"),
        ("server s 127.0.0.1:1 max-reuse 1.5", "invalid value"),
    ]);
}
