//! The command line: what it lists, its errors (with exit code 1, as in HAProxy), and the demonstration that starts
//! without arguments.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};

use braid_tests::forward::{Forward, LIMIT};
use braid_tests::lab;
use braid_tests::process::Signal;
use braid_tests::skip::skip;

fn braid(words: &[&str]) -> (Option<i32>, String) {
    Forward::command().unwrap().args(words.iter().copied()).run().unwrap()
}

#[test]
fn help_and_version() {
    let (code, help) = braid(&["--help"]);
    assert_eq!(code, Some(0), "{help}");
    for part in ["braid -f FILE", "braid forward BIND SERVER", "braid probe ADDRESS", "--check", "SIGUSR1"] {
        assert!(help.contains(part), "{part} in {help}");
    }
    assert_eq!(braid(&["-h"]), (code, help));
    let (code, help) = braid(&["forward", "--help"]);
    assert_eq!(code, Some(0), "{help}");
    for part in ["usage: braid forward BIND SERVER", "--log", "--maxconn"] {
        assert!(help.contains(part), "{part} in {help}");
    }
    let (code, version) = braid(&["-v"]);
    assert_eq!(code, Some(0));
    let lines: Vec<_> = version.lines().collect();
    assert_eq!(lines.len(), 2, "{version}");
    assert!(lines[0].starts_with(concat!("Braid version ", env!("CARGO_PKG_VERSION"), " - ")), "{version}");
    let (_, spoken) = braid(&["-vq"]);
    assert!(lines[1].starts_with(&format!("HAProxy version {spoken} - ")), "{version}");
}

#[test]
fn the_listing_has_every_protocol_cell_and_prefix() {
    let (code, listing) = braid(&["-vv"]);
    assert_eq!(code, Some(0), "{listing}");
    let has = |words: &[&str]| {
        let found =
            listing.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().starts_with(words));
        assert!(found, "{words:?} in {listing}");
    };
    for protocol in ["tcpv4", "tcpv6", "mptcpv4", "mptcpv6", "unix", "sockpair"] {
        has(&[protocol, "stream"]);
    }
    has(&["quicv4", "multiplexed"]);
    has(&["udpv4", "datagram"]);
    for (family, own, other) in [("ipv4", "tcpv4", "mptcpv4"), ("ipv6", "tcpv6", "mptcpv6")] {
        has(&[family, "stream", "default", own]);
        has(&[family, "stream", "alternate", other]);
    }
    for prefix in ["mptcp@", "mptcp4@", "mptcp6@"] {
        has(&[prefix, "proto-mptcp"]);
    }
    for prefix in ["tcp@", "ipv4@", "ip@", "unix@", "uxst@", "abns@", "abnsz@", "fd@", "sockpair@", "quic4@"]
    {
        has(&[prefix]);
    }
    has(&["bs", "mptcp", "prefer|require"]);
    has(&["b", "v6only"]);
}

#[test]
fn a_wrong_one_exits_with_1_and_the_reason() {
    const USAGE: &str = "usage: braid";
    for (words, messages) in [
        (&["froward", "a", "b"][..], ["'froward' is not a flag", "did you mean forward?", USAGE]),
        (&["--chekc"], ["unknown flag '--chekc'", "did you mean --check?", USAGE]),
        (&["-c"], ["no configuration", "-f FILE", USAGE]),
        (&["-f"], ["missing argument after -f", "FILE|DIR", USAGE]),
        (&["-Ws", "-f", "x.cfg"], ["-Ws", "is not supported yet", USAGE]),
        // Words after a subcommand belong to the subcommand.
        (&["forward", "tcp@:1"], ["two addresses", "BIND to listen on", "SERVER to connect to"]),
        (&["forward", "tcp@:1", "tcp@:2", "--threads", "none"], ["--threads", "a number from 1", "'none'"]),
        (&["forward", "tcp@:1", "tcp@:2", "--timeout", "soon"], ["--timeout", "'soon' is not a time", "ms"]),
    ] {
        let (code, output) = braid(words);
        assert_eq!(code, Some(1), "{words:?}: {output}");
        for message in messages {
            assert!(output.contains(message), "{words:?}: {message} in {output}");
        }
    }
}

/// Without arguments it serves a page that says over which transport it was fetched.
#[test]
fn without_arguments_it_is_a_demonstration() {
    let Some(lab) = lab!() else { return };
    let host = lab.namespace("demonstration").unwrap();
    let braid = Forward::command().unwrap().inside(&host).start().unwrap();
    let page = host.run(|| {
        let mut stream = TcpStream::connect("127.0.0.1:5000").unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    });
    let page = page.unwrap();
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("Braid"), "{page}");
    braid.process.signal(Signal::Interrupt).unwrap();
    let status = braid.process.wait_for_exit(LIMIT).unwrap();
    assert_eq!(status.signal(), Some(libc::SIGINT), "{}", braid.process.output());
}

