//! The binary as a script uses it: first lines, JSON, exit codes, SIGTERM.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

fn load(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_braid-load"));
    command.args(args).stdin(Stdio::null()).stderr(Stdio::inherit());
    command
}

fn output(args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, .. } = load(args).output().expect("the binary runs");
    (status.code(), String::from_utf8(stdout).expect("text"))
}

/// A served binary that ends with the test, whatever happens.
struct Served {
    child: Child,
    lines: BufReader<ChildStdout>,
    addr: String,
}

impl Served {
    fn start(args: &[&str]) -> Self {
        Self::start_as("serve", args)
    }

    fn start_as(verb: &str, args: &[&str]) -> Self {
        let args = [&[verb, "127.0.0.1:0"], args].concat();
        let mut child = load(&args).stdout(Stdio::piped()).spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut first = String::new();
        lines.read_line(&mut first).expect("a first line");
        let addr = first.trim().strip_prefix("listening on ").expect("the address").to_owned();
        Self { child, lines, addr }
    }

    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("text");
        (self.child.wait().expect("it is our child").code(), rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already if the test passes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn jobs_report_and_serve_ends_after_so_many() {
    let served = Served::start(&["--once", "14", "--json"]);
    let own = std::process::id().to_string();
    for (verb, connections) in [("down", 2), ("up", 1), ("echo", 1)] {
        let streams = connections.to_string();
        let (code, line) =
            output(&[verb, &served.addr, "--bytes", "1M", "--streams", &streams, "--json", "--pid", &own]);
        assert_eq!(code, Some(0), "{line}");
        assert_eq!(line.lines().count(), 1);
        let bytes = format!("\"bytes\":{}", connections << 20);
        assert!(line.starts_with('{') && line.contains("\"ok\":true") && line.contains(&bytes), "{line}");
    }
    let (code, line) = output(&["connect", &served.addr, "--count", "9", "--concurrency", "3"]);
    assert_eq!(code, Some(0), "{line}");
    let (code, text) = output(&["hold", &served.addr, "--count", "1"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("holding 1 connections\nok hold tcp"), "{text}");
    let (code, rest) = served.end();
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains("\"accepted\":14"), "{rest}");
}

#[test]
fn serve_ends_on_sigterm_in_order() {
    let served = Served::start(&[]);
    let id = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill exists").success());
    let (code, rest) = served.end();
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.starts_with("accepted 0 connections"), "{rest}");
}

#[test]
fn requests_report_in_one_line() {
    let served = Served::start_as("serve-http", &["--json"]);
    let own = std::process::id().to_string();
    let common = ["--bytes", "100k", "--count", "20", "--concurrency", "3", "--json", "--pid", &own];
    for (verb, more) in
        [("get", &["--chunk", "1k"][..]), ("get", &["--close"]), ("post", &[]), ("get", &["--rate", "1000"])]
    {
        let (code, line) = output(&[&[verb, &served.addr], &common[..], more].concat());
        assert_eq!((code, line.lines().count()), (Some(0), 1), "{line}");
        for part in [
            "\"ok\":true",
            "\"requests_ok\":20",
            "\"bytes\":2048000",
            "\"p99\":",
            "\"slower_than_ms\":{\"10\":",
            "\"us_per_request\":",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    let (code, line) = output(&["get", &served.addr, "--bytes", "1", "--seconds", "0.05"]);
    assert_eq!(code, Some(0), "{line}");
    assert!(line.starts_with("ok get tcp: "), "{line}");
    let id = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill exists").success());
    let (code, rest) = served.end();
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains("\"posted\":2048000,\"mismatched\":0,\"failed\":0"), "{rest}");
}

#[test]
fn failures_are_exit_codes() {
    let served = Served::start(&["--once", "0"]);
    let addr = served.addr.clone();
    assert_eq!(served.end().0, Some(0));
    let (code, line) = output(&["down", &addr, "--bytes", "1", "--json"]);
    assert_eq!(code, Some(1), "{line}");
    assert!(line.contains("\"refused\":1"), "{line}");
    assert_eq!(output(&["down", &addr]).0, Some(2));
    assert_eq!(output(&["down", &addr, "--bytes", "1", "--pid", "4294967295"]).0, Some(2));
}
