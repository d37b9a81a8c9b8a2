//! Compares a response of HTTP.

use proto_core::extension::Sampled;
use proxy_http::{Response, list};
use proxy_rules::regex::{Budget, Failed};

use super::Conversation;
use super::compare::{EMPTY, Evaluation, Failure, Matched, NO_BODY, TOO_LONG, matched};
use super::http::Responding;
use crate::rules::{Compared, Expect, FieldPattern, Pattern, Ruleset, Step, Wanted, contains};
use crate::status::Status;

impl Conversation {
    pub(super) fn compare_http(
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
