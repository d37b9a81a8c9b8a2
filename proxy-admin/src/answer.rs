//! The answers of commands.

use std::fmt::Display;

use crate::severity::{Severity, SeverityOutput};

/// The answer of a command that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No text; for an answer in pieces, no further text.
    Nothing,
    /// A message for people, with its severity.
    Message(Severity, String),
    /// Data, sent unchanged: whole lines, none of them empty.
    Data(String),
}

/// The reason why a command was not executed, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl Refusal {
    /// Creates a refusal.
    pub fn new(why: impl Into<String>) -> Refusal {
        Refusal(why.into())
    }
}

/// The result of a command.
pub type CommandResult = Result<Answer, Refusal>;

impl Answer {
    /// Creates a message of the usual severity.
    pub fn info(text: impl Display) -> Answer {
        Answer::Message(Severity::Info, text.to_string())
    }

    /// Creates a message about a change that needs attention.
    pub fn notice(text: impl Display) -> Answer {
        Answer::Message(Severity::Notice, text.to_string())
    }
}

/// Formats an outcome as it is sent, without the empty line or prompt after it.
pub(crate) fn render(outcome: CommandResult, output: SeverityOutput) -> String {
    let (severity, text) = match outcome {
        Ok(Answer::Nothing) => return String::new(),
        Ok(Answer::Data(data)) => return data,
        Ok(Answer::Message(severity, text)) => (severity, text),
        Err(Refusal(why)) => (Severity::Error, why),
    };
    // An empty line ends an answer, so a message that quotes a client's words must not contain one.
    let mut message = output.prefix(severity);
    for line in text.lines().filter(|line| !line.is_empty()) {
        message.push_str(line);
        message.push('\n');
    }
    if !message.ends_with('\n') {
        message.push('\n');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_end_with_one_line_feed_and_have_no_empty_line() {
        assert_eq!(render(Ok(Answer::info("a\n\n\nb\n\n")), SeverityOutput::None), "a\nb\n");
        assert_eq!(render(Ok(Answer::info("")), SeverityOutput::None), "\n");
        assert_eq!(render(Ok(Answer::notice("a")), SeverityOutput::Number), "[5]: a\n");
        assert_eq!(render(Err(Refusal::new("no")), SeverityOutput::String), "[err]: no\n");
        assert_eq!(render(Ok(Answer::Nothing), SeverityOutput::String), "");
    }
}
