//! The command line: what it lists, and what it says when it is wrong, with exit codes 2 (asked wrongly) and 1 (could
//! not be done).
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;

use braid_tests::forward::Forward;
use braid_tests::lab;
use braid_tests::skip::skip;

fn braid(words: &[&str]) -> (Option<i32>, String) {
    Forward::command().unwrap().args(words.iter().copied()).run().unwrap()
}

#[test]
fn help_and_version() {
    let (code, help) = braid(&["--help"]);
    assert_eq!(code, Some(0), "{help}");
    for part in ["braid forward BIND SERVER", "--log", "--maxconn", "SIGUSR1"] {
        assert!(help.contains(part), "{part} in {help}");
    }
    let (code, version) = braid(&["-v"]);
    assert_eq!(code, Some(0));
    assert_eq!(version, concat!("Braid version ", env!("CARGO_PKG_VERSION")));
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
fn one_that_is_wrong_exits_with_2_and_its_usage() {
    for (words, message) in [
        (&[][..], "nothing to do"),
        (&["froward", "a", "b"], "unknown command 'froward'"),
        (&["forward", "tcp@:1"], "two addresses"),
        (&["forward", "tcp@:1", "tcp@:2", "--threads", "none"], "--threads takes a number"),
        (&["forward", "tcp@:1", "tcp@:2", "--timeout", "soon"], "'soon' is not a time"),
        (&["--verbose"], "invalid option '--verbose'"),
    ] {
        let (code, output) = braid(words);
        assert_eq!(code, Some(2), "{words:?}: {output}");
        assert!(output.contains(message) && output.contains("usage: braid"), "{words:?}: {output}");
    }
}

#[test]
fn an_address_that_is_wrong_exits_with_1_and_says_which() {
    const SERVER: &str = "tcp@127.0.0.1:1";
    for (bind, server, messages) in [
        ("mtcp@:1", SERVER, ["cannot listen on 'mtcp@:1'", "mptcp@"]),
        ("tcp@127.0.0.1:9-5", SERVER, ["cannot listen on 'tcp@127.0.0.1:9-5'", "9-5"]),
        ("tcp@127.0.0.1:99999", SERVER, ["cannot listen on", "99999"]),
        ("quic4@127.0.0.1:1", SERVER, ["quicv4", "known, not built into this binary"]),
        ("quic6@[::1]:1", SERVER, ["quicv6", "known, not built into this binary"]),
        (
            "tcp@127.0.0.1:0",
            "quic4@127.0.0.1:1",
            ["cannot use the server", "known, not built into this binary"],
        ),
        (
            "udp@127.0.0.1:1",
            SERVER,
            ["cannot listen on 'udp@127.0.0.1:1'", "a datagram address cannot stand here"],
        ),
        ("tcp@127.0.0.1:0 v6onyl", SERVER, ["unknown option 'v6onyl'", "did you mean 'v6only'?"]),
        ("tcp@127.0.0.1:0 mptcp maybe", SERVER, ["option 'mptcp'", "'prefer' or 'require'"]),
        ("tcp@127.0.0.1:0 backlog", SERVER, ["option 'backlog' takes <conns>", ""]),
        ("tcp@127.0.0.1:0", "tcp@127.0.0.1:1-2", ["cannot use the server 'tcp@127.0.0.1:1-2'", ""]),
        ("tcp@127.0.0.1:0", "tcp@127.0.0.1:1 v6only", ["unknown option 'v6only' of a server address", ""]),
        ("fd@${NO_SUCH_VARIABLE}", SERVER, ["cannot listen on", "NO_SUCH_VARIABLE"]),
        // An address of documentation (RFC 5737) that is not of this host.
        ("tcp@192.0.2.1:0", SERVER, ["cannot bind for 192.0.2.1:0", "Cannot assign requested address"]),
    ] {
        let (code, output) = braid(&["forward", bind, server]);
        assert_eq!(code, Some(1), "{bind} {server}: {output}");
        for message in messages {
            assert!(output.contains(message), "{bind} {server}: {message} in {output}");
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

/// In a namespace without any way out, so that no resolver is asked.
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
    /// Nobody's, on most systems; that it has no rights is all that matters.
    const NOBODY: u32 = 65534;
    /// The first port that everybody may bind; it is no port at all if that is every one.
    const START: &str = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    let start = fs::read_to_string(START).unwrap();
    let Some(port) = start.trim().parse::<u16>().unwrap().checked_sub(1).filter(|port| *port > 0) else {
        return skip(TEST, "every port is free for everybody");
    };
    let braid = Forward::new(format!("tcp@127.0.0.1:{port}"), "tcp@127.0.0.1:1").unwrap();
    match braid.with(|command| _ = command.uid(NOBODY)).run() {
        Err(error) => skip(TEST, &format!("the program cannot be run as somebody else: {error}")),
        Ok((code, output)) => {
            assert_eq!(code, Some(1), "{output}");
            let message = format!("cannot bind for 127.0.0.1:{port}: Permission denied");
            assert!(output.contains(&message), "{output}");
        }
    }
}
