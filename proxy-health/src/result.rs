//! The result of one check.

use std::time::Duration;

use crate::status::Status;

/// The most bytes of a description, as in HAProxy.
const LONGEST: usize = 127;

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The status.
    pub status: Status,
    /// The status of a response, the exit code of a command, or 0.
    pub code: i32,
    /// Details, at most 127 bytes; may be empty. They may contain what the server has sent, in any encoding.
    pub info: Box<[u8]>,
    /// How long the check took; `None` for a status that does not come from a check.
    pub duration: Option<Duration>,
}

impl CheckResult {
    /// Creates a result without a code or details, whose duration the caller sets once the check has ended.
    pub fn new(status: Status) -> CheckResult {
        CheckResult { status, code: 0, info: Box::default(), duration: None }
    }

    /// Sets the details. As in HAProxy, they end at the first NUL, and at the most that is kept.
    #[must_use]
    pub fn with_info(self, info: &[u8]) -> CheckResult {
        let end = info.iter().position(|byte| *byte == 0).unwrap_or(info.len());
        CheckResult { info: info[..end.min(LONGEST)].into(), ..self }
    }

    /// Sets the code.
    #[must_use]
    pub fn with_code(self, code: i32) -> CheckResult {
        CheckResult { code, ..self }
    }

    /// Sets the duration.
    #[must_use]
    pub fn took(self, duration: Duration) -> CheckResult {
        CheckResult { duration: Some(duration), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_bounded() {
        let result = CheckResult::new(Status::Layer7Invalid).with_info(&[b'a'; 1000]);
        assert_eq!(result.info.len(), LONGEST);
        assert_eq!(&*CheckResult::new(Status::Layer7Ok).with_info(b"one\0two").info, b"one");
    }
}
