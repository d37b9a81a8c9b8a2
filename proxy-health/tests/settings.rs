//! Keywords of server lines, of sections and of the process.

mod common;

use std::time::Duration;

use common::{read, said};
use proto_core::address::AddressSpec;
use proxy_config::endpoint::Servers;
use proxy_config::{Configuration, Values};
use proxy_health::rules::Connect;
use proxy_health::{
    AgentCheck, CheckTimeout, CheckTransport, InitState, Intervals, LogHealthChecks, Observe, ObservedLayer,
    OnError, OnMarked, ServerCheck, ServerInitState, Spread, Track,
};

fn usable(text: &str) -> Configuration {
    let (configuration, said) = read(text);
    assert_eq!(said, Vec::<String>::new(), "{text}");
    configuration
}

/// Returns the values of a server with these parameters.
fn server(parameters: &str) -> Values {
    let configuration = usable(&format!(
        "defaults\n  default-server rise 7 inter 9s agent-inter 8s\nbackend b\n  mode http\n  server s 127.0.0.1:80 \
         {parameters}\n"
    ));
    let section = configuration.proxies.into_iter().last().expect("a section");
    section.get::<Servers>().expect("a server").0[0].parameters.values.clone()
}

/// Returns an address as a server line has it.
fn spec(text: &str) -> AddressSpec {
    check(&format!("addr {text}")).address.expect("an address").value
}

fn check(parameters: &str) -> ServerCheck {
    server(parameters).get_or_default()
}

#[test]
fn the_check_of_a_server() {
    let seconds = |seconds| Duration::from_secs(seconds);
    let found =
        check("check inter 3s fastinter 1s downinter 30s fall 4 port 8080 check-send-proxy check-via-socks4");
    assert!(found.enabled && found.send_proxy && found.via_socks4);
    assert_eq!((found.rise, found.fall, found.port), (7, 4, Some(8080)));
    let intervals = Intervals { normal: seconds(3), fast: Some(seconds(1)), down: Some(seconds(30)) };
    assert_eq!(found.intervals, intervals);
    let found = check("check no-check check-send-proxy no-check-send-proxy");
    assert!(!found.enabled && !found.send_proxy);
    assert_eq!(found.intervals.normal, seconds(9), "of the defaults");
}

#[test]
fn the_transport_of_a_check() {
    let implicit = Connect::implicit();
    let step = Connect { default: false, ..Connect::implicit() };
    for (parameters, of_check, of_step) in [
        ("check", CheckTransport::OfServer, CheckTransport::Tcp),
        ("check port 81", CheckTransport::Tcp, CheckTransport::Tcp),
        ("check addr 192.0.2.1", CheckTransport::OfAddress, CheckTransport::Tcp),
        ("check check-mptcp port 81", CheckTransport::Mptcp, CheckTransport::Mptcp),
        ("check check-tcp", CheckTransport::Tcp, CheckTransport::Tcp),
    ] {
        let check = check(parameters);
        assert_eq!((check.transport(&implicit), check.transport(&step)), (of_check, of_step), "{parameters}");
    }
}

#[test]
fn what_a_check_sends_and_where_to() {
    let (implicit, plain) = (Connect::implicit(), Connect { default: false, ..Connect::implicit() });
    assert!(check("check").sends_proxy(&implicit, true), "as the server gets it anyway");
    assert!(!check("check port 1").sends_proxy(&implicit, true));
    assert!(check("check port 1 check-send-proxy").sends_proxy(&implicit, false));
    assert!(!check("check check-send-proxy").sends_proxy(&plain, true), "a step says it itself");
    assert!(check("check").sends_proxy(&Connect { send_proxy: true, ..plain }, false));

    let address = |parameters: &str| {
        let check = check(parameters);
        let agent: AgentCheck = server(parameters).get_or_default();
        let of_server = "192.0.2.80".parse().map(|ip| spec("192.0.2.9").with_ip(ip)).expect("an address");
        (check.address(&implicit, &of_server).to_string(), agent.address(&check, &of_server).to_string())
    };
    let both = |check: &str, agent: &str| (check.to_owned(), agent.to_owned());
    assert_eq!(address("check"), both("192.0.2.80", "192.0.2.80"));
    assert_eq!(address("check addr 192.0.2.1"), both("192.0.2.1", "192.0.2.1"));
    assert_eq!(address("check addr 192.0.2.1 agent-addr 192.0.2.2"), both("192.0.2.1", "192.0.2.2"));

    let port = |parameters, of_step| check(parameters).port(&implicit, of_step, Some(80));
    assert_eq!(port("check", None), Some(80));
    assert_eq!(port("check addr 192.0.2.1:7", None), Some(7));
    assert_eq!(port("check addr 192.0.2.1:7 port 8", None), Some(8));
    assert_eq!(port("check addr 192.0.2.1:7 port 8", Some(9)), Some(9));
}

