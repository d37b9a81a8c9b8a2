//! What came of the last thing to do: the inputs of a conversation.

use super::{Conversation, Link, failure};
use crate::result::CheckResult;
use crate::rules::RuleKind;
use crate::status::Status;

impl Conversation {
    /// Tells that the connection is established, and that a security layer is being established on it.
    pub fn handshaking(&mut self) {
        self.link = Link::Handshaking;
    }

    /// Tells that the connection can be used; `secured` is whether it has a security layer.
    pub fn connected(&mut self, secured: bool) {
        if matches!(self.link, Link::Connecting | Link::Handshaking) {
            self.link = Link::Established { secured };
            self.input.needs_more = true;
            self.at += 1;
        }
    }

    /// Tells that the first of the bytes to write have been written.
    pub fn wrote(&mut self, count: usize) {
        if let Some(output) = &mut self.output {
            output.sent = output.sent.saturating_add(count).min(output.bytes.len());
        }
    }

    /// Tells what has been received: at most as much as was asked for, any more is dropped.
    pub fn received(&mut self, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(self.space())];
        let is_connected = matches!(self.link, Link::Established { .. });
        if bytes.is_empty() || !is_connected || self.result.is_some() {
            return;
        }
        self.input.bytes.extend_from_slice(bytes);
        self.input.needs_more = false;
        let is_invalid = self.input.http.as_mut().is_some_and(|http| !http.read(&mut self.input.bytes));
        if is_invalid {
            // HAProxy takes a response that it cannot read for a failure of the connection.
            self.end(Status::SocketError, "");
        }
    }

    /// Tells that the server has ended the connection in order.
    pub fn ended(&mut self) {
        let Link::Established { .. } = self.link else {
            return self.failed("");
        };
        self.input.has_ended = true;
        if self.input.http.as_mut().is_some_and(|http| !http.end()) {
            self.end(Status::SocketError, "");
        }
    }

    /// Tells that the connection could not be opened, or that it has failed. See [`describe`](super::describe) for the text.
    pub fn failed(&mut self, text: &str) {
        let status = match self.link {
            Link::Connecting => Status::Layer4Failed,
            Link::Handshaking => Status::Layer6Invalid,
            // What has arrived is compared nevertheless: servers often reset a connection after their response.
            Link::Established { .. } if self.has_input() && self.is_expecting() => return self.ended(),
            Link::None | Link::Established { .. } => Status::SocketError,
        };
        self.end(status, text);
    }

    /// Tells that the time for the connection, or for the check, has expired.
    pub fn timed_out(&mut self) {
        let status = match self.link {
            Link::None => Status::SocketError,
            Link::Connecting => Status::Layer4Timeout,
            Link::Handshaking => Status::Layer6Timeout,
            Link::Established { .. } => match self.current_step().map(|step| &step.rule.kind) {
                Some(RuleKind::Expect(expect)) => expect.timeout_status.unwrap_or(Status::Layer7Timeout),
                _ => Status::Layer7Timeout,
            },
        };
        self.end(status, "");
    }

    /// Ends the check because of its connection, unless it has ended already.
    fn end(&mut self, status: Status, text: &str) {
        if self.result.is_none() {
            let place = failure::place(self.rules.kind, self.current_step());
            self.result = Some(CheckResult::new(status).with_info(format!("{text}{place}").as_bytes()));
        }
    }
}
