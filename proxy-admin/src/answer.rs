//! What a command answers.

use std::fmt::Display;

use crate::severity::{Severity, SeverityOutput};

/// What a command that was carried out has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: it was done.
    Nothing,
    /// A message for people, with a severity.
    Message(Severity, String),
    /// Data, sent as it is: whole lines, none of them empty.
    Data(String),
}

/// Why a command was not carried out, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl Refusal {
    /// One.
    pub fn new(why: impl Into<String>) -> Refusal {
        Refusal(why.into())
    }
}

/// The result of a command.
pub type Outcome = Result<Answer, Refusal>;

impl Answer {
    /// A message of the usual severity.
    pub fn info(text: impl Display) -> Answer {
        Answer::Message(Severity::Info, text.to_string())
    }

    /// A message about something done that deserves a look.
    pub fn notice(text: impl Display) -> Answer {
        Answer::Message(Severity::Notice, text.to_string())
    }
}

/// An outcome as it is sent, without the empty line or prompt behind it.
pub(crate) fn render(outcome: Outcome, output: SeverityOutput) -> String {
    let (severity, text) = match outcome {
        Ok(Answer::Nothing) => return String::new(),
        Ok(Answer::Data(data)) => return data,
        Ok(Answer::Message(severity, text)) => (severity, text),
        Err(Refusal(why)) => (Severity::Error, why),
    };
    // An empty line ends an answer, so a message that somebody's words came into must not have one inside.
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
