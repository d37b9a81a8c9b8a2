//! `h1-case-adjust` and `h1-case-adjust-file`: the case of field names for peers that wrongly depend on it.

use std::collections::BTreeMap;
use std::fs;

use proxy_config::inventory;
use proxy_config::{Check, Configuration, Diagnostic, Diagnostics, Directive, Sections, Span, mistake};
use proxy_http::h1::write::CaseMap;
use proxy_http::token::is_token;

/// The case of field names towards peers, in sections that adjust it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CaseAdjustments {
    /// The names of lines, by their lower-case forms.
    lines: BTreeMap<String, String>,
    /// The names of the last file, and the place that names the file.
    file: Option<(Span, BTreeMap<String, String>)>,
}

impl CaseAdjustments {
    /// Returns the names for a codec, or `None` if there are none.
    pub(crate) fn map(&self) -> Option<CaseMap> {
        let mut map = CaseMap::new();
        let of_file = self.file.iter().flat_map(|(_, names)| names.values());
        // The check refuses names that are in both.
        for name in self.lines.values().chain(of_file) {
            map.add(name.as_bytes());
        }
        (!map.is_empty()).then_some(map)
    }
}

/// Adds a name.
fn add(names: &mut BTreeMap<String, String>, from: &str, to: &str) -> Result<(), String> {
    if !is_token(from) {
        return Err(format!("'{}' is not a valid field name", from.escape_debug()));
    }
    if from.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("'{from}' must be in lower case"));
    }
    if !from.eq_ignore_ascii_case(to) {
        return Err(format!("'{from}' and '{}' differ in more than their case", to.escape_debug()));
    }
    match names.insert(from.to_owned(), to.to_owned()) {
        None => Ok(()),
        Some(_) => Err(format!("'{from}' is adjusted twice")),
    }
}

/// Reads a file. A line has a name, spaces, and the name as it is to be written; `#` begins a comment.
fn read(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut names = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_matches([' ', '\t', '\r']);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (from, to) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        add(&mut names, from, to.trim_start_matches([' ', '\t']))
            .map_err(|error| format!("line {number}: {error}"))?;
    }
    Ok(names)
}

inventory::submit! {
    Directive::new("h1-case-adjust", "<from> <to>", Sections::GLOBAL, "how a name is written to bogus peers", |line| {
        let from = line.args.word("a name in lower case")?;
        let to = line.args.word("the same name as it is to be written")?;
        let span = from.span.to(to.span);
        add(&mut line.section.get_mut::<CaseAdjustments>().lines, from, to).map_err(|error| mistake(span, error))
    })
}

inventory::submit! {
    Directive::new("h1-case-adjust-file", "<file>", Sections::GLOBAL, "a file of such names, two on each line", |line| {
        let word = line.args.word("the name of a file")?;
        let text = fs::read_to_string(&word.text)
            .map_err(|error| mistake(word.span, format!("cannot read '{}': {error}", word.text)))?;
        let names = read(&text).map_err(|error| mistake(word.span, format!("{}: {error}", word.text)))?;
        line.section.get_mut::<CaseAdjustments>().file = Some((word.span, names));
        Ok(())
    })
}

inventory::submit! { Check { name: "case-adjustments", run: check } }

/// Refuses names that are both in the file and on a line.
fn check(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    let Some(CaseAdjustments { lines, file: Some((span, names)) }) = configuration.global.get() else {
        return;
    };
    for name in names.keys().filter(|name| lines.contains_key(*name)) {
        let message = format!("'{name}' is adjusted by an 'h1-case-adjust' line as well");
        diagnostics.push(Diagnostic::alert(*span, message));
    }
}
