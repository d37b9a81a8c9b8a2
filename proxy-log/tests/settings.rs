//! What the configuration says about the form of log lines.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proto_core::Registry;
use proto_core::address::NoEnvironment;
use proxy_config::condition::{Facts, Version};
use proxy_config::{Configuration, Diagnostics, Language, Mode, Reader, Severity, Sources, Variables};
use proxy_log::settings::{LogForm, LogOptions};

struct Plain;

impl Facts for Plain {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5").unwrap()
    }

    fn feature(&self, _name: &str) -> bool {
        false
    }

    fn enabled(&self, _name: &str) -> bool {
        false
    }

    fn defined(&self, _name: &str) -> bool {
        false
    }
}

/// A configuration, and what was said about it: the first letter of how bad it is, the line, the message.
fn read(text: &str) -> (Configuration, Vec<String>) {
    let registry = Registry::linked().unwrap();
    let language = Language::linked(&registry).unwrap();
    let variables = Variables::over(&NoEnvironment);
    let mut sources = Sources::default();
    sources.add("t.cfg", text);
    let mut diagnostics = Diagnostics::default();
    let (language, registry, variables) = (&language, &registry, &variables);
    let reader = Reader { language, registry, variables, facts: &Plain, any_port: false };
    let configuration = reader.read(&sources, &mut diagnostics);
    let said = diagnostics.sorted().into_iter().map(|diagnostic| {
        let letter = if diagnostic.severity == Severity::Alert { 'A' } else { 'W' };
        let help = diagnostic.help.map(|help| format!("; {help}")).unwrap_or_default();
        format!("{letter}{} {}{help}", diagnostic.span.unwrap().line, diagnostic.message)
    });
    (configuration, said.collect())
}

/// The form of a frontend whose section has these lines, and what was said about them; the first is line 4.
fn form(lines: &str) -> (LogForm, Vec<String>) {
    let (configuration, said) = read(&format!("frontend f\n log stdout local0\n mode http\n{lines}\n"));
    (configuration.proxies[0].values.get_or_default::<LogOptions>().form, said)
}

#[test]
fn the_last_form_counts() {
    for (lines, expected) in [
        ("", LogForm::Plain),
        ("option tcplog", LogForm::Tcp),
        ("option httplog", LogForm::Http),
        ("option tcplog\noption httplog", LogForm::Http),
        ("option httplog\noption tcplog", LogForm::Tcp),
    ] {
        assert_eq!(form(lines), (expected, vec![]), "{lines}");
    }
    for (line, words) in [
        ("option httplog clf", "'option httplog clf' is not supported yet"),
        ("option tcplog clf", "'option tcplog clf' is not supported yet"),
        ("option httplog x", "unexpected 'x'"),
        ("no option httplog", "'no' means nothing"),
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
    assert_eq!(said, ["W1 'option httplog' of frontend 'f' has no effect; no 'log' line says where to"]);
    let (_, said) = read("defaults\n option httplog\n option tcplog\n");
    assert_eq!(said, ["W3 'option tcplog' takes the place of 'option httplog' of these defaults"]);
    // Sections are there to say otherwise, and backends have no lines.
    let (_, said) = read("defaults\n option tcplog\nbackend b\n mode http\n option httplog\n");
    assert_eq!(
        said,
        [
            "W5 'option httplog' is ignored in a backend section; it has an effect in defaults, frontend, listen"
        ]
    );
}
