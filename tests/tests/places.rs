//! Where `braid forward` listens and connects: ranges, free ports, offsets, and which families an IPv6 listener
//! accepts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};

use braid_load::{Job, Transport};
use braid_tests::forward::Forward;
use braid_tests::lab;
use common::{origin, perform, ping};

#[test]
fn every_port_of_a_range_is_served() {
    let Some(lab) = lab!() else { return };
    let host = lab.namespace("range").unwrap();
    let origin = host.run(|| origin("127.0.0.1", Transport::Tcp)).unwrap();
    let braid = Forward::new("tcp@127.0.0.1:7000-7007", format!("tcp@{}", origin.addr())).unwrap();
    let braid = braid.inside(&host).start().unwrap();
    let expected: Vec<SocketAddr> = (7000..=7007).map(|port| ([127, 0, 0, 1], port).into()).collect();
    assert_eq!(braid.addrs(), expected);
    host.run(|| expected.iter().for_each(|addr| ping(*addr))).unwrap();
    let sessions = braid.sessions(8).unwrap();
    let mut listeners: Vec<&str> = sessions.iter().map(|session| session.get("listener")).collect();
    listeners.sort_unstable();
    assert_eq!(listeners, expected.iter().map(ToString::to_string).collect::<Vec<_>>());
}

#[test]
fn one_busy_port_of_a_range_is_named_and_nothing_runs() {
    let Some(lab) = lab!() else { return };
    let host = lab.namespace("busy").unwrap();
    let _busy = host
        .run(|| [7001, 7003].map(|port| std::net::TcpListener::bind(("127.0.0.1", port)).unwrap()))
        .unwrap();
    let braid = Forward::new("tcp@127.0.0.1:7000-7003", "tcp@127.0.0.1:1").unwrap();
    let (code, output) = braid.inside(&host).run().unwrap();
    assert_eq!(code, Some(1), "{output}");
    for port in ["127.0.0.1:7001: Address already in use", "127.0.0.1:7003: Address already in use"] {
        assert!(output.contains(port), "{output}");
    }
    assert!(!output.contains("127.0.0.1:7002"), "{output}");
}

#[test]
fn a_server_follows_the_port_of_the_client() {
    let Some(lab) = lab!() else { return };
    let host = lab.namespace("offset").unwrap();
    // An offset, and none; the server has the address of the listener if its own is left open.
    for (bind, server, origins) in [
        ("tcp@127.0.0.1:7000-7001", "tcp@127.0.0.1:+10", ["127.0.0.1:7010", "127.0.0.1:7011"]),
        ("tcp@127.0.0.1:7000-7001", "tcp@127.0.0.1:-10", ["127.0.0.1:6990", "127.0.0.1:6991"]),
        ("tcp@127.0.0.1:7000-7001", "tcp@127.0.0.2", ["127.0.0.2:7000", "127.0.0.2:7001"]),
        ("tcp@127.0.0.3:7000-7001", "tcp@:+5", ["127.0.0.3:7005", "127.0.0.3:7006"]),
    ] {
        let origins = host.run(|| origins.map(|addr| origin(addr, Transport::Tcp))).unwrap();
        let braid = Forward::new(bind, server).unwrap().inside(&host).start().unwrap();
        host.run(|| braid.addrs().into_iter().for_each(ping)).unwrap();
        for (origin, addr) in origins.into_iter().zip(braid.addrs()) {
            let at = origin.addr();
            assert_eq!(origin.stop().finished, 1, "{addr} leads to {at} by {server}");
        }
    }
}

#[test]
fn an_offset_beyond_the_last_port_ends_the_connection_and_nothing_else() {
    let Some(lab) = lab!() else { return };
    let host = lab.namespace("beyond").unwrap();
    let braid = Forward::new("tcp@127.0.0.1:65530", "tcp@127.0.0.1:+10").unwrap();
    let braid = braid.inside(&host).start().unwrap();
    host.run(|| {
        let mut client = TcpStream::connect(braid.addr().unwrap()).unwrap();
        assert_eq!(std::io::Read::read(&mut client, &mut [0]).unwrap_or(0), 0);
    })
    .unwrap();
    let session = &braid.sessions(1).unwrap()[0];
    assert_eq!(session.get("ended"), "not-connected");
    // No peer caused it: an internal cause while connecting, by the letters of the log of a configuration.
    assert_eq!(session.get("reason"), "\"IC\"");
}

#[test]
fn port_0_reports_the_one_it_got() {
    let origin = origin("127.0.0.1", Transport::Tcp);
    let braid = Forward::new("127.0.0.1:0", origin.addr().to_string()).unwrap().start().unwrap();
    assert_ne!(braid.addr().unwrap().port(), 0);
    ping(braid.addr().unwrap());
}

#[test]
fn v4v6_and_v6only() {
    let mut transports = vec![Transport::Tcp];
    if common::has_mptcp("v4v6_and_v6only, of MPTCP") {
        transports.push(Transport::Mptcp);
    }
    let origin = origin("127.0.0.1", Transport::Tcp);
    for transport in transports {
        let start = |option: &str| {
            let bind = format!("{}@[::]:0 {option}", transport.name());
            Forward::new(bind, format!("tcp@{}", origin.addr())).unwrap().start().unwrap()
        };
        let storm = |addr| perform(addr, transport, Job::storm(1, 1));
        let (both, six) = (start("v4v6"), start("v6only"));
        let port = both.addr().unwrap().port();
        storm((Ipv4Addr::LOCALHOST, port).into());
        storm((Ipv6Addr::LOCALHOST, port).into());
        let mut clients: Vec<String> =
            both.sessions(2).unwrap().iter().map(|session| session.get("client").to_owned()).collect();
        clients.sort();
        assert!(clients[0].starts_with("127.0.0.1:") && clients[1].starts_with("[::1]:"), "{clients:?}");

        let port = six.addr().unwrap().port();
        storm((Ipv6Addr::LOCALHOST, port).into());
        let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }
}
