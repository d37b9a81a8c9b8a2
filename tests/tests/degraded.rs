//! Missing features: MPTCP switched off, options that the kernel refuses. Braid warns once and serves anyway, or
//! refuses if the line says so.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::net::SocketAddr;

use braid_load::Transport;
use braid_tests::forward::{Braid, Forward};
use braid_tests::lab;
use common::{has_mptcp, origin, ping};

/// Counts the warnings that contain all of `parts`.
fn count(braid: &Braid, parts: &[&str]) -> usize {
    braid.warnings().iter().filter(|warning| parts.iter().all(|part| warning.contains(part))).count()
}

#[test]
fn switched_off_mptcp_is_tcp_with_one_warning_each() {
    let Some(lab) = lab!(Mptcp) else { return };
    let host = lab.namespace("without").unwrap();
    host.set_sysctl("net.mptcp.enabled", "0").unwrap();
    let origin = host.run(|| origin("127.0.0.1", Transport::Tcp)).unwrap();
    let server = format!("mptcp@{}", origin.addr());
    let braid = Forward::new("mptcp@127.0.0.1:7000", &server).unwrap().inside(&host).start().unwrap();
    host.run(|| (0..3).for_each(|_| ping(braid.addr().unwrap()))).unwrap();
    for session in braid.sessions(3).unwrap() {
        assert_eq!(session.get("client-state"), "fallback:kernel");
        assert_eq!(session.get("server-state"), "fallback:kernel");
    }
    // Two in all, although there were three connections.
    assert_eq!(braid.warnings().len(), 2, "{:?}", braid.warnings());
    for address in ["127.0.0.1:7000", &origin.addr().to_string()] {
        assert_eq!(count(&braid, &[address, "mptcpv4", "net.mptcp.enabled", "TCP is used instead"]), 1);
    }
}

#[test]
fn switched_off_mptcp_that_is_required_is_an_error() {
    let Some(lab) = lab!(Mptcp) else { return };
    let host = lab.namespace("without").unwrap();
    host.set_sysctl("net.mptcp.enabled", "0").unwrap();
    for (bind, server) in [
        ("mptcp@127.0.0.1:7000 mptcp require", "tcp@127.0.0.1:1"),
        ("mptcp@[::1]:7000 mptcp require", "tcp@127.0.0.1:1"),
        ("tcp@127.0.0.1:7000", "mptcp@127.0.0.1:1 mptcp require"),
    ] {
        let (code, output) = Forward::new(bind, server).unwrap().inside(&host).run().unwrap();
        assert_eq!(code, Some(1), "{output}");
        assert!(output.contains("MPTCP is required here and not available"), "{output}");
        assert!(output.contains("the sysctl net.mptcp.enabled is 0"), "{output}");
        assert!(!output.contains("ready"), "{output}");
    }
}

#[test]
fn options_that_mptcp_refuses_give_a_warning_and_it_serves() {
    if !has_mptcp("options_that_mptcp_refuses_give_a_warning_and_it_serves") {
        return;
    }
    let origin = origin("127.0.0.1", Transport::Mptcp);
    let bind = "mptcp@127.0.0.1:0 tcp-ut 30s tcp-ss 1 cc nosuchcc";
    let server = format!("mptcp@{} tcp-ut 30s cc nosuchcc", origin.addr());
    let braid = Forward::new(bind, &server).unwrap().start().unwrap();
    let listener = braid.addr().unwrap();
    let sides: [(SocketAddr, &[&str]); 2] = [
        ("127.0.0.1:0".parse().unwrap(), &["tcp-ut", "tcp-ss 1", "cc nosuchcc"]),
        (origin.addr(), &["tcp-ut", "cc nosuchcc"]),
    ];
    for (address, options) in sides {
        for option in options {
            let said = format!("option '{option}");
            let warnings = braid.warnings();
            assert_eq!(count(&braid, &[&said, &format!("{address} (mptcpv4)")]), 1, "{said}: {warnings:?}");
        }
    }
    assert_eq!(braid.warnings().len(), 5, "{:?}", braid.warnings());
    for transport in [Transport::Mptcp, Transport::Tcp] {
        common::transfer(listener, transport);
    }
    assert_eq!(braid.sessions(6).unwrap()[0].get("server-state"), "native");
    assert_eq!(braid.warnings().len(), 5, "no warning is repeated for each connection");
}

/// What protects and cannot be set is the end of its line: nobody is served without it, and no key is shown.
#[test]
fn options_that_protect_and_cannot_be_set_are_errors() {
    if !has_mptcp("options_that_protect_and_cannot_be_set_are_errors") {
        return;
    }
    for (bind, server, said) in [
        ("tcp@127.0.0.1:0 interface nosuch0", "tcp@127.0.0.1:1", "option 'interface nosuch0' was refused"),
        ("tcp@127.0.0.1:0", "tcp@127.0.0.1:1 interface nosuch0", "option 'interface nosuch0' was refused"),
        (
            "mptcp@127.0.0.1:0 tcp-md5sig secret",
            "tcp@127.0.0.1:1",
            "option 'tcp-md5sig ...' is not supported",
        ),
        (
            "tcp@127.0.0.1:0",
            "mptcp@127.0.0.1:1 tcp-md5sig secret",
            "option 'tcp-md5sig ...' is not supported",
        ),
    ] {
        let (code, output) = Forward::new(bind, server).unwrap().run().unwrap();
        assert_eq!(code, Some(1), "{output}");
        assert!(output.contains(said), "{output}");
        assert!(!output.contains("secret") && !output.contains("ready"), "{output}");
    }
}
