//! The comparison as a person sees it: figures for proxies that run, and reasons for those that do not.

use std::process::{Command, Output, Stdio};

const LOAD: &str = "tcp: keep-alive, 128 B, log";

/// Returns exit code, table and standard error; `None` if no network namespace can be created.
fn compare(test: &str, only: &str, args: &[&str]) -> Option<(Option<i32>, String)> {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_braid-load"))
        .args(["compare-http", "--rounds", "2", "--seconds", "0.1", "--only", only])
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    let said = String::from_utf8(stderr).expect("text");
    for (what, reason) in [("network namespace", "no network namespace"), ("run on core", "too few cores")] {
        if status.code() == Some(2) && said.contains(what) {
            eprintln!("skipped: {test}: {reason}: {said}");
            return None;
        }
    }
    Some((status.code(), String::from_utf8(stdout).expect("text")))
}

#[test]
fn proxies_that_do_not_run_are_left_out_and_named() {
    let none = ["--haproxy", "/nonexistent/haproxy", "--nginx", "false", "--braid", "true"];
    let Some((code, table)) = compare("proxies_that_do_not_run_are_left_out_and_named", LOAD, &none) else {
        return;
    };
    assert_eq!(code, Some(1), "{table}");
    for line in [
        "left out: haproxy at tcp: keep-alive, 128 B, log: prepare to start it: No such file or directory",
        "left out: nginx at tcp: keep-alive, 128 B, log: it ended with exit status: 1",
        "left out: braid at tcp: keep-alive, 128 B, log: it ended with exit status: 0",
    ] {
        assert!(table.contains(line), "{line} in {table}");
    }
    assert!(!table.contains("us per request"), "{table}");
}

/// Uses the real proxies that are installed.
#[test]
fn proxies_that_run_get_figures_at_every_load() {
    let test = "proxies_that_run_get_figures_at_every_load";
    let installed = |proxy: &&str| {
        let quiet = Command::new(proxy).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
        quiet.map_err(|error| eprintln!("skipped: {test} with {proxy}: {error}")).is_ok()
    };
    for proxy in ["haproxy", "nginx"].iter().filter(|proxy| installed(proxy)) {
        // Two of the same kind, beside others that fail.
        let mut args =
            vec![format!("--{proxy}"), (*proxy).to_owned(), format!("--{proxy}"), (*proxy).to_owned()];
        for other in ["braid", "haproxy", "nginx"].iter().filter(|other| *other != proxy) {
            args.extend([format!("--{other}"), "false".to_owned()]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let Some((_, table)) = compare(test, "tcp: ", &args) else { return };
        let left_out = |line: &&str| line.starts_with(&format!("left out: {proxy}"));
        assert!(table.lines().filter(left_out).all(|line| line.contains("no health checks")), "{table}");
        for name in [(*proxy).to_owned(), format!("{proxy} #2")] {
            let costs: Vec<f64> = table
                .lines()
                .filter_map(|line| {
                    line.split_once(&format!(" | {name} | "))?.1.split(' ').next()?.parse().ok()
                })
                .collect();
            // Those with a thousand servers need health checks, which nginx has not.
            let loads = if *proxy == "nginx" { 6 } else { 10 };
            assert_eq!(costs.len(), loads, "{table}");
            // A tick of the clock is 10 ms, and these runs last few ticks, so this only checks that there is a
            // figure.
            assert!(costs.iter().all(|cost| (0.0..100_000.0).contains(cost)), "{table}");
        }
        assert!(table.contains("congestion control reno"), "{table}");
    }
}
