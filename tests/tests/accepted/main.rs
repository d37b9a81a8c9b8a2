//! Valid configurations: a check prints nothing about them and exits with 0. Each but `own-keywords.cfg` and
//! `examples/mptcp.cfg`, which tells servers what only Braid knows, was also given to HAProxy 3.5-dev5, which accepts
//! it as well.
//!
//! One of them has every keyword of `docs/keywords.md`, and that page is up to date with `braid --dump-keywords`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use braid_tests::binary::braid_binary;

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

fn braid(words: &[&str]) -> Output {
    let mut command = Command::new(braid_binary().unwrap());
    command.args(words).env_clear().stdin(Stdio::null()).output().unwrap()
}

/// Returns the configurations of a folder.
fn configurations(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "cfg")).collect()
}

#[test]
fn valid_configurations_are_accepted_silently() {
    let files =
        [configurations(&here("tests/accepted/cases")), configurations(&here("../examples"))].concat();
    assert!(files.len() >= 6, "{files:?}");
    for file in &files {
        let output = braid(&["-c", "-f", file.to_str().unwrap()]);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        // A kernel may lack an option, or MPTCP, and allows some options only to root.
        let excuses = ["on this kernel", "Operation not permitted"];
        let said: Vec<&str> =
            said.lines().filter(|line| !excuses.iter().any(|excuse| line.contains(excuse))).collect();
        assert_eq!((output.status.code(), said), (Some(0), vec![]), "{}", file.display());
    }
}

/// Returns the keywords of a part of the page, by the words that name them.
fn keywords(page: &str, title: &str) -> Vec<String> {
    let part = page.split("\n## ").find(|part| part.starts_with(title)).unwrap();
    let rows = part.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    // An argument ends the name, except for a bare one as in `mode tcp`.
    let name = |row: &str| {
        let words =
            row.split(' ').take_while(|word| !word.starts_with(['<', '[']) && !word.contains(['|', '\\']));
        words.collect::<Vec<_>>().join(" ")
    };
    rows.map(name).collect()
}

/// Returns a word without what it has in parentheses.
fn bare(word: &str) -> &str {
    word.split_once('(').map_or(word, |(name, _)| name)
}

#[test]
fn every_keyword_is_among_them() {
    let page = page_of_this_repository();
    let text = configurations(&here("tests/accepted/cases"))
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect::<String>();
    // Without `no` and `default`, which precede a name.
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begins = |start: &str, line: &str| line == start || line.starts_with(&format!("{start} "));
    let mut missing: Vec<String> = keywords(&page, "Sections");
    assert!(missing.len() > 50, "{missing:?}");
    missing.retain(|name| !lines.iter().any(|line| begins(name, line)));
    for (title, starts) in
        [("Bind lines", &["bind", "stats socket"][..]), ("Server lines", &["server", "default-server"])]
    {
        let names = keywords(&page, title);
        assert!(names.len() > 20, "{title}: {names:?}");
        let of_title = || lines.iter().filter(|line| starts.iter().any(|start| begins(start, line)));
        let words: Vec<&str> = of_title().flat_map(|line| line.split_whitespace()).map(bare).collect();
        let absent = names.into_iter().filter(|name| !words.contains(&bare(name.split(' ').next().unwrap())));
        missing.extend(absent.map(|name| format!("{title}: {name}")));
    }
    for name in keywords(&page, "Algorithms") {
        let begin = format!("balance {name}");
        if !lines.iter().any(|line| line.starts_with(&begin)) {
            missing.push(begin);
        }
    }
    // These are read, and refused with a reason, because Braid does not do what they say.
    missing.retain(|name| !name.starts_with("email-alert"));
    // The first has no effect, as a warning says; the second needs a namespace of that name.
    missing.retain(|name| !["Server lines: tfo", "Server lines: namespace"].contains(&name.as_str()));
    assert_eq!(missing, Vec::<String>::new(), "add these to a file of tests/tests/accepted/cases");
}

/// Returns the part of the page for the crates of this repository; other crates that are linked in have a part of their
/// own at the end.
fn page_of_this_repository() -> String {
    let page = String::from_utf8(braid(&["--dump-keywords"]).stdout).unwrap();
    own_part(&page).to_owned()
}

fn own_part(page: &str) -> &str {
    page.split("\n# Keywords of other crates\n").next().unwrap_or(page)
}

#[test]
fn the_page_of_keywords_is_up_to_date() {
    let written = fs::read_to_string(here("../docs/keywords.md")).unwrap_or_default();
    let is_stale = own_part(&written) != page_of_this_repository();
    assert!(!is_stale, "docs/keywords.md is out of date: `just keywords` writes it");
}
