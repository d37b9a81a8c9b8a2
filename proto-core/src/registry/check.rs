//! Checks of each registration, by itself and against the others, after all of them have been added.

use super::{Entry, Registry, RegistryError};
use crate::extension::{CommandEntry, CounterKind};
use crate::family::Family;
use crate::prefix::{ELSEWHERE, Target, is_plain_word};
use crate::words::nearest;

impl Registry {
    pub(super) fn check_prefixes(&self) -> Result<(), RegistryError> {
        for Entry { origin, item } in self.prefixes.values() {
            let bad =
                |why: &str| Err(RegistryError::BadPrefix { prefix: item.text, origin, why: why.to_owned() });
            let word = item.text.strip_suffix(['@', '+']).unwrap_or_default();
            if word.is_empty() || !word.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return bad("a prefix is letters and digits, then '@' or '+'");
            }
            let families = item.families.unwrap_or_default();
            if item.families == Some(&[]) || (item.is_modifier() && item.families.is_some()) {
                return bad(
                    "one with '@' admits at least one family, one with '+' leaves that to what follows",
                );
            }
            if let Some(family) = families.iter().find(|family| !self.families.contains_key(family)) {
                return bad(&format!(
                    "it selects the family '{family}', which no crate of this binary registers"
                ));
            }
            match item.target {
                None => {}
                Some(Target::Protocols(names)) => {
                    if names.is_empty() {
                        return bad("it selects no protocol");
                    }
                    if let Some(unknown) = names.iter().find(|name| !self.protocols.contains_key(**name)) {
                        let known = nearest(unknown, self.protocols.keys().copied());
                        return bad(&format!(
                            "it selects {}; no crate of this binary registers a protocol '{unknown}'{}",
                            quoted(names),
                            suggestion(known),
                        ));
                    }
                    let found: Vec<_> = names.iter().filter_map(|name| self.protocol(name)).collect();
                    let serves = |family: &&Family| {
                        found.iter().any(|found| found.descriptor().families.contains(family))
                    };
                    if let Some(family) = families.iter().find(|family| !serves(family)) {
                        return bad(&format!(
                            "it admits the family '{family}', which {} does not serve",
                            quoted(names)
                        ));
                    }
                }
                Some(Target::Slot(slot)) => {
                    let row: Vec<Family> = self
                        .cells
                        .keys()
                        .filter(|cell| cell.slot == slot)
                        .filter(|cell| item.socket_type.is_none_or(|wanted| cell.socket_type == wanted))
                        .map(|cell| cell.family)
                        .collect();
                    let missing = families.iter().find(|family| !row.contains(family));
                    if row.is_empty() || missing.is_some() {
                        let family = missing.map_or_else(String::new, |family| format!("{family} "));
                        let kind = item.socket_type.map_or_else(String::new, |kind| format!("{kind} "));
                        return bad(&format!(
                            "it selects the cell '{family}{kind}{slot}', which no protocol has"
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// A layer's name is written beside prefixes, so it must not be mistaken for one, of this binary or of another.
    pub(super) fn check_layers(&self) -> Result<(), RegistryError> {
        for (&name, &Entry { origin, .. }) in &self.layers {
            let bad = |why| Err(RegistryError::BadLayer { layer: name, origin, why });
            if !is_plain_word(name) {
                return bad("its name is not made of letters, digits, '-' and '_'".to_owned());
            }
            if let Some(Entry { origin: whose, .. }) = self.protocols.get(name) {
                return bad(format!("{whose} has registered a protocol of this name"));
            }
            let is_named = |prefix: &str| prefix.strip_suffix(['@', '+']) == Some(name);
            if let Some(Entry { origin: whose, item }) =
                self.prefixes.values().find(|entry| is_named(entry.item.text))
            {
                return bad(format!("{whose} has registered the prefix '{}'", item.text));
            }
            if let Some((prefix, whose)) = ELSEWHERE.iter().find(|(prefix, _)| is_named(prefix)) {
                return bad(format!("'{prefix}' is a prefix of {whose}"));
            }
        }
        Ok(())
    }

    pub(super) fn check_keywords(&self) -> Result<(), RegistryError> {
        for &Entry { origin, item: ref keyword } in self.keywords.values().flatten() {
            let bad = |why| Err(RegistryError::BadKeyword { keyword: keyword.name, origin, why });
            if let Some(why) = no_name(keyword.name) {
                return bad(why.to_owned());
            }
            let names = keyword.of.unwrap_or_default().iter();
            let is_known =
                |name: &&&str| self.protocols.contains_key(**name) || self.layers.contains_key(**name);
            if let Some(unknown) = names.clone().find(|name| !is_known(name)) {
                let known = self.protocols.keys().chain(self.layers.keys()).copied();
                return bad(format!(
                    "it applies to {}; no crate of this binary registers a protocol or layer '{unknown}'{}",
                    quoted(keyword.of.unwrap_or_default()),
                    suggestion(nearest(unknown, known)),
                ));
            }
            if keyword.of.is_some_and(<[_]>::is_empty) {
                return bad("it applies to no protocol and no layer".to_owned());
            }
            if let Some(undeclared) = keyword.undeclared() {
                return bad(format!("its 'apply' {undeclared}"));
            }
        }
        Ok(())
    }

    pub(super) fn check_samples(&self) -> Result<(), RegistryError> {
        for &Entry { origin, item: ref sample } in self.samples.values() {
            if let Some(why) = no_name(sample.name) {
                let what = format!("sample '{}'", sample.name);
                return Err(RegistryError::BadEntry { what, origin, why: why.to_owned() });
            }
        }
        Ok(())
    }

    pub(super) fn check_sections(&self) -> Result<(), RegistryError> {
        for &Entry { origin, item: section } in self.sections.values() {
            let bad = |why| {
                Err(RegistryError::BadEntry { what: format!("section '{}'", section.name), origin, why })
            };
            if !is_plain_word(section.name) {
                return bad("its name is not made of letters, digits, '-' and '_'".to_owned());
            }
            for (index, keyword) in section.keywords.iter().enumerate() {
                let name = keyword.name;
                if !is_plain_word(name) {
                    return bad(format!("its keyword '{name}' is not made of letters, digits, '-' and '_'"));
                }
                if section.keywords[..index].iter().any(|other| other.name == name) {
                    return bad(format!("its keyword '{name}' is registered twice"));
                }
                if let Some(undeclared) = keyword.undeclared() {
                    return bad(format!("the 'apply' of its keyword '{name}' {undeclared}"));
                }
            }
        }
        Ok(())
    }

    pub(super) fn check_commands(&self) -> Result<(), RegistryError> {
        let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic());
        let bad = |entry: &&Entry<CommandEntry>| {
            entry.item.words.is_empty() || !entry.item.words.iter().all(is_word)
        };
        self.commands.values().find(bad).map_or(Ok(()), |&Entry { origin, ref item }| {
            let what = format!("command '{}'", item.words.join(" "));
            Err(RegistryError::BadEntry {
                what,
                origin,
                why: "it needs at least one word, and its words must be printable and without spaces"
                    .to_owned(),
            })
        })
    }

    /// Counter names are also metric names.
    pub(super) fn check_counters(&self) -> Result<(), RegistryError> {
        for &Entry { origin, item: ref counter } in self.counters.values() {
            let bad = |why: &str| {
                let what = format!("counter '{}'", counter.name);
                Err(RegistryError::BadEntry { what, origin, why: why.to_owned() })
            };
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if counter.name.is_empty() || !counter.name.bytes().all(is_plain) {
                return bad("its name is not made of lower-case letters, digits and '_'");
            }
            if counter.name.ends_with("_total") != (counter.kind == CounterKind::Total) {
                return bad("the name of a total ends in '_total', and that of a gauge does not");
            }
        }
        Ok(())
    }
}

/// Returns the reason why a text cannot be the name of a keyword or a sample, or `None` if it can. In an expression
/// any other character ends a sample's name, and a keyword with one would have to be quoted.
fn no_name(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Some("its name is not one word");
    }
    // The characters of all names in HAProxy.
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    (!name.bytes().all(fits)).then_some("its name is not made of letters, digits, '.', '-' and '_'")
}

/// Formats the names of a registration: `'scr4', 'scr6'`.
fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean '{nearest}'?"))
}
