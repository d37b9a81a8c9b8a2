//! The evaluation of steps, one after the other, and the result after the last one.

use proto_core::extension::Sampled;
use proxy_rules::{Sample, Type, Verdict};

use super::compare::Evaluation;
use super::http::Responding;
use super::{Conversation, Input, Link, Output};
use crate::result::CheckResult;
use crate::rules::{Connect, Port, RuleKind, Ruleset, RulesetKind};
use crate::status::Status;

impl Conversation {
    /// Evaluates the current step, and returns whether the next one can be evaluated at once.
    pub(super) fn evaluate(&mut self, rules: &Ruleset, connection: Option<Sampled<'_>>) -> bool {
        let Some(step) = rules.steps.get(self.at) else {
            self.result = Some(self.passed(rules, connection));
            return false;
        };
        match &step.rule.kind {
            RuleKind::Comment => {}
            RuleKind::Act(action) => {
                self.code = 0;
                let verdict = self.look(connection, |context| action.run(context));
                if !matches!(verdict, Verdict::Continue) {
                    let text = format!("TCPCHK ACTION unexpected result at step {}", step.number);
                    self.result = Some(CheckResult::new(Status::Layer7Invalid).with_info(text.as_bytes()));
                    return false;
                }
            }
            RuleKind::Connect(options) => {
                if self.current == Some(self.at) {
                    return false;
                }
                (self.current, self.code) = (Some(self.at), 0);
                self.reset_input(rules);
                self.input.has_ended = false;
                self.port = self.port_of(options, connection);
                self.link = Link::Connecting;
                return false;
            }
            RuleKind::Send(send) => {
                if self.output.as_ref().is_some_and(|output| !output.rest().is_empty()) {
                    return false;
                }
                if self.output.take().is_none() {
                    (self.current, self.code) = (Some(self.at), 0);
                    self.reset_input(rules);
                    match self.output_of(send, step, connection) {
                        Ok(bytes) if bytes.is_empty() => {}
                        Ok(bytes) => {
                            self.output = Some(Output { bytes, sent: 0 });
                            return false;
                        }
                        Err(result) => {
                            self.result = Some(result);
                            return false;
                        }
                    }
                }
            }
            RuleKind::Expect(expect) => {
                (self.current, self.code) = (Some(self.at), 0);
                if self.input.needs_more && !self.input.has_ended {
                    return false;
                }
                match self.compare(rules, expect, step, connection) {
                    Evaluation::Continue => {}
                    Evaluation::Wait => {
                        self.at = step.head;
                        self.input.needs_more = true;
                        return false;
                    }
                    Evaluation::Stop(result) => {
                        self.result = Some(result);
                        return false;
                    }
                }
            }
        }
        self.at += 1;
        true
    }

    /// Drops the response so far: the next one begins.
    fn reset_input(&mut self, rules: &Ruleset) {
        let http = (rules.kind == RulesetKind::Http).then(|| Box::new(Responding::new(self.run.buffer)));
        self.input = Input { http, needs_more: true, has_ended: self.input.has_ended, ..Input::default() };
    }

    /// Returns the port that a step says.
    fn port_of(&mut self, options: &Connect, connection: Option<Sampled<'_>>) -> Option<u16> {
        match options.port.as_ref()? {
            Port::Number(port) => Some(*port),
            Port::Expression(expression) => {
                self.look(connection, |context| match expression.get(context)?.cast(Type::Integer)? {
                    Sample::Integer(port) => u16::try_from(port).ok().filter(|port| *port > 0),
                    _ => None,
                })
            }
        }
    }

    /// Returns the result after the last step.
    fn passed(&mut self, rules: &Ruleset, connection: Option<Sampled<'_>>) -> CheckResult {
        const TCP: &[u8] = b"(tcp-check)";
        let kind = self.current.and_then(|current| rules.steps.get(current)).map(|step| &step.rule.kind);
        match kind {
            Some(RuleKind::Expect(expect)) => {
                if rules.disable_on_404 && self.run.is_up && self.code == 404 {
                    return CheckResult::new(Status::Layer7Conditional).with_code(self.code);
                }
                let mut info = std::mem::take(&mut self.told);
                match &expect.on_success {
                    Some(note) => self.look(connection, |context| note.write(context, &mut info)),
                    None if rules.kind == RulesetKind::Tcp => info.extend_from_slice(TCP),
                    None => {}
                }
                let code = expect.code.as_ref();
                let code = code.and_then(|code| self.look(connection, |context| code.get(context)));
                let status = expect.ok_status.unwrap_or(Status::Layer7Ok);
                CheckResult::new(status).with_info(&info).with_code(code.unwrap_or(self.code))
            }
            Some(RuleKind::Connect(connect)) => {
                let is_secured = matches!(self.link, Link::Established { secured: true });
                let status = if is_secured { Status::Layer6Ok } else { Status::Layer4Ok };
                CheckResult::new(status).with_info(if connect.implicit { b"" } else { TCP })
            }
            _ => CheckResult::new(Status::Layer7Ok).with_info(TCP),
        }
    }
}
