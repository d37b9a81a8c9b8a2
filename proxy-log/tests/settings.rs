//! The settings for log formats in the configuration.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proxy_config::{Configuration, Mode, testing};
use proxy_log as _;
use proxy_rules::log::{LogForm, LogPolicy};

/// Returns a configuration, and the short form of its diagnostics.
fn read(text: &str) -> (Configuration, Vec<String>) {
    let reading = testing::read(text);
    let said = reading.in_short();
    (reading.configuration, said)
}

/// Returns the log format of a frontend whose section has these lines, and the diagnostics; the first line is line
/// 4.
fn form(lines: &str) -> (LogForm, Vec<String>) {
    let (configuration, said) = read(&format!("frontend f\n log stdout local0\n mode http\n{lines}\n"));
    (configuration.proxies[0].values.get_or_default::<LogPolicy>().form, said)
}

#[test]
fn the_last_form_counts() {
    for (lines, expected) in [
        ("", LogForm::Plain),
        ("option tcplog", LogForm::Tcp),
        ("option httplog", LogForm::Http),
        ("option tcplog\noption httplog", LogForm::Http),
        ("option httplog\noption tcplog", LogForm::Tcp),
        ("option httplog clf", LogForm::HttpClf),
        ("option tcplog clf", LogForm::TcpClf),
        ("option httplog\nlog-format %ci", LogForm::Custom),
        ("log-format %ci\noption httplog", LogForm::Http),
    ] {
        assert_eq!(form(lines), (expected, vec![]), "{lines}");
    }
    for (line, words) in [
        ("option httplog clf clf", "unexpected 'clf'"),
        ("option tcplog x", "unexpected 'x'"),
        ("log-format", "missing argument after 'log-format'; expected a format"),
        ("log-format %ci %cp", "unexpected '%cp'; a format is one word: put it in quotes"),
        ("option httplog x", "unexpected 'x'"),
        ("no option httplog", "'no' is not allowed"),
    ] {
        let (_, said) = form(line);
        assert!(
            matches!(&said[..], [one] if one.starts_with("A4") && one.contains(words)),
            "{line}: {said:?}"
        );
    }
}

#[test]
fn lines_about_requests_need_requests() {
    assert_eq!(LogForm::Http.within(Mode::Tcp), LogForm::Tcp);
    assert_eq!(LogForm::Http.within(Mode::Http), LogForm::Http);
    assert_eq!(LogForm::Tcp.within(Mode::Http), LogForm::Tcp);
    assert_eq!(LogForm::Plain.within(Mode::Http), LogForm::Plain);

    let (_, said) = form("mode tcp\noption httplog");
    let expected = "W1 'option httplog' of frontend 'f' has no effect; it needs 'mode http'; lines are those of 'option \
                    tcplog'";
    assert_eq!(said, [expected]);
}

#[test]
fn a_form_without_a_log_and_one_in_place_of_another() {
    let (_, said) = read("frontend f\n mode http\n option httplog\n");
    assert_eq!(said, ["W1 'option httplog' of frontend 'f' has no effect; there is no 'log' line"]);
    let (_, said) = read("defaults\n option httplog\n option tcplog\n");
    assert_eq!(said, ["W3 'option tcplog' replaces 'option httplog' of these defaults"]);
    // Sections may override the defaults, and backends have no log lines.
    let (_, said) = read("defaults\n option tcplog\nbackend b\n mode http\n option httplog\n");
    assert_eq!(
        said,
        [
            "W5 'option httplog' is ignored in a backend section; it has an effect in defaults, frontend, listen"
        ]
    );
}
