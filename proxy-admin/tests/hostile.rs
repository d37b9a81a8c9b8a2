//! Clients that are hostile, slow, or too many.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use common::{Ask, FLOOD, impatient, serve};
use proxy_admin::AdminLimits;

#[test]
fn bytes_of_all_kinds() {
    let server = serve(AdminLimits::default());
    let all: Vec<u8> = (0..=255).collect();
    let answer = server.admin().ask(&all);
    // The line feed among them ends the line, and NUL a command before it.
    assert!(answer.starts_with("\nUnknown command: '\\u{1}\\u{2}"), "{answer:?}");
    let answer = server.admin().ask(b"\xff\xfe\x1b[2J\n");
    assert!(answer.starts_with("Unknown command: '\u{fffd}\u{fffd}\\u{1b}[2J'"), "{answer:?}");
    // Many commands on a line are many answers.
    assert_eq!(server.admin().ask(";".repeat(16_000) + "\n"), "\n".repeat(16_001));
    assert_eq!(server.admin().ask("\0".repeat(100) + "\n"), "\n".repeat(101));
    assert_eq!(server.admin().ask("show version\n"), "1.2.3\n\n");
}

#[test]
fn lines_and_payloads_are_bounded() {
    let server = serve(AdminLimits::default());
    let longest = "a".repeat(16_384 - "echo \n".len() - 1);
    assert_eq!(server.admin().ask(format!("echo {longest}\n")), longest.clone() + "\n\n");
    // These have no empty line at the end: nothing after them can be parsed.
    assert!(server.admin().ask(format!("echo {longest}a\n")).ends_with("'tune.bufsize').\n"));
    assert!(server.admin().ask("a".repeat(1 << 20)).starts_with("The command line is longer"));
    assert!(server.tcp().ask("a".repeat(1 << 20)).starts_with("The command line is longer"));
    let payload = "x\n".repeat(65_536);
    assert!(server.admin().ask(format!("payload <<\n{payload}\n")).starts_with("The payload is longer"));
    let fits = "x\n".repeat(65_535);
    assert!(server.admin().ask(format!("payload <<\n{fits}\n")).starts_with("Some(\"x\\nx"));
}

#[test]
fn silence_ends_a_session() {
    let server = serve(impatient(10));
    for said in ["", "show ver", "payload <<\nabc\n", "prompt i\n"] {
        let mut client = server.admin();
        client.write_all(said.as_bytes()).unwrap();
        // The client reads to the end without having closed anything itself.
        assert_eq!(client.rest(), if said == "prompt i\n" { "\n" } else { "" }, "{said:?}");
    }
}

#[test]
fn a_slow_reader_gets_the_whole_answer() {
    let server =
        serve(AdminLimits { connections: 1, timeout: Duration::from_secs(3), ..AdminLimits::default() });
    let mut client = server.admin();
    client.write_all(b"flood\n").unwrap();
    let (mut chunk, mut total) = (vec![0; 50_000], 0);
    loop {
        match client.read(&mut chunk).unwrap() {
            0 => break,
            length => total += length,
        }
    }
    assert_eq!(total, FLOOD + 1);
}

#[test]
fn a_client_that_does_not_read_loses_its_permit() {
    let server = serve(impatient(1));
    let mut deaf = server.admin();
    deaf.write_all(b"flood\n").unwrap();
    // There is one permit, so this is answered only once the other client has returned it.
    assert_eq!(server.tcp().ask("show version\n"), "[6]: 1.2.3\n\n");
    assert!(deaf.ask("").len() < FLOOD);
}

#[test]
fn permits_are_limited_and_free_again() {
    let server = serve(AdminLimits { connections: 2, ..AdminLimits::default() });
    let stay = |mut client: UnixStream| {
        client.write_all(b"prompt i\n").unwrap();
        client.expect("\n");
        client
    };
    let (first, second) = (stay(server.admin()), stay(server.admin()));
    let mut third = server.tcp();
    third.write_all(b"show cli level\n").unwrap();
    third.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let waiting = third.read(&mut [0]).unwrap_err().kind();
    assert!(matches!(waiting, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waiting:?}");
    third.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    drop(first);
    assert_eq!(third.rest(), "[6]: operator\n\n");
    assert_eq!(second.ask("show version\nquit\n"), "1.2.3\n\n");
    for _ in 0..50 {
        assert_eq!(server.admin().ask("show version\n"), "1.2.3\n\n");
    }
}

#[test]
fn dropping_the_server_closes_all_connections() {
    let server = serve(AdminLimits::default());
    let mut client = server.admin();
    client.write_all(b"prompt i\n").unwrap();
    client.expect("\n");
    let (paths, tcp) = (server.paths.clone(), server.tcp);
    drop(server);
    assert_eq!(client.rest(), "");
    assert!(UnixStream::connect(&paths[0]).is_err());
    assert!(std::net::TcpStream::connect(tcp).is_err());
}