/// A mistake in an address is reported as one in a configuration: `forward` writes one, of which line 3 is the bind
/// line and line 4 the server line.
#[test]
fn a_wrong_address_exits_with_1_and_is_named() {
    const SERVER: &str = "tcp@127.0.0.1:1";
    const BIND: &str = "tcp@127.0.0.1:0";
    for (bind, server, messages) in [
        ("mtcp@:1", SERVER, ["'mtcp@:1': unknown prefix 'mtcp@'", "did you mean 'mptcp@'?"]),
        ("tcp@127.0.0.1:9-5", SERVER, ["'tcp@127.0.0.1:9-5': the range begins at 9", "ends at 5"]),
        ("tcp@127.0.0.1:99999", SERVER, ["'tcp@127.0.0.1:99999'", "port 99999 is over 65535"]),
        ("quic4@127.0.0.1:1", SERVER, ["quicv4", "known, but not built into this binary"]),
        ("quic6@[::1]:1", SERVER, ["quicv6", "known, but not built into this binary"]),
        (BIND, "quic4@127.0.0.1:1", ["cannot connect: quicv4", "known, but not built into this binary"]),
        ("udp@127.0.0.1:1", SERVER, ["'udp@127.0.0.1:1'", "a datagram address is not allowed here"]),
        ("tcp@127.0.0.1:0 v6onyl", SERVER, ["'v6onyl' of a bind line", "did you mean 'v6only'"]),
        ("tcp@127.0.0.1:0 mptcp maybe", SERVER, ["'maybe' for 'mptcp'", "expected 'prefer' or 'require'"]),
        ("tcp@127.0.0.1:0 backlog", SERVER, ["missing argument after 'backlog'", "expected <conns>"]),
        (BIND, "tcp@127.0.0.1:1-2", ["'tcp@127.0.0.1:1-2'", "a range of ports is not allowed here"]),
        (BIND, "tcp@127.0.0.1:1 v6only", ["'v6only'", "a server line"]),
        ("fd@${NO_SUCH_VARIABLE}", SERVER, ["'fd@${NO_SUCH_VARIABLE}'", "NO_SUCH_VARIABLE is not set"]),
        // An address of documentation (RFC 5737) that is not of this host.
        ("tcp@192.0.2.1:0", SERVER, ["cannot bind for 192.0.2.1:0", "Cannot assign requested address"]),
    ] {
        let (code, output) = braid(&["forward", bind, server]);
        assert_eq!(code, Some(1), "{bind} {server}: {output}");
        let line = if bind == BIND { 4 } else { 3 };
        let place = format!("config : parsing [command line:{line}] : ");
        let told: Vec<&str> = output.lines().filter(|line| line.starts_with("[ALERT]")).collect();
        assert!(told.len() == 1 && told[0].contains(&place), "{bind} {server}: {place} in {output}");
        for message in messages {
            assert!(told[0].contains(message), "{bind} {server}: {message} in {output}");
        }
        assert!(output.lines().all(|line| !line.contains("ready")), "{output}");
    }
}

#[test]
fn an_address_in_use_is_named() {
    let used = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = used.local_addr().unwrap();
    for prefix in ["tcp@", "mptcp@"] {
        let (code, output) = braid(&["forward", &format!("{prefix}{addr}"), "tcp@127.0.0.1:1"]);
        assert_eq!(code, Some(1), "{output}");
        assert!(output.contains(&addr.to_string()) && output.contains("Address already in use"), "{output}");
    }
}

/// In a namespace without any route, so that no resolver is asked.
#[test]
fn a_name_that_does_not_resolve_is_named() {
    let Some(lab) = lab!() else { return };
    let alone = lab.namespace("alone").unwrap();
    let braid = Forward::new("tcp@127.0.0.1:0", "tcp@nonexistent.invalid:80").unwrap();
    let (code, output) = braid.inside(&alone).run().unwrap();
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("cannot resolve 'nonexistent.invalid'"), "{output}");
}

#[test]
fn a_port_without_the_privilege_for_it_is_named() {
    const TEST: &str = "a_port_without_the_privilege_for_it_is_named";
    /// The id of the user `nobody` on most systems; it only matters that it has no rights.
    const NOBODY: u32 = 65534;
    /// The first port that any user may bind; above all ports if none may be bound.
    const START: &str = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    let start = fs::read_to_string(START).unwrap();
    let Some(port) = start.trim().parse::<u16>().unwrap().checked_sub(1).filter(|port| *port > 0) else {
        return skip(TEST, "every port may be bound without privileges");
    };
    let braid = Forward::new(format!("tcp@127.0.0.1:{port}"), "tcp@127.0.0.1:1").unwrap();
    match braid.with(|command| _ = command.uid(NOBODY)).run() {
        Err(error) => skip(TEST, &format!("the program cannot be run as another user: {error}")),
        Ok((code, output)) => {
            assert_eq!(code, Some(1), "{output}");
            let message = format!("cannot bind for 127.0.0.1:{port}: Permission denied");
            assert!(output.contains(&message), "{output}");
        }
    }
}
