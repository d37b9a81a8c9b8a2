//! `source`.

use proto_core::extension::{Scope, Words};
use proto_core::options::SocketOption;
use proto_core::spec::Settings;
use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections, mistake};

use crate::policy::SourceAddress;

inventory::submit! {
    Directive::new(
        "source",
        "<address>[:<port>] [usesrc <address>|client|clientip|hdr_ip(<name>[,<occurrence>])] [interface <name>]",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "source address of connections to servers",
        |line| {
            // The keywords of a server line, in the order in which they may follow.
            let mut settings = Settings::default();
            let first = line.args.peek().map_or_else(|| line.args.last(), |word| word.span);
            let mut names = vec!["source"];
            while let Some(name) = names.pop().or_else(|| line.args.take().map(|word| word.text.as_str())) {
                let span = line.args.last();
                let keyword = ["source", "usesrc", "interface"]
                    .contains(&name)
                    .then(|| line.surroundings.registry.keyword(Scope::Server, name))
                    .flatten();
                let Some(keyword) = keyword else {
                    let problem = mistake(span, format!("unexpected '{name}' after 'source'"));
                    return Err(Box::new(problem.expected("usesrc or interface")));
                };
                let value = line.args.word(&format!("{}: {}", keyword.arguments.join(" "), keyword.help))?;
                (keyword.apply)(&mut settings, &Words::new(&[&value.text])).map_err(|error| {
                    let message = format!("invalid value '{}' for '{name}'", error.found);
                    Box::new(mistake(value.span, message).expected(error.expected))
                })?;
            }
            let range = settings.options.find(|option| match option {
                SocketOption::Source(source) if source.is_range() => Some(source),
                _ => None,
            });
            if let Some(source) = range {
                let message = format!("the ports of '{source}' cannot be shared by the servers of a section");
                return Err(Box::new(mistake(first, message).help("write 'source' on each server line")));
            }
            line.section.set(SourceAddress(settings));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
