//! The key of an algorithm that is the value of an expression: evaluated for each session or exchange, before a server is
//! chosen.

use std::sync::Arc;

use proxy_rules::regex::Failed;
use proxy_rules::{Context, Expression, Type};

/// An expression whose value is a key.
#[derive(Clone, Debug)]
pub struct Key {
    expression: Arc<Expression>,
    /// Whether the value is taken as text, such as a number in digits, rather than as bytes.
    is_text: bool,
}

impl Key {
    /// Makes a key of an expression. A hash type without a function reads numbers out of text.
    pub fn new(expression: Arc<Expression>, is_text: bool) -> Key {
        Key { expression, is_text }
    }

    /// Returns whether the expression looks at the request of an exchange.
    pub(crate) fn reads_request(&self) -> bool {
        self.expression.reads_request()
    }

    /// Evaluates the expression.
    ///
    /// # Errors
    /// The value could not be determined in time.
    pub(crate) fn value(&self, context: &mut Context<'_>) -> Result<Option<Vec<u8>>, Failed> {
        let wanted = if self.is_text { Type::Text } else { Type::Binary };
        let sample = self.expression.get(context).and_then(|sample| sample.cast(wanted));
        let value = sample.and_then(|sample| sample.bytes().map(<[u8]>::to_vec));
        if context.has_failed() { Err(Failed) } else { Ok(value) }
    }
}
