//! Compares a response with what is expected.

use proto_core::extension::Sampled;
use proxy_http::{Response, list};
use proxy_rules::regex::{Budget, Failed, Regex};
use proxy_rules::{Context, Format};

use super::Conversation;
use super::http::Responding;
use crate::result::CheckResult;
use crate::rules::{
    Compared, Custom, Expect, FieldPattern, Pattern, Ruleset, RulesetKind, Step, Wanted, contains, from_hex,
    to_hex,
};
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
enum Matched {
    Known(bool),
    /// Not so far; more of the response may arrive.
    NotYet,
    /// It cannot be known, for a reason.
    Unknown(&'static str),
    /// A function has decided.
    Decided(Evaluation),
}

const EMPTY: &str = "log-format string evaluated to an empty string";
const NOT_HEX: &str = "Failed to parse hexastring resulting of eval of a log-format string";
const TOO_LONG: &str = "a regular expression took too long";
const NO_BODY: &str = "HTTP content check could not find a response body";

/// A failed expectation, for its text.
struct Failure<'a> {
    status: Status,
    /// Whether something matched that must not.
    is_unwanted: bool,
    /// What is known about it; without it the text is that of the configuration, or made from the pattern.
    reason: Option<&'a [u8]>,
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

    fn compare_bytes(
        &mut self,
        rules: &Ruleset,
        expect: &Expect,
        step: &Step,
        connection: Option<Sampled<'_>>,
    ) -> Evaluation {
        let is_final = self.input.has_ended || self.is_full();
        if !is_final {
            let fixed = match &expect.pattern {
                Pattern::Text(bytes) | Pattern::Binary(bytes) => bytes.len(),
                _ => 0,
            };
            if self.input.bytes.len() < fixed.max(expect.least.unwrap_or(0)) {
                return Evaluation::Wait;
            }
        }
        let status = expect.error_status.unwrap_or(Status::Layer7Invalid);
        let (failed, reason) = match self.match_bytes(expect, is_final, connection) {
            Matched::Decided(evaluation) => return self.decided(evaluation, rules, expect, step, connection),
            Matched::NotYet => return Evaluation::Wait,
            // Without a number of bytes to wait for, the rest of the response may match.
            Matched::Known(false) if !is_final && expect.least.is_none() => return Evaluation::Wait,
            Matched::Known(matches) if matches != expect.inverse => return Evaluation::Continue,
            Matched::Known(matches) => ((status, matches), None),
            Matched::Unknown(reason) => ((Status::Layer7Invalid, false), Some(reason)),
        };
        let failure = Failure { status: failed.0, is_unwanted: failed.1, reason: reason.map(str::as_bytes) };
        Evaluation::Stop(self.failure(rules, expect, step, connection, &failure))
    }

    fn match_bytes(&mut self, expect: &Expect, is_final: bool, connection: Option<Sampled<'_>>) -> Matched {
        match &expect.pattern {
            Pattern::Text(part) | Pattern::Binary(part) => Matched::Known(contains(&self.input.bytes, part)),
            Pattern::Regex(regex) => matched(regex, &self.input.bytes),
            Pattern::HexRegex(regex) => {
                let mut digits = Vec::with_capacity(2 * self.input.bytes.len());
                to_hex(&self.input.bytes, &mut digits);
                matched(regex, &digits)
            }
            Pattern::Format(format) | Pattern::HexFormat(format) => {
                let Some(text) = self.text(format, connection) else { return Matched::Unknown(TOO_LONG) };
                if text.is_empty() {
                    return Matched::Unknown(EMPTY);
                }
                let wanted = match &expect.pattern {
                    Pattern::HexFormat(_) => match from_hex(&text) {
                        Some(bytes) => bytes,
                        None => return Matched::Unknown(NOT_HEX),
                    },
                    _ => text,
                };
                if self.input.bytes.len() < wanted.len() && !is_final {
                    return Matched::NotYet;
                }
                Matched::Known(contains(&self.input.bytes, &wanted))
            }
            Pattern::Custom(_) if self.input.bytes.is_empty() => Matched::Known(false),
            Pattern::Custom(custom) => match custom(&self.input.bytes, is_final) {
                Custom::Wait if !is_final => Matched::Decided(Evaluation::Wait),
                Custom::Wait => Matched::Known(false),
                Custom::Continue => Matched::Decided(Evaluation::Continue),
                Custom::Passed(text) => {
                    self.told = text;
                    Matched::Decided(Evaluation::Continue)
                }
                Custom::Failed(status, code, text) => {
                    let result = CheckResult::new(status).with_code(code).with_info(&text);
                    Matched::Decided(Evaluation::Stop(result))
                }
                Custom::Ended(status, text) => {
                    Matched::Decided(Evaluation::Stop(CheckResult::new(status).with_info(&text)))
                }
            },
            // A step of `tcp-check` has no others.
            Pattern::Status(_) | Pattern::StatusRegex(_) | Pattern::Field(_) => Matched::Known(false),
        }
    }

