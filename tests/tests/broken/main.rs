//! Configurations with mistakes, and all that is printed about them: for a person, who sees the line and a caret, and
//! for a script, which gets HAProxy's one-line form.
//!
//! `cases` has a file or a folder for each kind of mistake and a text with the output of `braid -c -f` and its exit
//! status. After an intended change, `BRAID_BLESS=1 cargo test -p braid-tests --test broken` rewrites the texts: read
//! the difference from the view of somebody who does not know the program.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pty;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use braid_tests::binary::braid_binary;

/// The variable that makes the test rewrite the expectations.
const BLESS: &str = "BRAID_BLESS";

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken/cases")
}

/// Returns a command that checks a configuration, without environment variables that could change the output.
fn check(case: &str) -> Command {
    let mut command = Command::new(braid_binary().unwrap());
    command.args(["-c", "-f", case]).current_dir(cases()).env_clear().stdin(Stdio::null());
    command
}

/// Returns the output about a case, in both forms.
fn said(case: &str) -> String {
    let mut command = check(case);
    command.env("NO_COLOR", "1");
    let (status, person) = pty::run(command).unwrap();
    let child = check(case).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = format!("({})", child.id());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status, status, "{case}: both forms have the same exit status");
    assert_eq!(output.stdout, b"", "{case}: a check prints nothing on standard output");
    let person = String::from_utf8(person).unwrap().replace("\r\n", "\n");
    let script = String::from_utf8(output.stderr).unwrap().replace(&pid, "(PID)");
    let mut text = format!("exit code {}\n", status.code().unwrap());
    for (whom, said) in [("a person", person), ("a script", script)] {
        write!(text, "\n======== to {whom}\n{said}").unwrap();
    }
    text
}

/// Describes the first lines in which two texts differ.
fn difference(expected: &str, actual: &str) -> String {
    let mut pairs = expected.lines().map(Some).chain([None]).zip(actual.lines().map(Some).chain([None]));
    match pairs.position(|(expected, actual)| expected != actual) {
        None => "only their ends differ".to_owned(),
        Some(line) => {
            let show = |text: &str| text.lines().skip(line).take(3).collect::<Vec<_>>().join("\n");
            format!("line {}, expected:\n{}\ngot:\n{}", line + 1, show(expected), show(actual))
        }
    }
}

#[test]
fn every_broken_configuration_is_reported_as_expected() {
    let mut names: Vec<String> = fs::read_dir(cases())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".txt"))
        .collect();
    names.sort();
    assert!(names.len() >= 30, "{names:?}");
    let mut wrong = String::new();
    for name in &names {
        let actual = said(name);
        let path = cases().join(format!("{}.txt", name.trim_end_matches(".cfg")));
        if std::env::var_os(BLESS).is_some() {
            fs::write(path, &actual).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected != actual {
            writeln!(wrong, "{name}: {}\n", difference(&expected, &actual)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}if this is intended, rewrite the expectations with {BLESS}=1");
}

#[test]
fn every_expectation_has_its_configuration() {
    for entry in fs::read_dir(cases()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let case = path.with_extension("");
            assert!(
                case.is_dir() || path.with_extension("cfg").is_file(),
                "{} is about nothing",
                path.display()
            );
        }
    }
}

/// Checks that one run reports every mistake, and each at its line.
#[test]
fn ten_mistakes_are_ten_lines() {
    let output = check("01-ten-mistakes.cfg").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<u32> = said
        .lines()
        .filter_map(|line| {
            line.split_once("parsing [01-ten-mistakes.cfg:")?.1.split(']').next()?.parse().ok()
        })
        .collect();
    assert_eq!(lines, [3, 6, 8, 12, 13, 14, 15, 16, 17, 20], "{said}");
}
