//! The settings of the runtime socket in the configuration.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use proto_core::address::Environment;
use proto_tcp as _;
use proto_unix as _;
use proxy_admin::settings::StatsSockets;
use proxy_admin::{AdminLimits, Level, SeverityOutput};
use proxy_config::{Configuration, testing};

struct Seven;

impl Environment for Seven {
    fn var(&self, name: &str) -> Option<String> {
        (name == "cli").then(|| "7".to_owned())
    }
}

/// Reads the lines of a global section.
fn read(lines: &str) -> (Configuration, Vec<String>) {
    let reading = testing::read_in(&Seven, format!("global\n{lines}\n"));
    let said = reading.for_scripts();
    (reading.configuration, said)
}

#[test]
fn what_a_test_program_writes() {
    let (configuration, said) = read(
        "
  stats socket \"/tmp/x/stats.sock\" level admin mode 600
  stats socket \"fd@${cli}\" level admin
global
  stats socket ipv4@127.0.0.1:9999,[::1]:9999 severity-output string
  stats socket /tmp/u user root level user
  stats timeout 2m
  stats maxconn 3
  tune.cli.max-payload-size 64k
",
    );
    assert_eq!(said, [""; 0]);
    let StatsSockets(sockets) = configuration.global.get().unwrap();
    let levels: Vec<_> = sockets.iter().map(|socket| socket.clients().level).collect();
    assert_eq!(levels, [Level::Admin, Level::Admin, Level::Operator, Level::User]);
    assert_eq!(sockets[0].addresses[0].addresses().unwrap()[0].to_string(), "unix@/tmp/x/stats.sock");
    assert_eq!(sockets[0].parameters.keywords[0].value, "mode");
    assert!(matches!(sockets[1].addresses[0].host, proto_core::address::Host::Fd(7)));
    assert_eq!(sockets[2].addresses.len(), 2);
    assert_eq!(sockets[2].clients().severity, SeverityOutput::String);
    assert_eq!(sockets[3].parameters.keywords[0].value, "user");
    let limits = AdminLimits {
        connections: 3,
        timeout: Duration::from_secs(120),
        payload: 65_536,
        ..AdminLimits::default()
    };
    assert_eq!(AdminLimits::from_global(&configuration.global), limits);
}

#[test]
fn defaults() {
    let (configuration, said) = read("");
    assert_eq!(said, [""; 0]);
    assert!(configuration.global.get::<StatsSockets>().is_none());
    let limits = AdminLimits::from_global(&configuration.global);
    assert_eq!(limits, AdminLimits::default());
    assert_eq!((limits.connections, limits.timeout), (10, Duration::from_secs(10)));
}

#[test]
fn mistakes() {
    let cases = [
        ("stats socket", "missing argument after 'stats socket'"),
        ("stats socket /tmp/x level root", "invalid value 'root' for 'level'"),
        ("stats socket /tmp/x level", "missing argument after 'level'"),
        ("stats socket /tmp/x lewel admin", "unknown keyword 'lewel' of a bind line"),
        ("stats socket /tmp/x expose-fd all", "invalid value 'all' for 'expose-fd'"),
        ("stats socket /tmp/x backlog", "missing argument after 'backlog'"),
        ("stats socket 127.0.0.1,127.0.0.1:1", "'127.0.0.1,127.0.0.1:1':"),
        ("stats timeout 0", "expected a time of at least 1ms"),
        ("stats timeout 1x", "invalid value '1x' for 'stats timeout'"),
        ("stats maxconn 0", "invalid value '0' for 'stats maxconn'"),
        ("stats maxconn 5 6", "unexpected '6' after 'stats maxconn'"),
        ("stats bind-process 1", "keyword 'stats bind-process' has been removed from HAProxy"),
        ("tune.cli.max-payload-size 3g", "expected less than 2g"),
    ];
    for (line, message) in cases {
        let (_, said) = read(line);
        assert_eq!(said.len(), 1, "{line}: {said:?}");
        assert!(said[0].contains(message), "{line}: {said:?}");
    }
}