    /// Completes the decision of a function: the text of the configuration comes first.
    fn decided(
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

    fn compare_http(
        &mut self,
        rules: &Ruleset,
        expect: &Expect,
        step: &Step,
        connection: Option<Sampled<'_>>,
    ) -> Evaluation {
        let http = self.input.http.as_deref();
        let Some((http, head)) = http.and_then(|http| Some((http, http.head()?))) else {
            return Evaluation::Wait;
        };
        let is_final = http.is_final();
        let code = i32::from(head.status());
        let reason = head.reason().to_vec();
        let is_broken = http.is_broken();
        if is_broken {
            let failure = Failure { status: Status::Layer7Invalid, is_unwanted: false, reason: None };
            return Evaluation::Stop(self.failure(rules, expect, step, connection, &failure));
        }
        self.code = code;
        if rules.disable_on_404 && self.run.is_up && code == 404 {
            return Evaluation::Continue;
        }
        let is_of_body = matches!(expect.pattern, Pattern::Text(_) | Pattern::Regex(_) | Pattern::Format(_));
        let usual = if is_of_body { Status::Layer7Invalid } else { Status::Layer7Status };
        let status = expect.error_status.unwrap_or(usual);
        let matched = match is_of_body {
            true => self.match_body(expect, is_final, connection),
            false => self.match_head(expect, connection),
        };
        let (status, reason): (Status, &[u8]) = match matched {
            Matched::NotYet => return Evaluation::Wait,
            Matched::Decided(evaluation) => return evaluation,
            Matched::Known(matches) if matches != expect.inverse => return Evaluation::Continue,
            Matched::Known(_) if !is_of_body => (status, &reason),
            Matched::Known(true) => (status, b"HTTP check matched unwanted content"),
            Matched::Known(false) => (status, b"HTTP content check did not match"),
            Matched::Unknown(NO_BODY) => (status, NO_BODY.as_bytes()),
            Matched::Unknown(reason) => {
                let failure = Failure {
                    status: Status::Layer7Invalid,
                    is_unwanted: false,
                    reason: Some(reason.as_bytes()),
                };
                return Evaluation::Stop(self.failure(rules, expect, step, connection, &failure));
            }
        };
        // A text of the configuration replaces what the response says.
        let reason = Some(reason).filter(|reason| expect.on_error.is_none() && !reason.is_empty());
        let failure = Failure { status, is_unwanted: false, reason };
        Evaluation::Stop(self.failure(rules, expect, step, connection, &failure))
    }

    fn match_head(&mut self, expect: &Expect, connection: Option<Sampled<'_>>) -> Matched {
        let (name, value) = match &expect.pattern {
            Pattern::Field(field) => {
                let mut wanted = [None, None];
                let compared = [Some(&field.name.0), field.value.as_ref().map(|value| &value.0)];
                for (wanted, compared) in wanted.iter_mut().zip(compared) {
                    let Some(Compared::With(_, Wanted::Format(format))) = compared else { continue };
                    match self.text(format, connection) {
                        Some(text) if !text.is_empty() => *wanted = Some(text),
                        Some(_) => return Matched::Unknown(EMPTY),
                        None => return Matched::Unknown(TOO_LONG),
                    }
                }
                let [name, value] = wanted;
                (name, value)
            }
            _ => (None, None),
        };
        let Some(head) = self.input.http.as_deref().and_then(Responding::head) else {
            return Matched::NotYet;
        };
        match &expect.pattern {
            Pattern::Status(codes) => Matched::Known(codes.contains(head.status())),
            Pattern::StatusRegex(regex) => matched(regex, head.status().to_string().as_bytes()),
            Pattern::Field(field) => match has_field(head, field, name.as_deref(), value.as_deref()) {
                Ok(has) => Matched::Known(has),
                Err(Failed) => Matched::Unknown(TOO_LONG),
            },
            _ => Matched::Known(false),
        }
    }

    fn match_body(&mut self, expect: &Expect, is_final: bool, connection: Option<Sampled<'_>>) -> Matched {
        let is_empty = self.input.http.as_deref().is_none_or(|http| http.data().is_empty());
        if is_empty {
            return if is_final { Matched::Unknown(NO_BODY) } else { Matched::NotYet };
        }
        let wanted = match &expect.pattern {
            Pattern::Format(format) => match self.text(format, connection) {
                Some(text) if !text.is_empty() => Some(text),
                Some(_) => return Matched::Unknown(EMPTY),
                None => return Matched::Unknown(TOO_LONG),
            },
            _ => None,
        };
        let data = self.input.http.as_deref().map_or(&[][..], Responding::data);
        let part: Option<&[u8]> = match &expect.pattern {
            Pattern::Text(text) => Some(text),
            _ => wanted.as_deref(),
        };
        let least = part.map_or(0, <[u8]>::len).max(expect.least.unwrap_or(0));
        if !is_final && data.len() < least {
            return Matched::NotYet;
        }
        let found = match (&expect.pattern, part) {
            (_, Some(part)) => Matched::Known(contains(data, part)),
            (Pattern::Regex(regex), None) => matched(regex, data),
            (_, None) => Matched::Known(false),
        };
        match found {
            Matched::Known(false) if !is_final && expect.least.is_none() => Matched::NotYet,
            found => found,
        }
    }

    /// Returns the text of a format, or `None` if it took too long.
    fn text(&mut self, format: &Format, connection: Option<Sampled<'_>>) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let has_failed = self.look(connection, |context: &mut Context<'_>| {
            format.write(context, &mut text);
            context.has_failed()
        });
        (!has_failed).then_some(text)
    }

