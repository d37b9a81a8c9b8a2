//! The name of a field in a rule.

use proxy_config::{Diagnostic, Parsed};
use proxy_http::token::is_token_byte;

use crate::action::ActionArguments;

/// Reads one, and makes it small.
pub(super) fn field_name(action: &mut ActionArguments<'_, '_, '_>) -> Parsed<Box<[u8]>> {
    let word = action.word("the name of a header field")?;
    if let Some(at) = word.bytes().position(|byte| !is_token_byte(byte)) {
        let problem = Diagnostic::alert(
            word.part(at, at + 1),
            format!("'{}' is not the name of a header field", word.text),
        );
        return Err(Box::new(problem));
    }
    Ok(word.to_ascii_lowercase().into_bytes().into())
}
