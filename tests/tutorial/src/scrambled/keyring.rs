//! A section of the configuration, `keyring`: keys by name. Lines refer to one by name (`scr-key-of office`) and do
//! not show it. With it come a command that lists the names, and a check that every name exists.

use std::collections::BTreeMap;

use proto_core::extension::{
    Access, CheckEntry, CommandEntry, Configured, Keyword, Remark, RemarkPlace, Scope, SectionEntry,
    SectionKeyword, TransportSections,
};
use proto_core::spec::Settings;

use super::key::Key;

/// The keys of the section.
#[derive(Clone, Debug, Default)]
struct Keyring(BTreeMap<String, Key>);

/// The key name on a line.
#[derive(Clone, Debug)]
struct KeyName(String);

const NAME: &str = "keyring";

pub(crate) const SECTION: SectionEntry = SectionEntry {
    name: NAME,
    title: None,
    keywords: &[SectionKeyword {
        name: "key",
        arguments: &["<name>", "<key>"],
        optional: None,
        help: "a key and its name",
        apply: |values, arguments| {
            let key = Key::parse(arguments[1], 1)?;
            let mut keyring = values.get::<Keyring>().cloned().unwrap_or_default();
            keyring.0.insert(arguments[0].to_owned(), key);
            values.insert(keyring);
            Ok(())
        },
    }],
    help: "keys of scr@",
};

pub(crate) const KEYWORD: Keyword = Keyword {
    name: "scr-key-of",
    scope: Scope::Both,
    of: Some(&["scr4", "scr6"]),
    arguments: &["<name>"],
    optional: None,
    help: "the key of the keyring that scr@ scrambles with",
    apply: |settings, arguments| {
        settings.extensions.insert(KeyName(arguments[0].to_owned()));
        Ok(())
    },
};

pub(crate) const CHECK: CheckEntry = CheckEntry { name: "scr-keyring", run: check };

fn check(configured: &Configured<'_>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (index, endpoint) in configured.endpoints.iter().enumerate() {
        if let Some(name) = endpoint.settings.extensions.get::<KeyName>()
            && name.find(configured.sections).is_none()
        {
            let message = format!("there is no key '{}' in the section keyring", name.0);
            remarks.push(Remark::error(RemarkPlace::Endpoint(index), message));
        }
    }
    remarks
}

pub(crate) const COMMAND: CommandEntry = CommandEntry {
    words: &["show", "keyring"],
    arguments: "",
    access: Access::Operator,
    help: "the names of the keys of scr@",
    run: |call| {
        let names = call.sections.get::<Keyring>(NAME).map(|keyring| keyring.0.keys().cloned());
        Ok(names.into_iter().flatten().map(|name| name + "\n").collect())
    },
};

/// Returns the key on a line, the key that it names, or the default key.
pub(super) fn key_of(settings: &Settings) -> Key {
    let named = || settings.extensions.get::<KeyName>()?.find(&settings.sections);
    Key::given(settings).or_else(named).cloned().unwrap_or_default()
}

impl KeyName {
    /// Returns the key with this name.
    fn find<'s>(&self, sections: &'s TransportSections) -> Option<&'s Key> {
        sections.get::<Keyring>(NAME)?.0.get(&self.0)
    }
}
