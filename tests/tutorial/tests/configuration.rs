//! What the crate adds to a configuration and to the runtime socket: a section, a check, a command and a counter.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use braid_tests::directory::Directory;
use braid_tests::process::Process;

const LIMIT: Duration = Duration::from_secs(20);

fn braid(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_braid-tutorial"));
    command.args(arguments);
    command
}

/// Sends a text and returns everything that is answered.
fn exchange(path: &Path, text: &str) -> String {
    let mut stream = UnixStream::connect(path).expect("it connects");
    stream.set_read_timeout(Some(LIMIT)).expect("a time-out");
    stream.write_all(text.as_bytes()).expect("it writes");
    stream.shutdown(Shutdown::Write).expect("it ends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it reads to the end");
    answer
}

#[test]
fn the_keys_of_a_section_serve_both_kinds_of_lines_and_a_command() {
    let directory = Directory::new("keyring").expect("a directory");
    let server = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let origin = server.local_addr().expect("its address");
    // An address that no other process uses.
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let middle = format!("127.{}.{low}.77:4000", high.max(1));
    let (entrance, commands) = (directory.file("in"), directory.file("commands"));
    let text = format!(
        "keyring\n    key home sesame\nglobal\n    stats socket \"{commands}\" level operator\n\
         defaults\n    timeout connect 10s\n    timeout client 1m\n    timeout server 1m\n\
         listen near\n    bind unix@{entrance}\n    server far scr@{middle} scr-key-of office\n\
         listen far\n    bind scr@{middle} scr-key 'open sesame'\n    server origin {origin}\n\
         keyring\n    key office 'open sesame'\n",
        commands = commands.display(),
        entrance = entrance.display(),
    );
    let file = directory.file("cfg");
    fs::write(&file, text).expect("it is written");
    let process =
        Process::start(braid(&["-db", "-V", "-f", file.to_str().expect("a path")])).expect("it starts");
    process.wait_for_line("ready", LIMIT).expect("it gets ready");
    let echo = thread::spawn(move || {
        let (mut reader, _) = server.accept().expect("a client");
        let mut writer = reader.try_clone().expect("a second handle");
        std::io::copy(&mut reader, &mut writer).expect("it copies");
        writer.shutdown(Shutdown::Write).expect("it ends");
    });
    assert_eq!(exchange(&entrance, "hello"), "hello");
    echo.join().expect("the server succeeds");
    assert_eq!(exchange(&commands, "show keyring\n"), "home\noffice\n\n");
    // Both ends are in this process, and both directions count: there and back, written and read.
    assert_eq!(exchange(&commands, "show counters\n"), "scr_bytes_total: 20\nregex.failures: 0\n\n");
}

#[test]
fn a_layer_does_not_make_another_socket_of_an_address() {
    let directory = Directory::new("layered-twice").expect("a directory");
    let file = directory.file("cfg");
    for (binds, expected) in [
        (
            "    bind pack+scr@127.0.0.1:1\n    bind scr@127.0.0.1:1\n",
            ":3] : duplicate bind address 127.0.0.1:1",
        ),
        (
            "    bind 127.0.0.1:1 accept-proxy\n    bind pack+127.0.0.1:1\n",
            ":3] : duplicate bind address 127.0.0.1:1",
        ),
    ] {
        fs::write(&file, format!("frontend f\n{binds}")).expect("it is written");
        let output = braid(&["-c", "-f", file.to_str().expect("a path")]).output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(expected), "{binds}{text}");
    }
}

#[test]
fn mistakes_in_the_section_are_reported_with_their_line() {
    let directory = Directory::new("keyring-mistakes").expect("a directory");
    let file = directory.file("cfg");
    let rest = "listen l\n    bind 127.0.0.1:1\n    server s scr@127.0.0.1:2 scr-key-of office\n";
    for (section, expected) in [
        ("keyring\n    key home sesame\n", ":5] : there is no key 'office' in the section keyring"),
        ("keyring office\n", ":1] : unexpected 'office'"),
        (
            "keyring\n    kye office x\n",
            ":2] : unknown keyword 'kye' in 'keyring' section; it takes key; did you mean 'key'",
        ),
        (
            "keyring\n    key office\n",
            ":2] : missing argument after 'key'; expected <name> <key>: a key and its name",
        ),
        ("keyring\n    key office ''\n", ":2] : argument number 2 is empty"),
        ("keyring\n    key office x y\n", ":2] : unexpected 'y'"),
        (
            &format!("keyring\n    key office {}\n", "x".repeat(65)),
            "for 'key'; expected a key of 1 to 64 bytes",
        ),
    ] {
        fs::write(&file, format!("{section}{rest}")).expect("it is written");
        let output = braid(&["-c", "-f", file.to_str().expect("a path")]).output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{section}{text}");
        assert!(text.contains(expected), "{section}{text}");
    }
}