#[test]
fn the_agent_of_a_server() {
    let agent = |parameters| -> AgentCheck { server(parameters).get_or_default() };
    let found = agent("agent-check agent-port 9 agent-addr 192.0.2.1 agent-send hello\\n");
    assert_eq!((found.enabled, found.port, found.send.as_deref()), (true, Some(9), Some("hello\n")));
    assert_eq!(found.address.as_ref().map(|address| address.value.to_string()).as_deref(), Some("192.0.2.1"));
    assert_eq!(found.intervals().normal, Duration::from_secs(8), "of the defaults");
    assert!(!agent("agent-check agent-port 9 no-agent-check").enabled);
    assert_eq!(found.port(&check("port 10")), Some(9));
    assert_eq!(AgentCheck::default().port(&check("port 10")), Some(10));
    assert_eq!(AgentCheck::default().intervals().normal, Duration::from_secs(2));
}

#[test]
fn what_is_observed() {
    let observe = |parameters| -> Observe { server(parameters).get_or_default() };
    let observer = observe("check observe layer7 on-error mark-down error-limit 3").observer().unwrap();
    assert_eq!(
        (observer.layer, observer.on_error, observer.limit),
        (ObservedLayer::Layer7, OnError::MarkDown, 3)
    );
    let observer = observe("check observe layer4").observer().unwrap();
    assert_eq!((observer.on_error, observer.limit), (OnError::FailCheck, 10));
    assert_eq!(observe("check observe layer4 observe none").observer(), None);
}

#[test]
fn the_rest_of_a_server() {
    let on: OnMarked =
        server("on-marked-down shutdown-sessions on-marked-up shutdown-backup-sessions").get_or_default();
    assert!(on.down_ends_sessions && on.up_ends_backup_sessions);
    let state = |parameters| server(parameters).get::<ServerInitState>().map(|state| state.0.value);
    assert_eq!(state("init-state fully-down"), Some(InitState::FullyDown));
    assert_eq!(state("init-state up init-state none"), None);
}

#[test]
fn sections_and_the_process() {
    let configuration = usable(
        "global\n  spread-checks 5\n  max-spread-checks 2s\ndefaults\n  option log-health-checks\n  timeout check \
         3s\nbackend b\nbackend c\n  no option log-health-checks\n  timeout check 0\n",
    );
    let spread = Spread { percent: 5, most: Some(Duration::from_secs(2)) };
    assert_eq!(configuration.global.get::<Spread>(), Some(&spread));
    let of = |section: &proxy_config::Section| {
        let LogHealthChecks(log) = section.values.get_or_default();
        let CheckTimeout(timeout) = section.values.get_or_default();
        (log, timeout)
    };
    let found: Vec<_> = configuration.proxies.iter().map(of).collect();
    assert_eq!(found, [(true, Some(Duration::from_secs(3))), (false, None)]);
}

