//! The list of what is linked into the binary: the end of `-vv`.

use proto_core::Registry;

/// Lists everything that is linked.
pub(crate) fn all(registry: &Registry) -> String {
    let mut text = format!("{registry}\nOptions of listening (b) and server (s) addresses:\n");
    for keyword in registry.keywords() {
        use proto_core::extension::Scope;
        let scope = match keyword.scope {
            Scope::Bind => "b ",
            Scope::Server => " s",
            Scope::Both => "bs",
        };
        let words = keyword.usage();
        text.push_str(&format!("  {scope} {words:<36} {}\n", keyword.help));
    }
    text.push_str("\nSamples of a connection:\n");
    for sample in registry.samples() {
        text.push_str(&format!("  {:<39} {}\n", sample.name, sample.help));
    }
    let sections = registry.sections().map(|section| {
        let title = section.title.map(|title| format!(" {title}")).unwrap_or_default();
        (format!("{}{title}", section.name), section.help)
    });
    list(&mut text, "Sections of the configuration", sections);
    let commands = registry.commands().map(|command| {
        let usage = format!("{} {}", command.words.join(" "), command.arguments);
        (usage.trim_end().to_owned(), command.help)
    });
    list(&mut text, "Commands of the runtime socket", commands);
    let counters = registry.counters().map(|counter| (counter.name.to_owned(), counter.help));
    list(&mut text, "Counters", counters);
    text
}

/// Lists a kind of entries that only some binaries have.
fn list(text: &mut String, title: &str, entries: impl Iterator<Item = (String, &'static str)>) {
    let mut entries = entries.peekable();
    if entries.peek().is_some() {
        text.push_str(&format!("\n{title}:\n"));
    }
    for (name, help) in entries {
        text.push_str(&format!("  {name:<39} {help}\n"));
    }
}
