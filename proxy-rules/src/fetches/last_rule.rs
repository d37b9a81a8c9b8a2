//! `last_rule_file`, `last_rule_line`: the place of the rule that decided last.

use proxy_config::FileId;

use super::simple::simple;
use crate::context::Context;
use crate::fetch::{Fetch, FetchEntry};
use crate::points::Need;
use crate::sample::{Sample, Type};

simple!("last_rule_line", Type::Integer, Need::Client, "the line of the rule that decided last", |context| {
    Some(Sample::Integer(context.last_rule?.line.into()))
});

/// The names of the configuration files.
#[derive(Debug)]
struct LastRuleFile(Vec<(FileId, Box<[u8]>)>);

impl Fetch for LastRuleFile {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        let file = context.last_rule?.file;
        let (_, name) = self.0.iter().find(|(known, _)| *known == file)?;
        Some(Sample::Text((&name[..]).into()))
    }
}

inventory::submit! {
    FetchEntry::new(
        "last_rule_file",
        "",
        Type::Text,
        Need::Client,
        "the file of the rule that decided last",
        |inputs| {
            let names = inputs.surroundings.map(|surroundings| {
                let sources = surroundings.sources;
                sources.files().map(|file| (file, sources.name(file).as_bytes().into())).collect()
            });
            Ok(Box::new(LastRuleFile(names.unwrap_or_default())))
        },
    )
}
