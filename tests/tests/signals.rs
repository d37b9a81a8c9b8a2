//! What signals make the program log about its proxies. A real HAProxy is held to the same lines.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use braid_tests::directory::Directory;
use braid_tests::forward::Forward;
use braid_tests::loopback::{address, listening};
use braid_tests::process::Signal;
use braid_tests::program::Program;
use braid_tests::rows::with_haproxy;
use braid_tests::syslog::Syslog;

const LIMIT: Duration = Duration::from_secs(20);

const CONFIG: &str = "
global
    log {log} local0
defaults
    mode tcp
    log global
    timeout connect 30s
    timeout server 30s
    timeout client 30s
frontend front
    bind fd@{fd}
    default_backend back
backend back
    server s1 {server}
    server s2 {server} weight 0
    server s3 {server} backup
";

/// Warnings and notices of the facility `local0`.
const WARNING: u8 = 16 << 3 | 4;
const NOTICE: u8 = 16 << 3 | 5;

/// Each signal with the lines that follow it, in order.
const LINES: &[(Signal, u8, &[&str])] = &[
    (
        Signal::Hangup,
        NOTICE,
        &[
            "SIGHUP received, dumping servers states for proxy front.",
            "SIGHUP: Proxy front has no servers. Conn: act(FE+BE): 1+0, 0 pend (0 unass), tot(FE+BE): 1+0.",
            "SIGHUP received, dumping servers states for proxy back.",
            "SIGHUP: Server back/s1 is UP. Conn: 1 act, 0 pend, 1 tot.",
            "SIGHUP: Server back/s2 is UP. Conn: 0 act, 0 pend, 0 tot.",
            "SIGHUP: Server back/s3 is UP. Conn: 0 act, 0 pend, 0 tot.",
            "SIGHUP: Proxy back has 1 active servers and 1 backup servers available. \
             Conn: act(FE+BE): 0+1, 0 pend (0 unass), tot(FE+BE): 0+1.",
        ],
    ),
    (Signal::TerminalOutput, WARNING, &["Paused frontend front."]),
    (Signal::TerminalInput, WARNING, &["Resumed frontend front."]),
    (
        Signal::User1,
        WARNING,
        &[
            "Proxy front stopped (cumulated conns: FE: 1, BE: 0).",
            "Proxy back stopped (cumulated conns: FE: 0, BE: 1).",
        ],
    ),
];

fn check(program: &Program) {
    let directory = Directory::new("signals").unwrap();
    let mut log = Syslog::new().unwrap();
    let front = listening(None).unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = CONFIG
        .replace("{log}", &log.address().unwrap().to_string())
        .replace("{fd}", &front.as_raw_fd().to_string())
        .replace("{server}", &server.local_addr().unwrap().to_string());
    let file = directory.file("cfg");
    fs::write(&file, config).unwrap();
    let process = program.start(&file, &front).unwrap();
    // Once it serves it no longer ends by a signal.
    let client = TcpStream::connect(address(&front)).unwrap();
    let served = server.accept().unwrap().0;
    let mut seen = 0;
    for (signal, priority, lines) in LINES {
        process.signal(*signal).unwrap();
        for line in *lines {
            let found = log.wait(&mut seen, LIMIT, |found| found.message == *line);
            let found = found.unwrap_or_else(|error| panic!("{line}: {error}\n{}", process.output()));
            assert_eq!(found.priority, *priority, "{line}");
            let said = line.contains("proxy") || process.wait_for_line(line, LIMIT).is_ok();
            assert!(said, "{line}: {}", process.output());
        }
    }
    drop((client, served));
    assert_eq!(process.wait_for_exit(LIMIT).unwrap().code(), Some(0), "{}", process.output());
}

#[test]
fn braid_logs_what_signals_do() {
    check(&Program::braid().unwrap());
}

#[test]
fn haproxy_logs_what_signals_do() {
    with_haproxy("haproxy_logs_what_signals_do", check);
}

/// A process that ends softly leaves all of its addresses to the next one.
#[test]
fn a_successor_binds_what_the_process_before_it_has_released() {
    let directory = Directory::new("successor").unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let [front, commands, file] = ["front", "commands", "cfg"].map(|name| directory.file(name));
    let text = format!(
        "global\n stats socket {} mode 600\n\
         defaults\n timeout connect 10s\n timeout client 1m\n timeout server 1m\n\
         listen l\n bind unix@{}\n server s {}\n",
        commands.display(),
        front.display(),
        server.local_addr().unwrap()
    );
    fs::write(&file, text).unwrap();
    let arguments = ["-f", file.to_str().unwrap()];
    let start = || Forward::command().unwrap().args(arguments);
    let first = start().start().unwrap();
    let mut client = UnixStream::connect(&front).unwrap();
    let mut served = server.accept().unwrap().0;
    let mut operator = UnixStream::connect(&commands).unwrap();
    operator.write_all(b"prompt i\n").unwrap();
    let (code, said) = start().run().unwrap();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another process has it") && said.contains("2 errors: not started"), "{said}");

    first.process.signal(Signal::User1).unwrap();
    first.process.wait_for_line("Proxy l stopped", LIMIT).unwrap();
    let second = braid_tests::poll::eventually(LIMIT, || start().start().ok()).expect("a successor");
    for stream in [&mut client as &mut dyn Write, &mut served] {
        stream.write_all(b"x").unwrap();
    }
    client.read_exact(&mut [0]).unwrap();
    served.read_exact(&mut [0]).unwrap();
    // A client of the runtime socket goes on, too.
    operator.write_all(b"show version\nquit\n").unwrap();
    let mut answer = String::new();
    operator.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(env!("CARGO_PKG_VERSION")), "{answer}");
    drop((client, served));
    assert_eq!(first.process.wait_for_exit(LIMIT).unwrap().code(), Some(0), "{}", first.process.output());
    let _client = UnixStream::connect(&front).unwrap();
    server.accept().unwrap();
    assert!(UnixStream::connect(&commands).is_ok());
    drop(second);
}
