//! The name of a field in a rule or another line of the configuration.

use proxy_config::{Diagnostic, Parsed, Word};
use proxy_http::token::is_token_byte;

use crate::action::ActionArguments;

/// Reads a name, and converts it to lower case.
pub(super) fn field_name(action: &mut ActionArguments<'_, '_, '_>) -> Parsed<Box<[u8]>> {
    let word = action.word("the name of a header field")?;
    let name = word.trim_end_matches(':');
    if name.is_empty() || name.len() == word.len() {
        return name_of(word);
    }
    let place = word.part(name.len(), word.len());
    let problem = Diagnostic::warning(place, format!("the colon is not part of the name '{name}'"));
    action.line.surroundings.diagnostics.push(problem);
    let mut short = word.clone();
    short.text.truncate(name.len());
    name_of(&short)
}

/// Returns a word as the name of a field in lower case.
pub(crate) fn name_of(word: &Word) -> Parsed<Box<[u8]>> {
    if let Some(at) = word.bytes().position(|byte| !is_token_byte(byte)) {
        let problem = Diagnostic::alert(
            word.part(at, at + 1),
            format!("'{}' is not the name of a header field", word.text),
        );
        return Err(Box::new(problem));
    }
    Ok(word.to_ascii_lowercase().into_bytes().into())
}
