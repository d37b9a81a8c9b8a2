//! Tests of each keyword, with valid and invalid arguments.
//! Configurations are those that HAProxy 3.5 takes, and warnings and refusals are its own, unless said.

mod global;
mod modes;
mod proxies;

use std::time::Duration;

use proto_tcp as _;
use proxy_config::endpoint::Servers;
use proxy_config::{Configuration, Mode, Section, testing};

use super::case_adjust::CaseAdjustments;
use crate::balance;
use crate::policy::{
    Balancing, Closing, ForwardFor, HashFunction, HashMethod, HashType, HttpTimeouts, HttpTuning, IdlePool,
    OriginalTo, RetryCause, RetryOn, Reuse, Switches, UnusualNames,
};

/// Reads a configuration. Returns also the messages about it, in short form.
fn read(text: &str) -> (Configuration, Vec<String>) {
    let reading = testing::read(text);
    let said = reading.in_short();
    (reading.configuration, said)
}

/// Timeouts, so that there is no warning about missing ones.
const DEFAULTS: &str = "timeout client 1m\n timeout server 1m\n timeout connect 1m\n";

/// Reads these lines in a `listen` section. Returns the section and the messages. The first is line 7.
fn section(lines: &str) -> (Section, Vec<String>) {
    let text = format!("defaults\n {DEFAULTS} mode http\nlisten x\n{lines}\n");
    let (mut configuration, said) = read(&text);
    (configuration.proxies.remove(0), said)
}

/// Reads lines about which there are no messages. Returns the section.
fn well(lines: &str) -> Section {
    let (section, said) = section(lines);
    assert_eq!(said, Vec::<String>::new(), "{lines}");
    section
}

/// Asserts that each of these lines is refused, with these words in a message.
fn refused(lines: &[(&str, &str)]) {
    for (line, words) in lines {
        let (_, said) = section(line);
        assert!(
            matches!(&said[..], [one] if one.starts_with("A7 ") && one.contains(words)),
            "{line}: {said:?}"
        );
    }
}

/// Reads these lines in a global section. Returns also the messages.
fn global(lines: &str) -> (Configuration, Vec<String>) {
    read(&format!("global\n{lines}\n"))
}

fn refused_globally(lines: &[(&str, &str)]) {
    for (line, words) in lines {
        let (_, said) = global(line);
        assert!(
            matches!(&said[..], [one] if one.starts_with('A') && one.contains(words)),
            "{line}: {said:?}"
        );
    }
}
