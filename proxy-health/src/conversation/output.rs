//! What a step sends.

use proto_core::extension::Sampled;

use super::Conversation;
use crate::result::CheckResult;
use crate::rules::{Send, Step, from_hex};
use crate::status::Status;

impl Conversation {
    /// Returns what a step sends, which may be nothing.
    ///
    /// # Errors
    /// Returns the result of the check if it cannot be made.
    pub(super) fn output_of(
        &mut self,
        send: &Send,
        step: &Step,
        connection: Option<Sampled<'_>>,
    ) -> Result<Vec<u8>, CheckResult> {
        let (buffer, number) = (self.run.buffer, step.number);
        let failed = |text: String| CheckResult::new(Status::Layer7Invalid).with_info(text.as_bytes());
        let unmade =
            || failed(format!("tcp-check send : failed to build log-format string at step {number}"));
        let mut bytes = Vec::new();
        match send {
            Send::Bytes(fixed) => {
                if fixed.len() >= buffer {
                    let length = fixed.len();
                    return Err(failed(format!(
                        "tcp-check send : string too large ({length}) for buffer size ({buffer}) at step {number}"
                    )));
                }
                bytes.extend_from_slice(fixed);
            }
            Send::Made(make) => bytes = make(),
            Send::Text(format) | Send::Hex(format) => {
                let has_failed = self.look(connection, |context| {
                    format.write(context, &mut bytes);
                    context.has_failed()
                });
                if has_failed || bytes.len() > buffer {
                    return Err(unmade());
                }
                if let Send::Hex(_) = send {
                    bytes = from_hex(&bytes).ok_or_else(unmade)?;
                }
            }
            Send::Http(request) => {
                let state = self.rules.send_state.then(|| self.run.state.clone()).flatten();
                let has_failed = self.look(connection, |context| {
                    request.write(context, state.as_deref(), &mut bytes);
                    context.has_failed()
                });
                if has_failed || bytes.len() > buffer {
                    return Err(failed(format!(
                        "tcp-check send : failed to build HTTP request at step {number}"
                    )));
                }
                if let Some(http) = &mut self.input.http {
                    http.asked_with(request.method_name());
                }
            }
        }
        Ok(bytes)
    }
}
