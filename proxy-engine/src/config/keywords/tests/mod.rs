//! Each keyword as it should be and as it should not.
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

/// A configuration, and what was said about it in short.
fn read(text: &str) -> (Configuration, Vec<String>) {
    let reading = testing::read(text);
    let said = reading.in_short();
    (reading.configuration, said)
}

/// Timeouts, so that nothing is said about them.
const DEFAULTS: &str = "timeout client 1m\n timeout server 1m\n timeout connect 1m\n";

/// The section that these lines make a `listen` of, and what was said about them. The first is line 7.
fn section(lines: &str) -> (Section, Vec<String>) {
    let text = format!("defaults\n {DEFAULTS} mode http\nlisten x\n{lines}\n");
    let (mut configuration, said) = read(&text);
    (configuration.proxies.remove(0), said)
}

/// The same of lines about which there is nothing to say.
fn well(lines: &str) -> Section {
    let (section, said) = section(lines);
    assert_eq!(said, Vec::<String>::new(), "{lines}");
    section
}

/// That each of these lines is refused, with these words somewhere in what is said.
fn refused(lines: &[(&str, &str)]) {
    for (line, words) in lines {
        let (_, said) = section(line);
        assert!(
            matches!(&said[..], [one] if one.starts_with("A7 ") && one.contains(words)),
            "{line}: {said:?}"
        );
    }
}

/// The global section that these lines make.
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
