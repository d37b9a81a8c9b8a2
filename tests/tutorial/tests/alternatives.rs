//! A server whose name has two addresses, of which the preferred one does not answer: `scr` tries the other one in
//! turn, and logs, listings and the connection pool use the address that was reached.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use braid_tests::directory::Directory;
use braid_tests::process::Process;
use braid_tests::skip::skip;

const LIMIT: Duration = Duration::from_secs(20);
const BRAID: &str = env!("CARGO_BIN_EXE_braid-tutorial");

/// Returns a command that sees these names and addresses in `/etc/hosts`, in a mount namespace of its own.
fn with_hosts(dir: &Directory, hosts: &str, program: &str, arguments: &[&str]) -> Command {
    let file = dir.file("hosts");
    fs::write(&file, hosts).expect("it is written");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c"]);
    command.args(["mount --bind \"$0\" /etc/hosts && exec \"$@\"", file.to_str().expect("a name"), program]);
    command.args(arguments);
    command
}

/// Starts an origin that answers request after request on each connection, with the number of the connection.
fn origin() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address").to_string();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.expect("a client"));
                loop {
                    let mut line = String::new();
                    while line != "\r\n" {
                        line.clear();
                        if !matches!(reader.read_line(&mut line), Ok(length) if length > 0) {
                            return;
                        }
                    }
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nX-Connection: {number}\r\nContent-Length: 5\r\n\r\nhello"
                    );
                    reader.get_mut().write_all(head.as_bytes()).expect("it answers");
                }
            });
        }
    });
    address
}

/// Returns the response that a new client gets.
fn answered(port: &str) -> String {
    let mut client = TcpStream::connect(port).expect("it connects");
    client.set_read_timeout(Some(LIMIT)).expect("a time-out");
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it asks");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn the_second_address_is_used_and_reported() {
    const TEST: &str = "the_second_address_is_used_and_reported";
    let dir = Directory::new("alternatives").expect("a directory");
    let hosts = "127.0.0.2 two.test\n127.0.0.3 two.test\n";
    let found = with_hosts(&dir, hosts, "getent", &["ahosts", "two.test"]).output();
    let both = |text: &str| text.contains("127.0.0.2") && text.contains("127.0.0.3");
    match found {
        Ok(output) if both(&String::from_utf8_lossy(&output.stdout)) => {}
        other => return skip(TEST, &format!("no names of its own: {other:?}")),
    }

    let mut far = Command::new(BRAID);
    far.args(["forward", "scr@127.0.0.3:0 scr-key k", &format!("tcp@{}", origin()), "--threads", "1"]);
    let far = Process::start(far).expect("it starts");
    let line = far.wait_for_line("listening on ", LIMIT).expect("it says where");
    let (_, port) = line.rsplit_once(':').expect("a port");
    let room = format!("room@alternatives-{}/1", std::process::id());
    let admin = dir.file("admin");
    let text = format!(
        "global\n    nbthread 1\n    stats socket \"{}\" level admin\n    log stdout format raw local0\n\
         defaults\n    mode http\n    log global\n    timeout connect 10s\n    timeout client 1m\n    \
         timeout server 1m\n    http-reuse always\n    log-format \"%ST at %si:%sp%transports\"\n\
         listen web\n    bind {room}\n    server s scr@two.test:{port} scr-key k\n",
        admin.display(),
    );
    let file = dir.file("cfg");
    fs::write(&file, text).expect("it is written");
    let middle = with_hosts(&dir, hosts, BRAID, &["-f", file.to_str().expect("a name")]);
    let middle = Process::start(middle).expect("it starts");
    middle.wait_for_line("ready", LIMIT).expect("it gets ready");
    let mut near = Command::new(BRAID);
    near.args(["forward", "tcp@127.0.0.1:0", &room, "--threads", "1"]);
    let near = Process::start(near).expect("it starts");
    let line = near.wait_for_line("listening on ", LIMIT).expect("it says where");
    let (_, entrance) = line.split_once("listening on ").expect("an address");

    // The second client's request uses the connection that was made for the first one's.
    for turn in 0..2 {
        let answer = answered(entrance);
        assert!(answer.ends_with("hello") && answer.contains("x-connection: 0\r\n"), "{turn}: {answer}");
    }
    let logged = format!("200 at 127.0.0.3:{port} client=room/native/");
    middle.wait_for_line(&logged, LIMIT).expect("the address is in the log");
    assert!(!middle.output().contains("127.0.0.2"), "{}", middle.output());

    // An address that is set by a command is the only one.
    let mut stream = UnixStream::connect(&admin).expect("it connects");
    writeln!(stream, "set server web/s addr 127.0.0.4").expect("it asks");
    stream.shutdown(Shutdown::Write).expect("it ends");
    stream.read_to_string(&mut String::new()).expect("an answer");
    assert!(answered(entrance).starts_with("HTTP/1.1 503 "));
    middle
        .wait_for_line(&format!("503 at 127.0.0.4:{port}"), LIMIT)
        .expect("the address that was tried is in the log");
}
