//! Commands that wait, and answers in pieces: other clients are served meanwhile, and a command ends when its
//! client leaves.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use common::{Ask, Server, impatient, serve, serve_with};
use proxy_admin::{AdminLimits, Answer, Call, Command, CommandResult, Level, Refusal};
use proxy_config::{Values, inventory};
use tokio::sync::Semaphore;

/// Longer than anything takes.
const LIMIT: Duration = Duration::from_secs(20);

/// What commands report to a test, and what they wait for.
#[derive(Clone, Debug)]
struct Probe {
    /// The permits, of which each waiting command takes one.
    permits: Arc<Semaphore>,
    events: mpsc::Sender<&'static str>,
    /// The number of pieces sent.
    pieces: Arc<AtomicUsize>,
}

/// Reports that a command has begun, and that it has been dropped.
struct Guard(mpsc::Sender<&'static str>);

impl Guard {
    fn new(probe: &Probe) -> Guard {
        probe.events.send("begun").unwrap();
        Guard(probe.events.clone())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A test that is done does not receive.
        let _ = self.0.send("dropped");
    }
}

inventory::submit! {
    Command::asynchronous(&["wait"], "[<piece>]", Level::User, "waits for a permit", |call| Box::pin(wait(call)))
}

async fn wait(call: Call<'_>) -> CommandResult {
    let probe = call.get::<Probe>()?;
    let _guard = Guard::new(probe);
    if let [piece] = call.arguments {
        call.send(format!("{piece}\n")).await;
    }
    probe.permits.acquire().await.map_err(|_| Refusal::new("closed"))?.forget();
    call.client.level = Level::User;
    Ok(Answer::info("released"))
}

inventory::submit! {
    Command::asynchronous(&["stream"], "<lines> [fail]", Level::User, "many lines", |call| Box::pin(stream(call)))
}

async fn stream(call: Call<'_>) -> CommandResult {
    let probe = call.get::<Probe>()?;
    let _guard = Guard::new(probe);
    let lines: usize = call.argument(0).parse().map_err(|_| Refusal::new("a number is missing"))?;
    for line in 0..lines {
        call.send(format!("{line:099}\n")).await;
        probe.pieces.fetch_add(1, Ordering::Relaxed);
    }
    if call.argument(1) == "fail" { Err(Refusal::new("it failed in the end")) } else { Ok(Answer::Nothing) }
}

/// Starts a server whose commands report to the test.
fn watched(limits: AdminLimits) -> (Server, Probe, mpsc::Receiver<&'static str>) {
    let (events, heard) = mpsc::channel();
    let probe = Probe { permits: Arc::new(Semaphore::new(0)), events, pieces: Arc::default() };
    let mut facts = Values::default();
    facts.set(probe.clone());
    (serve_with(limits, facts), probe, heard)
}

fn send(server: &Server, line: &str) -> UnixStream {
    let mut client = server.admin();
    client.write_all(line.as_bytes()).unwrap();
    client
}

#[test]
fn other_clients_are_served_while_a_command_waits() {
    let (server, probe, events) = watched(AdminLimits::default());
    let waiting = send(&server, "wait\n");
    assert_eq!(events.recv_timeout(LIMIT), Ok("begun"));
    assert_eq!(server.admin().ask("show version\n"), "1.2.3\n\n");
    probe.permits.add_permits(1);
    assert_eq!(waiting.rest(), "released\n\n");
    assert_eq!(events.recv_timeout(LIMIT), Ok("dropped"));
}

#[test]
fn lines_that_follow_are_answered_after_it() {
    let (server, probe, events) = watched(AdminLimits::default());
    // More bytes than are read ahead while a command waits.
    let echoes = "echo x\n".repeat(2_000);
    let mut client = send(&server, "prompt i;wait;show cli level\n");
    assert_eq!(events.recv_timeout(LIMIT), Ok("begun"));
    client.write_all(echoes.as_bytes()).unwrap();
    client.close_sending();
    probe.permits.add_permits(1);
    assert_eq!(client.rest(), format!("\nreleased\n\nuser\n\n{}", "x\n\n".repeat(2_000)));
}

#[test]
fn a_client_that_has_half_closed_still_gets_the_answer() {
    let (server, probe, events) = watched(AdminLimits::default());
    let client = send(&server, "set severity-output number -;wait first\n");
    client.close_sending();
    let mut tcp = server.tcp();
    tcp.write_all(b"wait\n").unwrap();
    tcp.close_sending();
    for _ in 0..2 {
        assert_eq!(events.recv_timeout(LIMIT), Ok("begun"));
    }
    // The server checks several times whether the client is still there.
    assert!(events.recv_timeout(Duration::from_millis(1_200)).is_err());
    probe.permits.add_permits(2);
    assert_eq!(client.rest(), "first\n[6]: released\n\n");
    assert_eq!(tcp.rest(), "[6]: released\n\n");
}

#[test]
fn pieces_are_sent_while_the_command_waits() {
    let (server, probe, events) = watched(AdminLimits::default());
    let mut client = send(&server, "prompt;echo a;wait first\n");
    client.expect("\na\n\nfirst\n");
    assert_eq!(events.recv_timeout(LIMIT), Ok("begun"));
    probe.permits.add_permits(1);
    client.expect("released\n\n> ");
}

#[test]
fn a_client_that_leaves_ends_its_command() {
    let (server, _probe, events) = watched(AdminLimits::default());
    let leave = |how: &str, client: UnixStream| {
        assert_eq!(events.recv_timeout(LIMIT), Ok("begun"), "{how}");
        drop(client);
        assert_eq!(events.recv_timeout(LIMIT), Ok("dropped"), "{how}");
    };
    leave("at once", send(&server, "wait\n"));
    leave("with lines unanswered", send(&server, "prompt i\nwait\nwait\nwait\n"));
    let client = send(&server, "wait\n");
    client.shutdown(Shutdown::Write).unwrap();
    leave("after a half-close", client);
    // A TCP connection that is closed with an unread answer is reset.
    let mut client = server.tcp();
    client.write_all(b"echo a;wait b\n").unwrap();
    client.expect("[6]: a\n");
    assert_eq!(events.recv_timeout(LIMIT), Ok("begun"));
    client.peek(&mut [0]).unwrap();
    drop(client);
    assert_eq!(events.recv_timeout(LIMIT), Ok("dropped"));
}

#[test]
fn stopping_ends_commands() {
    let (server, _probe, events) = watched(AdminLimits::default());
    let client = send(&server, "wait\n");
    assert_eq!(events.recv_timeout(LIMIT), Ok("begun"));
    drop(server);
    assert_eq!(events.recv_timeout(LIMIT), Ok("dropped"));
    assert_eq!(client.rest(), "");
}

#[test]
fn a_long_answer_comes_in_pieces() {
    let (server, probe, _events) = watched(AdminLimits::default());
    let all: String = (0..100_000).map(|line| format!("{line:099}\n")).collect();
    let mut client = send(&server, "stream 100000\n");
    let (mut chunk, mut answer) = (vec![0; 50_000], Vec::new());
    loop {
        match client.read(&mut chunk).unwrap() {
            0 => break,
            length => answer.extend_from_slice(&chunk[..length]),
        }
        // The part that the server has made and this client has not read is in the buffers of the socket and one of
        // the server.
        assert!(probe.pieces.load(Ordering::Relaxed) * 100 <= answer.len() + (1 << 20));
    }
    assert!(answer == format!("{all}\n").as_bytes(), "{} bytes", answer.len());
    assert!(server.admin().ask("stream 2 fail\n").ends_with("1\nit failed in the end\n\n"));
    assert_eq!(server.tcp().ask("stream x\n"), "[3]: a number is missing\n\n");
}

#[test]
fn a_client_that_does_not_read_makes_the_command_wait_and_loses_its_permit() {
    let (server, probe, events) = watched(impatient(1));
    let client = send(&server, "stream 100000\n");
    assert_eq!(events.recv_timeout(LIMIT), Ok("begun"));
    assert_eq!(events.recv_timeout(LIMIT), Ok("dropped"));
    assert!(probe.pieces.load(Ordering::Relaxed) < 50_000, "{probe:?}");
    assert_eq!(server.tcp().ask("show version\n"), "[6]: 1.2.3\n\n");
    drop(client);
}

#[test]
fn a_program_without_the_value_refuses_the_command() {
    let server = serve(AdminLimits::default());
    let answer = server.admin().ask("wait\n");
    assert!(
        answer.starts_with("Not available: this program has no ") && answer.ends_with("Probe.\n\n"),
        "{answer}"
    );
}
