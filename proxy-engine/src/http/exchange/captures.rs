//! The captures of the frontend: header fields before rules change them, the cookie as it is forwarded.

use proxy_rules::captures::{CapturePolicy, Side};

use super::Exchange;
use crate::exchange::memory::Messages;

impl<'c> Exchange<'c> {
    fn captures(&self) -> Option<&'c CapturePolicy> {
        self.connection.frontend.policy.captures.as_deref()
    }

    /// Captures header fields of a message that has just arrived.
    pub(super) fn capture_fields(&mut self, side: Side) {
        let Some(captures) = self.captures() else { return };
        let Messages { request, response, variables } = &mut *self.messages;
        let fields = if side == Side::Request { request.fields() } else { response.fields() };
        captures.capture_fields(side, fields, variables);
    }

    /// Captures the cookie of a message after rules have run.
    pub(super) fn capture_cookie(&mut self, side: Side) {
        let Some(captures) = self.captures() else { return };
        let Messages { request, response, variables } = &mut *self.messages;
        let fields = if side == Side::Request { request.fields() } else { response.fields() };
        captures.capture_cookie(side, fields, variables);
    }
}
