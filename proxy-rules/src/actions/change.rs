//! Changes of a message: what all actions that change one have in common.

use proxy_http::{Fields, TooLarge};

use crate::context::Context;
use crate::points::HookPoint;
use crate::regex;
use crate::verdict::Verdict;

/// A change that was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failed {
    /// There is no room.
    #[error("the message becomes too large")]
    TooLarge,
    /// What was to be put in would end the line, or be no such thing.
    #[error("this cannot stand there")]
    Malformed,
    /// It is not known what was to be changed.
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

/// What a change comes to. One that fails ends the message with an error, unless `strict-mode` is off.
pub(super) fn verdict(changed: Result<(), Failed>, context: &Context<'_>) -> Verdict {
    match changed {
        // That is no matter of being strict.
        Err(Failed::Unknown(_)) => {
            context.fail();
            Verdict::Continue
        }
        Err(_) if context.strict => Verdict::Error { status: 500, denies: false },
        Ok(()) | Err(_) => Verdict::Continue,
    }
}

/// Which message the rules of a hook point change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Request,
    Response,
}

impl Message {
    pub(super) fn of(hook: HookPoint) -> Message {
        if hook.is_response() { Message::Response } else { Message::Request }
    }

    /// Its fields; there are none without a message.
    pub(super) fn fields<'c>(self, context: &'c mut Context<'_>) -> Option<&'c mut Fields> {
        match self {
            Message::Request => context.request.as_deref_mut().map(proxy_http::Request::fields_mut),
            Message::Response => context.response.as_deref_mut().map(proxy_http::Response::fields_mut),
        }
    }
}

/// That a value can stand in a field: nothing in it ends the line.
pub(super) fn check_value(value: &[u8]) -> Result<&[u8], Failed> {
    match memchr::memchr3(b'\r', b'\n', 0, value) {
        None => Ok(value),
        Some(_) => Err(Failed::Malformed),
    }
}

/// That bytes can stand in a request line: nothing in them ends a word of it.
pub(super) fn check_word(word: &[u8]) -> Result<&[u8], Failed> {
    let ends = |byte: &u8| *byte <= b' ' || *byte == 0x7f;
    if word.is_empty() || word.iter().any(ends) { Err(Failed::Malformed) } else { Ok(word) }
}
