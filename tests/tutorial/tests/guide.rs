//! The code that `docs/writing-a-transport.md` quotes is there, word for word.
//!
//! A quotation is a fenced block of code after a comment `<!-- from PATH -->`. A line that is only `// ...` or `# ...`
//! stands for omitted lines: the parts around it follow each other in the file, in this order.

use std::fs;
use std::path::{Path, PathBuf};

const GUIDE: &str = "docs/writing-a-transport.md";
/// The languages of blocks that must be quotations; `text` and `console` blocks are not.
const QUOTED: &[&str] = &["rust", "toml"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A fenced block: its first line, its language, the comment above it, and its lines.
#[derive(Debug)]
struct Block<'a> {
    line: usize,
    language: &'a str,
    source: Option<&'a str>,
    code: Vec<&'a str>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut above = "";
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let source = above.strip_prefix("<!-- from ").and_then(|rest| rest.strip_suffix(" -->"));
            let code = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            blocks.push(Block { line: at + 1, language, source, code });
        }
        above = line;
    }
    blocks
}

/// Returns the first part of a quotation that the file does not have in its place.
fn missing(code: &[&str], file: &str) -> Option<String> {
    let mut from = 0;
    for part in code.split(|line| matches!(line.trim(), "// ..." | "# ...")) {
        let part = part.join("\n");
        let part = part.trim_matches('\n');
        match file[from..].find(part) {
            Some(at) => from += at + part.len(),
            None => return Some(part.to_owned()),
        }
    }
    None
}

#[test]
fn every_quotation_is_true() {
    let text = fs::read_to_string(root().join(GUIDE)).expect("the guide");
    let mut quotations = 0;
    for Block { line, language, source, code } in blocks(&text) {
        let Some(source) = source else {
            assert!(!QUOTED.contains(&language), "{GUIDE}:{line}: a block of {language} names no file");
            continue;
        };
        let file =
            fs::read_to_string(root().join(source)).unwrap_or_else(|error| panic!("{source}: {error}"));
        if let Some(part) = missing(&code, &file) {
            panic!("{GUIDE}:{line}: this is not in {source}:\n{part}");
        }
        quotations += 1;
    }
    assert!(quotations > 10, "only {quotations} quotations were found");
}

#[test]
fn every_file_that_it_names_exists() {
    let text = fs::read_to_string(root().join(GUIDE)).expect("the guide");
    let names = text.split('`').skip(1).step_by(2).filter(|name| name.ends_with(".rs"));
    for name in names.filter(|name| name.contains('/')) {
        assert!(root().join(name).is_file(), "{GUIDE} names {name}, which does not exist");
    }
}

#[test]
fn a_wrong_quotation_is_found() {
    let file = "one\ntwo\nthree\nfour\n";
    assert_eq!(missing(&["one", "two"], file), None);
    assert_eq!(missing(&["one", "// ...", "three"], file), None);
    assert_eq!(missing(&["three", "    // ...", "one"], file).as_deref(), Some("one"));
    assert_eq!(missing(&["two", "four"], file).as_deref(), Some("two\nfour"));
    let guide = "text\n<!-- from a.rs -->\n```rust\none\n```\n```rust\ntwo\n```\n";
    let found = blocks(guide);
    assert_eq!(
        found.iter().map(|block| (block.line, block.source)).collect::<Vec<_>>(),
        [(3, Some("a.rs")), (6, None)]
    );
}

/// The files of the traits of transports and layers.
const TRAITS: &[(&str, &str)] = &[
    ("Protocol", "protocol.rs"),
    ("BoundSocket", "bind.rs"),
    ("Listener", "listener.rs"),
    ("Incoming", "stream.rs"),
    ("Stream", "stream.rs"),
    ("Connector", "connect.rs"),
    ("Layer", "layer/mod.rs"),
    ("Filter", "layer/filter.rs"),
];

/// Returns the methods of a trait that have a body, as `Trait::method`, from a source formatted by rustfmt.
fn provided(name: &str, source: &str) -> Vec<String> {
    let begin = source.find(&format!("pub trait {name}: ")).unwrap_or_else(|| panic!("no trait {name}"));
    let body = source[begin..].split("\n}\n").next().expect("it ends");
    let mut methods = Vec::new();
    let mut lines = body.lines();
    while let Some(line) = lines.next() {
        let Some(signature) = line.strip_prefix("    fn ").or(line.strip_prefix("    async fn ")) else {
            continue;
        };
        let method = signature.split(['(', '<']).next().expect("a name");
        // A signature of several lines ends with the line that is indented like its first.
        let end = if line.ends_with('(') { lines.find(|line| line.starts_with("    )")) } else { Some(line) };
        if end.is_some_and(|end| end.ends_with(['{', '}'])) {
            methods.push(format!("{name}::{method}"));
        }
    }
    methods
}

#[test]
fn every_provided_method_is_in_the_table() {
    let guide = fs::read_to_string(root().join(GUIDE)).expect("the guide");
    let row = |line: &str| Some(line.strip_prefix("| `")?.split_once("` |")?.0.to_owned());
    let listed: Vec<String> = guide.lines().filter_map(row).filter(|name| name.contains("::")).collect();
    let mut found = Vec::new();
    for (name, file) in TRAITS {
        let path = root().join("proto-core/src").join(file);
        let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        found.extend(provided(name, &source));
    }
    assert_eq!(listed, found, "the table of {GUIDE} and the traits of proto-core, in their order");
}

#[test]
fn only_methods_with_a_body_are_found() {
    let source = "pub trait One: Send {\n    fn wanted(&self) -> u8;\n    fn given(&self) -> u8 {\n        0\n    }\n    \
                  fn none(&self) {}\n    async fn long(\n        &self,\n    ) -> u8;\n    fn longer<T>(\n        \
                  &self,\n    ) -> u8 {\n        1\n    }\n}\nfn other() {}\n";
    assert_eq!(provided("One", source), ["One::given", "One::none", "One::longer"]);
}
