//! Tests of `set server`.

use proto_core::address::Address;
use proto_core::kernel::Kernel;
use proto_core::spec::ServerSpec;
use proxy_admin::testing;
use proxy_config::Values;

use super::*;
use crate::commands::show_servers::state_line;
use crate::{BackendConfig, Server, ServerConfig, ServerPort, balance};

fn backend() -> Arc<Backend> {
    let address = |text: &str| Address::Inet(text.parse().unwrap());
    let server = |name: &str, at: &str| {
        let spec = ServerSpec::new(address(at));
        let connector = proto_tcp::tcp4().connector(spec, &Kernel::detect()).unwrap().connector;
        ServerConfig::new(name, 1, connector, address(at))
    };
    let servers = vec![
        Server::new(server("s", "127.0.0.1:80")),
        Server::new(ServerConfig { unresolved: true, ..server("later", "0.0.0.0:80") }),
        Server::new(ServerConfig { port: ServerPort::Offset(1), ..server("offset", "127.0.0.1:1") }),
    ];
    let roundrobin = balance::Algorithm::entries();
    let balance = (roundrobin.find("roundrobin").unwrap().make)(&[], &balance::Hashing::default()).unwrap();
    Backend::new(BackendConfig::new("be", 1, servers, balance))
}

#[tokio::test]
async fn a_server_is_changed_or_the_reason_given() {
    let backend = backend();
    let ask = async |command: &str| {
        let mut facts = Values::default();
        facts.set(Handle::of(Vec::new(), vec![Arc::clone(&backend)], Arc::new([])));
        testing::ask(command, Level::Admin, facts).await.unwrap()
    };
    let usage = format!("{USAGE}\n");
    let cases = [
        (
            "set server be/s addr 127.0.0.2",
            "IP changed from '127.0.0.1' to '127.0.0.2' by 'stats socket command'\n",
        ),
        (
            "set server be/s addr 127.0.0.2 port 81",
            "port changed from '80' to '81' by 'stats socket command'\n",
        ),
        ("set server be/s addr 127.0.0.2", "nothing changed\n"),
        ("set server be/s addr", "set server <b>/<s> addr requires an address and optionally a port.\n"),
        ("set server be/s addr x", "Invalid addr 'x'\n"),
        ("set server be/s addr 127.0.0.1 port 0", "'0' is not a port number\n"),
        ("set server be/s addr 127.0.0.1 x", "unexpected 'x' after the address: only 'port' may follow\n"),
        ("set server be/s addr ::1", "this server is reached by IPv4, and cannot move to an IPv6 address\n"),
        (
            "set server be/offset addr 127.0.0.1 port 2",
            "the port of this server follows that of the client's connection\n",
        ),
        ("set server be/s weight 256", ""),
        ("set server be/s weight 257", "Absolute weight can only be between 0 and 256 inclusive.\n"),
        ("set server be/s state maint", ""),
        ("set server be/s state down", "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n"),
        ("set server be/s", &*usage),
        ("set server be/#1", &*usage),
        ("set server be/#1 state maint", ""),
        ("set server be/#9 state maint", "No such server.\n"),
        ("set server s", "Require 'backend/server'.\n"),
        ("set server be/", "Require 'backend/server'.\n"),
        ("set server other/s state maint", "No such backend.\n"),
        ("set server be/other state maint", "No such server.\n"),
    ];
    for (command, answer) in cases {
        assert_eq!(ask(command).await, answer, "{command}");
    }
    let server = backend.server("s").unwrap();
    assert_eq!(server.address(), Address::Inet("127.0.0.2:81".parse().unwrap()));
    assert_eq!((server.weight(), server.is_in_maintenance()), (256, true));
    ask("set server be/s state ready").await;
    assert!(!server.is_in_maintenance());

    let later = backend.server("later").unwrap();
    assert!(later.is_in_maintenance());
    ask("set server be/later addr 127.0.0.1").await;
    assert!(!later.is_in_maintenance());
}

