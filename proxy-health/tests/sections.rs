//! `healthcheck` sections and commands that check servers.

mod common;

use std::sync::Arc;

use common::Server::Says;
use common::{play, read, run};
use proxy_config::endpoint::Servers;
use proxy_health::{CheckPlan, Choice, ExternalChecks, ExternalCommand};

#[test]
fn a_server_is_checked_as_a_section_says() {
    let (configuration, said) = read(
        "healthcheck h\n  type httpchk GET /health HTTP/1.1 %[srv_name]\n  http-check expect status 204\nhealthcheck \
         r\n  type redis-check\nhealthcheck t\n  tcp-check send a\n  type tcp-check\nbackend b\n  option ldap-check\n  \
         server s 127.0.0.1:80 check healthcheck h\n  server u 127.0.0.1:80 check healthcheck t\n  server v \
         127.0.0.1:80 check\n",
    );
    assert_eq!(said, Vec::<String>::new());
    let section = &configuration.proxies[0];
    let servers = section.get::<Servers>().expect("servers");
    let sent = servers.0.iter().map(|server| {
        let plan = CheckPlan::of_server(&configuration, section, &server.parameters.values);
        let ended = play(&Arc::new(plan.ruleset()), run(), Says(&[]), usize::MAX);
        String::from_utf8_lossy(&ended.received).into_owned()
    });
    assert_eq!(
        sent.collect::<Vec<_>>(),
        [
            "GET /health HTTP/1.1\r\nhost: s\r\nconnection: close\r\n\r\n",
            "a",
            "0\u{c}\u{2}\u{1}\u{1}`\u{7}\u{2}\u{1}\u{3}\u{4}\0\u{fffd}\0",
        ]
    );
}

#[test]
fn mistakes_in_sections() {
    for (text, expected) in [
        ("healthcheck", "A1 'healthcheck' without a name; expected the name of the section"),
        ("healthcheck h", "A1 healthcheck 'h' has no type; add a line with 'type' and the kind of check"),
        (
            "healthcheck h\n type tcp-chk",
            "A2 unknown type 'tcp-chk' of a healthcheck section; expected one of httpchk, ldap-check, mysql-check, \
             pgsql-check, redis-check, smtpchk, ssl-hello-chk, tcp-check",
        ),
        (
            "healthcheck h\n type spop-check",
            "A2 HAProxy type 'spop-check' of healthcheck sections is not supported yet",
        ),
        (
            "healthcheck h\n type redis-check x",
            "A2 unexpected 'x' after 'redis-check'; usage: type <check> [<argument>...]",
        ),
        (
            "healthcheck h\n type redis-check\n type redis-check",
            "A3 the type of healthcheck 'h' is already set",
        ),
        (
            "healthcheck h\n type httpchk\n tcp-check connect",
            "A3 'tcp-check' cannot be combined with the type of healthcheck 'h'",
        ),
        (
            "healthcheck h\n type redis-check\n http-check send",
            "A3 'http-check' cannot be combined with the type of healthcheck 'h'",
        ),
        (
            "healthcheck h\n type redis-check\nhealthcheck h\n type redis-check",
            "A3 duplicate section healthcheck 'h'",
        ),
        (
            "healthcheck h\n type redis-check\n balance first",
            "A3 unknown keyword 'balance' in 'healthcheck' section; it takes http-check, http-check disable-on-404, \
             http-check send-state, tcp-check, type",
        ),
        (
            "healthcheck hello\n type redis-check\nbackend b\n server s 127.0.0.1:1 check healthcheck helo",
            "A4 there is no healthcheck section 'helo'",
        ),
    ] {
        assert_eq!(read(&format!("{text}\n")).1, [expected], "{text}");
    }
}

#[test]
fn commands() {
    let text =
        |global: &str, lines: &str| format!("global\n{global}\nbackend b\n option external-check\n{lines}\n");
    let all = " external-check preserve-env";
    let (configuration, said) =
        read(&text(all, " external-check path /bin:/usr/bin\n external-check command check"));
    assert_eq!(said, Vec::<String>::new());
    let global = configuration.global.get::<ExternalChecks>().copied();
    assert_eq!(global, Some(ExternalChecks { allowed: true, preserve_env: true }));
    let section = &configuration.proxies[0];
    let command: ExternalCommand = section.values.get_or_default();
    assert_eq!(command.command.map(|command| command.value).as_deref(), Some("check"));
    assert_eq!(command.path.as_deref(), Some("/bin:/usr/bin"));
    let plan: CheckPlan = section.values.get_or_default();
    assert!(matches!(plan.choice(), Some(Choice::External)));

    assert_eq!(
        read(&text("", "")).1,
        [
            "A4 'option external-check' needs 'external-check'; add it to the global section: a command can do anything",
            "A4 'option external-check' needs 'external-check command'; add it to backend 'b'",
        ]
    );
    assert_eq!(
        read("global\n external-check keep\n").1,
        ["A2 invalid value 'keep' for 'external-check'; expected 'preserve-env'"]
    );
}
