//! Changes of a message: the common parts of all actions that change one.

use proxy_http::{Fields, TooLarge};

use crate::context::Context;
use crate::points::HookPoint;
use crate::regex;
use crate::verdict::Verdict;

/// The reason why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failed {
    /// There is not enough room.
    #[error("the message becomes too large")]
    TooLarge,
    /// The new value would end the line, or is not valid in its place.
    #[error("this is not allowed there")]
    Malformed,
    /// Whether and what to change could not be determined.
    #[error(transparent)]
    Unknown(#[from] regex::Failed),
}

impl From<regex::Malformed> for Failed {
    fn from(_: regex::Malformed) -> Failed {
        Failed::Malformed
    }
}

impl From<TooLarge> for Failed {
    fn from(_: TooLarge) -> Failed {
        Failed::TooLarge
    }
}

/// Returns the verdict after a change. A failed one ends the message with an error, unless `strict-mode` is off.
pub(super) fn verdict(changed: Result<(), Failed>, context: &Context<'_>) -> Verdict {
    match changed {
        // This does not depend on `strict-mode`.
        Err(Failed::Unknown(_)) => {
            context.fail();
            Verdict::Continue
        }
        Err(_) if context.strict => Verdict::Error { status: 500, denies: false },
        Ok(()) | Err(_) => Verdict::Continue,
    }
}

/// The message that the rules of a hook point change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Request,
    Response,
}

impl Message {
    pub(super) fn of(hook: HookPoint) -> Message {
        if hook.is_response() { Message::Response } else { Message::Request }
    }

    /// Returns the fields of the message and the time for regular expressions; `None` without a message.
    pub(super) fn fields_in_time<'c>(
        self,
        context: &'c mut Context<'_>,
    ) -> Option<(&'c mut Fields, &'c regex::Budget)> {
        let Context { request, response, regex, .. } = context;
        let fields = match self {
            Message::Request => request.as_deref_mut().map(proxy_http::Request::fields_mut),
            Message::Response => response.as_deref_mut().map(proxy_http::Response::fields_mut),
        };
        Some((fields?, regex))
    }

    /// Returns the fields of the message; `None` without a message.
    pub(super) fn fields<'c>(self, context: &'c mut Context<'_>) -> Option<&'c mut Fields> {
        self.fields_in_time(context).map(|(fields, _)| fields)
    }
}

/// Checks that a value can stand in a field: nothing in it ends the line.
pub(super) fn check_value(value: &[u8]) -> Result<&[u8], Failed> {
    match memchr::memchr3(b'\r', b'\n', 0, value) {
        None => Ok(value),
        Some(_) => Err(Failed::Malformed),
    }
}

/// Checks that bytes can stand in a request line: nothing in them ends a word of it.
pub(super) fn check_word(word: &[u8]) -> Result<&[u8], Failed> {
    let ends = |byte: &u8| *byte <= b' ' || *byte == 0x7f;
    if word.is_empty() || word.iter().any(ends) { Err(Failed::Malformed) } else { Ok(word) }
}