/// The answers of HAProxy 3.5, and the states that follow.
#[tokio::test]
async fn states_change_as_asked() {
    let backend = backend();
    let ask = async |command: &str| {
        let mut facts = Values::default();
        facts.set(Handle::of(Vec::new(), vec![Arc::clone(&backend)], Arc::new([])));
        testing::ask(command, Level::Admin, facts).await.unwrap()
    };
    // The operational and the administrative state, and the set weight.
    let state = || {
        let line = state_line(&backend, &backend.servers()[0]);
        line.split(' ').skip(5).take(3).collect::<Vec<_>>().join(" ")
    };
    for (command, answer, expected) in [
        ("get weight be/s", "1 (initial 1)\n", "2 0 1"),
        ("set server be/s state drain", "", "2 8 1"),
        ("set server be/s state maint", "", "0 1 1"),
        ("set server be/s state drain", "", "2 8 1"),
        ("set server be/s state ready", "", "2 0 1"),
        ("disable server be/s", "", "0 1 1"),
        ("set server be/s health up", "", "0 1 1"),
        ("enable server be/s", "", "2 0 1"),
        ("set server be/s health down", "", "0 0 1"),
        ("set server be/s health stopping", "", "3 0 1"),
        ("set server be/s health up", "", "2 0 1"),
        (
            "set server be/s health x",
            "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n",
            "2 0 1",
        ),
        ("set weight be/s 200%", "", "2 0 2"),
        ("get weight be/s", "2 (initial 1)\n", "2 0 2"),
        ("set server be/s weight 1x", "Trailing garbage in weight string\n", "2 0 2"),
        ("set server be/s agent up", "agent checks are not enabled on this server.\n", "2 0 2"),
        ("set server be/s check-port 80", "health checks are not enabled on this server\n", "2 0 2"),
        ("set server be/s check-port", "set server <b>/<s> check-port requires a port.\n", "2 0 2"),
        (
            "set server be/s fqdn x",
            "set server <b>/<s> fqdn failed because no resolution is configured.\n",
            "2 0 2",
        ),
        ("enable health be/s", "Health check was not configured on this server, cannot enable.\n", "2 0 2"),
        ("disable health be/s", "", "2 0 2"),
        ("enable agent be/s", "Agent was not configured on this server, cannot enable.\n", "2 0 2"),
        ("disable agent be/x", "No such server.\n", "2 0 2"),
        ("set maxconn server be/s 5", "", "2 0 2"),
        ("set maxconn server be/s", "Require <maxconn>.\n", "2 0 2"),
        ("show backend", "# name\nbe\n", "2 0 2"),
    ] {
        assert_eq!(ask(command).await, answer, "{command}");
        assert_eq!(state(), expected, "{command}");
    }
    assert_eq!(backend.servers()[0].maxconn(), Some(5));
}

/// The lines of HAProxy 3.5 about the same servers.
#[tokio::test]
async fn servers_are_shown_in_the_form_of_state_files() {
    let backend = backend();
    let ask = async |command: &str| {
        let mut facts = Values::default();
        facts.set(Handle::of(Vec::new(), vec![Arc::clone(&backend)], Arc::new([])));
        testing::ask(command, Level::User, facts).await.unwrap()
    };
    let states = ask("show servers state").await;
    let (head, lines) = states.split_once("agent_port\n").unwrap();
    assert!(head.starts_with("1\n# be_id be_name srv_id srv_name srv_addr srv_op_state "), "{head}");
    assert_eq!(
        lines,
        "1 be 1 s 127.0.0.1 2 0 1 1 0 1 0 0 0 0 0 0 - 80 - 0 0 - - 0\n\
         1 be 1 later - 0 32 1 1 0 1 0 0 0 0 0 0 - 80 - 0 0 - - 0\n\
         1 be 1 offset 127.0.0.1 2 0 1 1 0 1 0 0 0 0 0 0 - 1 - 0 0 - - 0\n"
    );
    assert_eq!(ask("show servers state be").await, states);
    let connections = ask("show servers conn be").await;
    let lines: Vec<_> = connections.lines().collect();
    assert!(lines[0].ends_with(" idle_per_thr[0]"), "{connections}");
    assert_eq!(lines[1], "be/s 1/1 127.0.0.1 80 - 5000 0 0 0 0 0 0 0 -1 0");
    assert_eq!(ask("show servers conn x").await, "Can't find backend.\n");
}

#[tokio::test]
async fn only_admins_may_and_only_with_an_engine() {
    let ask = async |level| testing::ask("set server be/s weight 1", level, Values::default()).await.unwrap();
    assert_eq!(ask(Level::Operator).await, "Permission denied\n");
    assert!(ask(Level::Admin).await.starts_with("Not available: "));
}