    /// Returns the result of a failed expectation.
    fn failure(
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

fn matched(regex: &Regex, subject: &[u8]) -> Matched {
    match regex.is_match(subject, &Budget::default()) {
        Ok(matches) => Matched::Known(matches),
        Err(Failed) => Matched::Unknown(TOO_LONG),
    }
}

/// Returns whether a response has a field. `name` and `value` are the texts of formats.
fn has_field(
    head: &Response,
    field: &FieldPattern,
    name: Option<&[u8]>,
    value: Option<&[u8]>,
) -> Result<bool, Failed> {
    let budget = Budget::default();
    for candidate in head.fields().iter() {
        let candidate_name = candidate.name.to_ascii_lowercase();
        let is_name = match &field.name.0 {
            Compared::Regex(regex) => regex.is_match(candidate.name, &budget)?,
            Compared::With(comparison, wanted) => {
                comparison.holds(&candidate_name, &text_of(wanted, name).to_ascii_lowercase())
            }
        };
        if !is_name {
            continue;
        }
        let Some(pattern) = &field.value else { return Ok(true) };
        let holds = |part: &[u8]| match &pattern.0 {
            Compared::Regex(regex) => regex.is_match(part, &budget),
            Compared::With(comparison, wanted) => Ok(comparison.holds(part, text_of(wanted, value))),
        };
        if field.whole {
            if holds(list::trim(candidate.value))? {
                return Ok(true);
            }
            continue;
        }
        for part in list::values(candidate.value) {
            if holds(part)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Returns the text of a pattern: its own, or the one that a format has made.
fn text_of<'a>(wanted: &'a Wanted, made: Option<&'a [u8]>) -> &'a [u8] {
    match wanted {
        Wanted::Text(text) => text,
        Wanted::Format(_) => made.unwrap_or_default(),
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
