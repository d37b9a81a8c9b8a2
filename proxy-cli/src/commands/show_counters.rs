//! `show counters`: the counters of transports by name, for scripts.

use std::fmt::Write as _;

use proto_core::extension::{CounterEntry, CounterKind};
use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};
use proxy_config::inventory;

inventory::submit! {
    Command::new(&["show", "counters"], "[desc]", Level::User, "counters of transports", show_counters)
}

/// Matches of rules that had to be given up.
pub(crate) const REGEX_FAILURES: CounterEntry = CounterEntry {
    name: "regex.failures",
    kind: CounterKind::Total,
    help: "matches of regular expressions that took too long",
    read: || Some(proxy_rules::regex::failures()),
};

/// The counters of the linked transports, by name, and the program's own.
#[derive(Clone, Debug)]
pub(crate) struct TransportCounters(pub(crate) Vec<CounterEntry>);

fn show_counters(call: &mut Call<'_>) -> CommandResult {
    let with_help = match call.argument(0) {
        "" => false,
        "desc" => true,
        other => {
            return Err(Refusal::new(format!("Unknown word '{}': expected 'desc'.", other.escape_debug())));
        }
    };
    let TransportCounters(counters) = call.get()?;
    let mut text = String::new();
    for counter in counters {
        let Some(value) = (counter.read)() else { continue };
        // Writing to a String cannot fail.
        let _ = match with_help {
            true => writeln!(text, "{}: {value}: {}", counter.name, counter.help),
            false => writeln!(text, "{}: {value}", counter.name),
        };
    }
    Ok(Answer::Data(text))
}

#[cfg(test)]
mod tests {
    use proxy_admin::testing::ask;
    use proxy_config::Values;

    use super::*;

    const LINKS: CounterEntry =
        CounterEntry { name: "links", kind: CounterKind::Gauge, help: "links that are up", read: || Some(3) };

    #[tokio::test]
    async fn counters_that_this_machine_has_are_shown() {
        let absent = CounterEntry { name: "absent", read: || None, ..LINKS };
        let mut facts = Values::default();
        facts.set(TransportCounters(vec![absent, LINKS]));
        let shown = async |command| ask(command, Level::User, facts.clone()).await.unwrap();
        assert_eq!(shown("show counters").await, "links: 3\n");
        assert_eq!(shown("show counters desc").await, "links: 3: links that are up\n");
        assert!(shown("show counters all").await.contains("expected 'desc'"));
    }
}
