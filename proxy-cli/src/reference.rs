//! The page of all keywords (`--dump-keywords`, `docs/keywords.md`), made from the entries.

use std::fmt::Write as _;

use proto_core::Registry;
use proto_core::extension::Scope;
use proxy_config::{Language, inventory};
use proxy_engine::balance::Algorithm;

const HEAD: &str = "\
# Keywords

All that this binary understands, made from the entries of whoever implements it: `braid --dump-keywords`. What HAProxy
knows beyond that is refused by name.
";

/// A row of a table.
struct Row {
    name: String,
    place: String,
    help: &'static str,
    since: &'static str,
}

/// The page, as Markdown.
pub(crate) fn page(language: &Language, registry: &Registry) -> String {
    let mut text = HEAD.to_owned();
    let directives = language.directives().map(|entry| Row {
        name: words(entry.name, entry.arguments),
        place: format!("{}{}", entry.sections, if entry.negatable { "; `no`" } else { "" }),
        help: entry.help,
        since: entry.since,
    });
    table(&mut text, "Sections", "sections", directives.collect());

    for (title, scope) in [("Bind lines", Scope::Bind), ("Server lines", Scope::Server)] {
        let own = language.parameters().filter(|entry| entry.scope.covers(scope)).map(|entry| Row {
            name: words(entry.name, entry.arguments),
            place: String::new(),
            help: entry.help,
            since: entry.since,
        });
        let transports = registry.keywords().filter(|entry| entry.scope.covers(scope)).map(|entry| Row {
            name: words(entry.name, &entry.arguments.join(" ")),
            place: "socket".to_owned(),
            help: entry.help,
            since: "0.1",
        });
        table(&mut text, title, "of", own.chain(transports).collect());
    }

    let algorithms = inventory::iter::<Algorithm>.into_iter().map(|entry| Row {
        name: words(entry.name, entry.arguments),
        place: String::new(),
        help: entry.help,
        since: entry.since,
    });
    table(&mut text, "Algorithms of `balance`", "", algorithms.collect());
    text
}

fn words(name: &str, arguments: &str) -> String {
    // A bar would end the cell.
    format!("{name} {arguments}").trim_end().replace('|', "\\|")
}

fn table(text: &mut String, title: &str, place: &str, mut rows: Vec<Row>) {
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n## {title}\n\n| keyword | {place} | | since |\n| --- | --- | --- | --- |");
    for Row { name, place, help, since } in rows {
        let help = help.replace('|', "\\|");
        let _ = writeln!(text, "| `{name}` | {place} | {help} | {since} |");
    }
}
