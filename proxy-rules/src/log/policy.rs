//! What a section says about log lines, in one value.

use std::sync::Arc;

use proxy_config::{Mode, Values};

use super::forms::LogForm;
use crate::format::Format;

/// What a frontend writes, and when.
#[derive(Clone, Debug, Default)]
pub struct LogPolicy {
    /// What a line says: the last keyword about it counts.
    pub form: LogForm,
    /// The format of it. Without one there is a line for each connection that is accepted, and none later.
    pub format: Option<Arc<Format>>,
    /// What takes its place in mode tcp, where it is about HTTP.
    pub(super) in_tcp: Option<Arc<Format>>,
    /// `log-format-sd`: structured data (RFC 5424, section 6.3), for targets that have a place for it.
    pub structured: Option<Arc<Format>>,
    /// `error-log-format`: for connections that fail before there is a session.
    pub error: Option<Arc<Format>>,
    /// `option dontlognull`: not for sessions in which no client sent anything.
    pub dont_log_null: bool,
    /// `option dontlog-normal`: only for sessions in which something went wrong.
    pub dont_log_normal: bool,
    /// `option logasap`: once the server is connected to, or its response has come.
    pub as_soon_as_possible: bool,
    /// `option log-separate-errors`: what went wrong is sent under level `err`.
    pub separate_errors: bool,
}

impl LogPolicy {
    /// That of a section in its mode: in mode tcp there are no lines about requests.
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

    /// Whether a line is written before the end: when that is wanted, or when nothing in any of the formats is known only
    /// then.
    pub fn is_early(&self) -> bool {
        let tells_end =
            |format: &Option<Arc<Format>>| format.as_ref().is_some_and(|format| format.tells_end());
        let waits = [&self.format, &self.error, &self.structured].into_iter().any(tells_end);
        self.as_soon_as_possible || self.format.is_some() && !waits
    }
}
