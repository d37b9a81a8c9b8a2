//! The page of all keywords (`--dump-keywords`, `docs/keywords.md`), made from the entries.

use std::fmt::Write as _;

use proto_core::Registry;
use proto_core::extension::{Scope, Side};
use proxy_config::foreign::may_use;
use proxy_config::{Language, inventory};
use proxy_engine::balance::Algorithm;
use proxy_rules::{ActionEntry, AliasEntry, ConverterEntry, FetchEntry, MatchEntry, Need};

const HEAD: &str = "\
# Keywords

All that this binary understands, made from the entries of whoever implements it: `braid --dump-keywords`. What HAProxy
knows beyond that is refused by name.
";

/// Where the page of this repository ends: what stands after it has been linked in by somebody else.
const OTHERS: &str = "
# Keywords of other crates
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
        let own = language.parameters().iter().filter(|entry| entry.scope.covers(scope)).map(|entry| Row {
            name: words(&entry.usage(), ""),
            place: String::new(),
            help: entry.help,
            since: entry.since,
        });
        table(&mut text, title, "of", own.chain(socket_keywords(registry, scope, Whose::Own)).collect());
    }
    sections(&mut text, registry, Whose::Own);

    let algorithms = inventory::iter::<Algorithm>.into_iter().map(|entry| Row {
        name: words(entry.name, entry.arguments),
        place: String::new(),
        help: entry.help,
        since: entry.since,
    });
    table(&mut text, "Algorithms of `balance`", "", algorithms.collect());
    rules(&mut text, registry);
    others(&mut text, registry);
    text
}

/// Whose entries are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Those of the crates of this repository.
    Own,
    /// Those of crates that somebody else has linked in.
    Others,
}

impl Whose {
    fn is_of(self, origin: &str) -> bool {
        may_use(origin) == (self == Whose::Own)
    }
}

/// What other crates bring. It stands apart, so that the page of this repository is the same whoever adds to the binary.
fn others(text: &mut String, registry: &Registry) {
    let mut found = String::new();
    for (title, scope) in [("Bind lines", Scope::Bind), ("Server lines", Scope::Server)] {
        table(&mut found, title, "of", socket_keywords(registry, scope, Whose::Others).collect());
    }
    sections(&mut found, registry, Whose::Others);
    table(&mut found, "Fetches", "gives", samples(registry, Whose::Others).collect());
    if !found.is_empty() {
        text.push_str(OTHERS);
        text.push_str(&found);
    }
}

fn socket_keywords(registry: &Registry, scope: Scope, whose: Whose) -> impl Iterator<Item = Row> {
    let keywords = registry.keyword_origins().filter(move |(origin, _)| whose.is_of(origin));
    keywords.filter(move |(_, entry)| entry.scope.covers(scope)).map(|(_, entry)| Row {
        name: words(&entry.usage(), ""),
        place: "socket".to_owned(),
        help: entry.help,
        since: "0.1",
    })
}

fn sections(text: &mut String, registry: &Registry, whose: Whose) {
    for (_, section) in registry.section_origins().filter(|(origin, _)| whose.is_of(origin)) {
        let keywords = section.keywords.iter().map(|keyword| Row {
            name: words(&keyword.usage(), ""),
            place: String::new(),
            help: keyword.help,
            since: "0.1",
        });
        let title = section.title.map(|title| format!(" {title}")).unwrap_or_default();
        table(text, &format!("Section `{}{title}`", section.name), "", keywords.collect());
    }
}

fn samples(registry: &Registry, whose: Whose) -> impl Iterator<Item = Row> {
    registry.sample_origins().filter(move |(origin, _)| whose.is_of(origin)).map(|(_, sample)| Row {
        name: sample.name.to_owned(),
        place: format!("{:?}; needs {}", sample.gives, side(sample.side)).to_lowercase(),
        help: sample.help,
        since: "0.1",
    })
}

/// What rules and formats are made of.
fn rules(text: &mut String, registry: &Registry) {
    let actions = ActionEntry::all().map(|entry| {
        let hooks: Vec<&str> = entry.hooks.iter().map(|hook| hook.name()).collect();
        Row {
            name: called(entry.name, entry.arguments),
            place: hooks.join(", "),
            help: entry.help,
            since: entry.since,
        }
    });
    table(text, "Actions", "of", actions.collect());

    let fetches = FetchEntry::all().map(|entry| {
        let names =
            std::iter::once(&entry.name).chain(entry.aliases).copied().collect::<Vec<_>>().join("`, `");
        let arguments = if entry.arguments.is_empty() { "" } else { &format!("({})", entry.arguments) };
        Row {
            name: words(&format!("{names}{arguments}"), ""),
            place: format!("{}; needs {}", entry.gives, entry.needs),
            help: entry.help,
            since: entry.since,
        }
    });
    let transports = samples(registry, Whose::Own);
    table(text, "Fetches", "gives", fetches.chain(transports).collect());

    let converters = ConverterEntry::all().map(|entry| {
        let arguments = if entry.arguments.is_empty() { "" } else { &format!("({})", entry.arguments) };
        Row {
            name: words(&format!("{}{arguments}", entry.name), ""),
            place: format!("{} to {}", entry.takes, entry.gives),
            help: entry.help,
            since: entry.since,
        }
    });
    table(text, "Converters", "", converters.collect());

    let matches = MatchEntry::all().map(|entry| Row {
        name: words(&format!("-m {}", entry.name), entry.patterns),
        place: entry.takes.to_string(),
        help: entry.help,
        since: entry.since,
    });
    table(text, "Matches", "takes", matches.collect());

    let aliases = AliasEntry::all().map(|entry| Row {
        name: format!("%{}", entry.name),
        place: format!("needs {}", entry.needs),
        help: entry.help,
        since: entry.since,
    });
    table(text, "Short names in formats", "", aliases.collect());
}

/// Whose connection a sample is taken of.
fn side(side: Side) -> Need {
    match side {
        Side::Client => Need::Client,
        Side::Server => Need::Server,
    }
}

/// An action; what it has in parentheses stands close to it.
fn called(name: &str, arguments: &str) -> String {
    if arguments.starts_with('(') { words(&format!("{name}{arguments}"), "") } else { words(name, arguments) }
}

fn words(name: &str, arguments: &str) -> String {
    // A bar would end the cell.
    format!("{name} {arguments}").trim_end().replace('|', "\\|")
}

fn table(text: &mut String, title: &str, place: &str, mut rows: Vec<Row>) {
    if rows.is_empty() {
        return;
    }
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n## {title}\n\n| keyword | {place} | | since |\n| --- | --- | --- | --- |");
    for Row { name, place, help, since } in rows {
        let help = help.replace('|', "\\|");
        let _ = writeln!(text, "| `{name}` | {place} | {help} | {since} |");
    }
}
