//! Tests that the generated files in `contrib/` are up to date.

use std::path::Path;

use super::{Shell, completions, man};

fn check(path: &str, made: &str, by: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let found = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let line = found.lines().zip(made.lines()).position(|(found, made)| found != made);
    let line = line.unwrap_or_else(|| found.lines().count().min(made.lines().count())) + 1;
    assert!(found == made, "{path} is stale from line {line} on; update it with: {by} > {path}");
}

#[test]
fn the_man_page_is_up_to_date() {
    check("contrib/man/braid.1", &man(), "braid --man");
}

#[test]
fn the_completions_are_up_to_date() {
    check("contrib/completions/braid.bash", &completions(Shell::Bash), "braid --completions bash");
    check("contrib/completions/_braid", &completions(Shell::Zsh), "braid --completions zsh");
    check("contrib/completions/braid.fish", &completions(Shell::Fish), "braid --completions fish");
}
