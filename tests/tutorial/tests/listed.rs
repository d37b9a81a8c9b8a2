//! What commands of the runtime socket show about connections of these transports and layers, on both sides of a
//! session.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use braid_tests::directory::Directory;
use braid_tests::poll::eventually;
use braid_tests::process::Process;

const LIMIT: Duration = Duration::from_secs(20);

fn start(arguments: &[&str]) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_braid-tutorial"));
    command.args(arguments);
    let process = Process::start(command).expect("it starts");
    process.wait_for_line("ready", LIMIT).expect("it gets ready");
    process
}

/// Starts a `forward`, and returns the address that it reports.
fn forward(bind: &str, server: &str) -> (Process, String) {
    let process = start(&["forward", bind, server, "--threads", "1"]);
    let line = process.wait_for_line("listening on ", LIMIT).expect("it says where");
    let (_, address) = line.split_once("listening on ").expect("an address");
    (process, address.to_owned())
}

fn ask(socket: &Path, command: &str) -> String {
    let mut stream = UnixStream::connect(socket).expect("it connects");
    stream.set_read_timeout(Some(LIMIT)).expect("a time-out");
    writeln!(stream, "{command}").expect("it asks");
    stream.shutdown(Shutdown::Write).expect("it ends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// Returns the line of a listing with these words, as soon as there is one.
fn line_with(socket: &Path, command: &str, words: &[&str]) -> String {
    let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
    let found = eventually(LIMIT, || ask(socket, command).lines().find(has_all).map(str::to_owned));
    found.unwrap_or_else(|| panic!("{words:?}: {}", ask(socket, command)))
}

#[test]
fn both_sides_show_what_carries_them() {
    let dir = Directory::new("listed").expect("a directory");
    let origin = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let at = origin.local_addr().expect("its address");
    let (_far, far) = forward("pack+scr@127.0.0.1:0 scr-key k", &format!("tcp@{at}"));
    let room = format!("room@listed-{}", std::process::id());
    let socket = dir.file("admin");
    let text = format!(
        "global\n    nbthread 1\n    stats socket \"{}\" level admin\n\
         defaults\n    timeout connect 1m\n    timeout client 1m\n    timeout server 1m\n\
         listen t\n    mode tcp\n    bind pack+{room}/1\n    server s pack+scr@{far} scr-key k\n\
         listen h\n    mode http\n    bind {room}/2\n    server s tcp@{at}\n",
        socket.display(),
    );
    let file = dir.file("cfg");
    fs::write(&file, text).expect("it is written");
    let _middle = start(&["-f", file.to_str().expect("a name")]);

    let (_near, near) = forward("tcp@127.0.0.1:0", &format!("pack+{room}/1"));
    let mut client = TcpStream::connect(near).expect("it connects");
    client.write_all(b"ping").expect("it writes");
    let (mut server, _) = origin.accept().expect("a connection");
    server.read_exact(&mut [0; 4]).expect("what was sent");
    line_with(&socket, "show sess", &[": proto=pack+room/native src=", " srvproto=pack+scr4/native"]);
    let long = ask(&socket, "show sess all");
    assert!(
        long.contains(" proto=pack+room/native source=") && long.contains(" proto=pack+scr4/native\n"),
        "{long}"
    );

    // An HTTP session, with a plain transport to the server.
    let (_http, near) = forward("tcp@127.0.0.1:0", &format!("{room}/2"));
    let mut client = TcpStream::connect(near).expect("it connects");
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("it writes");
    let (_server, _) = origin.accept().expect("a connection");
    line_with(&socket, "show sess frontend h", &[": proto=room/native src=", " srvproto=tcpv4"]);
    line_with(&socket, "show conn", &[": proto=room/native src=", " state=busy "]);
}
