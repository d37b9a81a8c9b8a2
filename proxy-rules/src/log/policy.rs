//! The keywords of a section about log lines, as one value.

use std::sync::Arc;

use proxy_config::{Mode, Values};

use super::forms::LogForm;
use crate::format::Format;

/// What a frontend logs, and when.
#[derive(Clone, Debug, Default)]
pub struct LogPolicy {
    /// The form of a line: the last keyword about it applies.
    pub form: LogForm,
    /// The format of a line. Without one there is a line for each connection that is accepted, and none later.
    pub format: Option<Arc<Format>>,
    /// The replacement in mode tcp for a format about HTTP.
    pub(super) in_tcp: Option<Arc<Format>>,
    /// `log-format-sd`: structured data (RFC 5424, section 6.3), for targets that support it.
    pub structured: Option<Arc<Format>>,
    /// `error-log-format`: the format for connections that fail before there is a session.
    pub error: Option<Arc<Format>>,
    /// `option dontlognull`: no lines for sessions in which the client sent nothing.
    pub dont_log_null: bool,
    /// `option dontlog-normal`: lines only for sessions in which something went wrong.
    pub dont_log_normal: bool,
    /// `option logasap`: a line is written once the server is connected to, or its response has arrived.
    pub as_soon_as_possible: bool,
    /// `option log-separate-errors`: errors are logged with level `err`.
    pub separate_errors: bool,
}

impl LogPolicy {
    /// Returns the policy of a section in its mode: in mode tcp there are no lines about requests.
    pub fn of(values: &Values) -> LogPolicy {
        values.get_or_default::<LogPolicy>().within(values.get_or_default())
    }

    fn within(self, mode: Mode) -> LogPolicy {
        let form = self.form.within(mode);
        match form == self.form {
            true => self,
            false => LogPolicy { form, format: self.in_tcp.clone(), ..self },
        }
    }

    /// Returns whether a line is written before the end: if that is configured, or if no value in the formats is known
    /// only at the end.
    pub fn is_early(&self) -> bool {
        let tells_end =
            |format: &Option<Arc<Format>>| format.as_ref().is_some_and(|format| format.tells_end());
        let waits = [&self.format, &self.error, &self.structured].into_iter().any(tells_end);
        self.as_soon_as_possible || self.format.is_some() && !waits
    }
}