#[test]
fn tracking() {
    let configuration = usable(
        "backend a\n  server t 127.0.0.1:80 check\n  server u 127.0.0.1:81 track t\nbackend b\n  server s \
         127.0.0.1:80 track a/u\n",
    );
    let servers = configuration.proxies[1].get::<Servers>().unwrap();
    assert_eq!(servers.0[0].parameters.values.get::<Track>().unwrap().names(), (Some("a"), "u"));
    for (servers, expected) in [
        (
            "s 127.0.0.1:80 check track t",
            "A2 'track' cannot be combined with 'check'; the server that is tracked is checked for both",
        ),
        ("s 127.0.0.1:80 init-state up track t", "A2 'track' cannot be combined with 'init-state'"),
        ("s 127.0.0.1:80 track b/x", "A2 there is no server 'b/x' to track"),
        ("s 127.0.0.1:80 track u", "A2 server 'b/u' is not checked"),
        ("s 127.0.0.1:80 track s", "A2 server 'b/s' tracks itself"),
    ] {
        let lines = format!("  server {servers}\n  server t 127.0.0.1:80 check\n  server u 127.0.0.1:80");
        assert_eq!(said(&lines), [expected], "{servers}");
    }
    let circle = "  server s 127.0.0.1:80 track t\n  server t 127.0.0.1:80 track s";
    assert_eq!(said(circle), ["A2 server 'b/s' tracks itself", "A3 server 'b/t' tracks itself"]);
    let before = "  server r 127.0.0.1:80 track s\n";
    assert_eq!(
        said(&format!("{before}{circle}"))[0],
        "A2 server 'b/s' belongs to a circle of servers that track each other"
    );
}

#[test]
fn mistakes() {
    for (parameters, expected) in [
        ("127.0.0.1:80 check inter 0", "A2 invalid value '0' for 'inter'; expected a time of at least 1ms"),
        (
            "127.0.0.1:80 check inter 50",
            "W2 an interval of 50 milliseconds is very short; write '50ms' if this is intended",
        ),
        (
            "127.0.0.1:80 check rise 0",
            "A2 invalid value '0' for 'rise'; expected a number from 1 to 2147483647: how many checks have to pass",
        ),
        (
            "127.0.0.1:80 check port 0",
            "A2 invalid value '0' for 'port'; expected a number from 1 to 65535: a port",
        ),
        ("127.0.0.1 check", "A2 there is no port for the checks of server 's'; set it with 'port'"),
        (
            "127.0.0.1:80 check check-proto h2",
            "A2 invalid value 'h2' for 'check-proto'; expected one of h1, none",
        ),
        (
            "127.0.0.1:80 check check-proto h1",
            "A2 'check-proto h1' needs 'option httpchk'; add it to the section",
        ),
        ("127.0.0.1:80 agent-check", "A2 the agent of server 's' has no port; set it with 'agent-port'"),
        (
            "127.0.0.1:80 agent-addr example",
            "A2 invalid value 'example' for 'agent-addr'; expected an IP address",
        ),
        (
            "127.0.0.1:80 observe layer7",
            "A2 'observe layer7' looks at responses of HTTP, which mode tcp does not have; use 'observe layer4', or 'mode http'",
        ),
        (
            "127.0.0.1:80 on-error nothing",
            "A2 invalid value 'nothing' for 'on-error'; expected one of fastinter, fail-check, sudden-death, mark-down",
        ),
        (
            "127.0.0.1:80 on-marked-down x",
            "A2 invalid value 'x' for 'on-marked-down'; expected 'shutdown-sessions'",
        ),
        (
            "127.0.0.1:80 check check-ssl",
            "A2 HAProxy keyword 'check-ssl' of server lines is not supported yet",
        ),
    ] {
        assert_eq!(said(&format!("  server s {parameters}")), [expected], "{parameters}");
    }
    assert_eq!(
        said("option tcp-check\n tcp-check connect port 80\n server s 127.0.0.1 check"),
        Vec::<String>::new()
    );
    assert_eq!(said("server s /tmp/socket check"), Vec::<String>::new());
    assert_eq!(
        said("email-alert from a@b"),
        [
            "A2 'email-alert' is not supported: Braid sends no mail; the same events are log lines: send them to a \
          program that writes mails"
        ]
    );
    assert_eq!(
        read("global\n  spread-checks 5\n  spread-checks 6\n").1,
        ["A3 'spread-checks' is already set; leave one of the lines out"]
    );
}
