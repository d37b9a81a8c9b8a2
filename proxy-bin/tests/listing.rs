//! The linked program: every transport is registered, and nothing clashes.

use std::process::{Command, Output};

fn braid(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_braid")).args(arguments).output().expect("it runs")
}

#[test]
fn the_listing_names_every_transport() {
    let output = braid(&["-vv"]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    for name in
        ["tcpv4", "tcpv6", "mptcpv4", "mptcpv6", "unix", "sockpair", "quicv4", "quicv6", "udpv4", "unixdg"]
    {
        assert!(text.contains(&format!("\n  {name} ")), "protocol {name}: {text}");
    }
    for prefix in
        ["tcp@", "mptcp@", "mptcp4@", "mptcp6@", "unix@", "uxst@", "fd@", "sockpair@", "quic+", "uxdg@"]
    {
        assert!(text.contains(&format!("\n  {prefix} ")), "prefix {prefix}: {text}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_1_and_the_usage() {
    let output = braid(&["froward"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("'froward'") && text.contains("forward") && text.contains("usage:"), "{text}");
}
