//! Compares a response with what is expected: what the comparisons of bytes and of HTTP have in common.

use proto_core::extension::Sampled;
use proxy_rules::regex::{Budget, Failed, Regex};
use proxy_rules::{Context, Format};

use super::Conversation;
use crate::result::CheckResult;
use crate::rules::{Expect, Pattern, Ruleset, RulesetKind, Step};
use crate::status::Status;

/// What comparing a response has led to.
pub(super) enum Evaluation {
    /// The next step is evaluated.
    Continue,
    /// More of the response has to arrive.
    Wait,
    /// The check has ended.
    Stop(CheckResult),
}

/// Whether a pattern matches.
pub(super) enum Matched {
    Known(bool),
    /// Not so far; more of the response may arrive.
    NotYet,
    /// It cannot be known, for a reason.
    Unknown(&'static str),
    /// A function has decided.
    Decided(Evaluation),
}

pub(super) const EMPTY: &str = "log-format string evaluated to an empty string";
pub(super) const NOT_HEX: &str = "Failed to parse hexastring resulting of eval of a log-format string";
pub(super) const TOO_LONG: &str = "a regular expression took too long";
pub(super) const NO_BODY: &str = "HTTP content check could not find a response body";

/// A failed expectation, for its text.
pub(super) struct Failure<'a> {
    pub(super) status: Status,
    /// Whether something matched that must not.
    pub(super) is_unwanted: bool,
    /// What is known about it; without it the text is that of the configuration, or made from the pattern.
    pub(super) reason: Option<&'a [u8]>,
}

impl Conversation {
    /// Compares what has been received with what a step expects.
    pub(super) fn compare(
        &mut self,
        rules: &Ruleset,
        expect: &Expect,
        step: &Step,
        connection: Option<Sampled<'_>>,
    ) -> Evaluation {
        match rules.kind {
            RulesetKind::Http => self.compare_http(rules, expect, step, connection),
            _ => self.compare_bytes(rules, expect, step, connection),
        }
    }

    /// Completes the decision of a function: the text of the configuration comes first.
    pub(super) fn decided(
        &mut self,
        evaluation: Evaluation,
        rules: &Ruleset,
        expect: &Expect,
        step: &Step,
        connection: Option<Sampled<'_>>,
    ) -> Evaluation {
        match evaluation {
            Evaluation::Stop(result) if result.info.is_empty() && result.status.outcome().is_failure() => {
                let failure = Failure { status: result.status, is_unwanted: false, reason: None };
                let told = self.failure(rules, expect, step, connection, &failure);
                let code = if expect.code.is_some() { told.code } else { result.code };
                Evaluation::Stop(told.with_code(code))
            }
            other => other,
        }
    }

    /// Returns the text of a format, or `None` if it took too long.
    pub(super) fn text(&mut self, format: &Format, connection: Option<Sampled<'_>>) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let has_failed = self.look(connection, |context: &mut Context<'_>| {
            format.write(context, &mut text);
            context.has_failed()
        });
        (!has_failed).then_some(text)
    }

    /// Returns the result of a failed expectation.
    pub(super) fn failure(
        &mut self,
        rules: &Ruleset,
        expect: &Expect,
        step: &Step,
        connection: Option<Sampled<'_>>,
        failure: &Failure<'_>,
    ) -> CheckResult {
        let mut info = Vec::new();
        let number = step.number;
        match (failure.reason, &expect.on_error) {
            (Some(reason), _) => info.extend_from_slice(reason),
            (None, Some(note)) => self.look(connection, |context| note.write(context, &mut info)),
            (None, None) if !self.has_input() => {
                info = format!("TCPCHK got an empty response at step {number}").into_bytes();
            }
            (None, None) if matches!(rules.kind, RulesetKind::Tcp | RulesetKind::Http) => {
                let matched = match failure.is_unwanted {
                    true => "TCPCHK matched unwanted content",
                    false => "TCPCHK did not match content",
                };
                info = format!("{matched}{} at step {number}", shown(&expect.pattern)).into_bytes();
            }
            (None, None) => {}
        }
        if let Some(comment) = &step.comment {
            info.extend_from_slice(format!(" comment: {comment}").as_bytes());
        }
        let code = expect.code.as_ref();
        let code = code.and_then(|code| self.look(connection, |context| code.get(context)));
        CheckResult::new(failure.status).with_info(&info).with_code(code.unwrap_or(self.code))
    }
}

/// Compares a subject with a regular expression, which gets a time of its own.
pub(super) fn matched(regex: &Regex, subject: &[u8]) -> Matched {
    match regex.is_match(subject, &Budget::default()) {
        Ok(matches) => Matched::Known(matches),
        Err(Failed) => Matched::Unknown(TOO_LONG),
    }
}

/// Returns a pattern as messages show it.
fn shown(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Text(text) => format!(" '{}'", String::from_utf8_lossy(text)),
        Pattern::Binary(_) => " (binary)".into(),
        Pattern::Regex(_) | Pattern::StatusRegex(_) => " (regex)".into(),
        Pattern::HexRegex(_) => " (binary regex)".into(),
        Pattern::Format(_) => " (log-format string)".into(),
        Pattern::HexFormat(_) => " (log-format binary)".into(),
        Pattern::Custom(_) => " (custom function)".into(),
        Pattern::Field(_) => " (header pattern)".into(),
        // As in HAProxy, without a space.
        Pattern::Status(_) => "(status codes)".into(),
    }
}
