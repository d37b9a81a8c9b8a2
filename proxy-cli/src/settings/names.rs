//! `node`, `localpeer`: the names of this process.

use proxy_config::{Directive, Sections, inventory};

/// The name of this machine in statistics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node(pub(crate) String);

/// The variable with the name of this process among peers, for the lines after it. There are no peers yet.
const LOCAL_PEER: &str = "HAPROXY_LOCALPEER";

inventory::submit! {
    Directive::new("node", "<name>", Sections::GLOBAL, "the name of this machine in statistics", |line| {
        let word = line.args.word("a name")?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if word.is_empty() || !word.chars().all(allowed) {
            return Err(line.args.bad(word, "letters, digits, '.', '-' and '_'"));
        }
        line.section.set(Node(word.text.clone()));
        Ok(())
    })
}

inventory::submit! {
    Directive::new("localpeer", "<name>", Sections::GLOBAL, "the name of this process among peers", |line| {
        let word = line.args.word("a name")?;
        line.surroundings.variables.set(LOCAL_PEER, word);
        Ok(())
    })
}
