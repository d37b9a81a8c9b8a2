//! `last_rule_file`, `last_rule_line`: the place of the rule that decided last.

use proxy_config::FileNames;

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
struct LastRuleFile(FileNames);

impl Fetch for LastRuleFile {
    fn get<'c>(&'c self, context: &'c Context<'_>) -> Option<Sample<'c>> {
        Some(Sample::Text(self.0.get(context.last_rule?.file).as_bytes().into()))
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
            let names = inputs.surroundings.map(|surroundings| surroundings.sources.names());
            Ok(Box::new(LastRuleFile(names.unwrap_or_default())))
        },
    )
}
