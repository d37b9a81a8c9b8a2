//! Compares the bytes of a response.

use proto_core::extension::Sampled;

use super::Conversation;
use super::compare::{EMPTY, Evaluation, Failure, Matched, NOT_HEX, TOO_LONG, matched};
use crate::result::CheckResult;
use crate::rules::{Custom, Expect, Pattern, Ruleset, Step, contains, from_hex, to_hex};
use crate::status::Status;

impl Conversation {
    pub(super) fn compare_bytes(
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
}
