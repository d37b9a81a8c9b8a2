//! The state of reading a command line.

use std::ffi::OsStr;

use super::error::UsageError;
use super::options::Options;
use super::values::{Expected, path};
use super::{Command, Condition};

/// The flags read so far.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) options: Options,
    pub(crate) check: bool,
    pub(crate) condition: Option<String>,
}

impl Reading {
    pub(crate) fn file(&mut self, value: &OsStr) -> Result<(), Expected> {
        path(value).map(|path| self.options.files.push(path))
    }

    pub(super) fn finish(self) -> Result<Command, UsageError> {
        if let Some(expression) = self.condition {
            return Ok(Command::Condition(Condition { expression, switches: self.options.switches }));
        }
        if self.options.files.is_empty() {
            return Err(UsageError::NoConfiguration);
        }
        Ok(if self.check { Command::Check(self.options) } else { Command::Run(self.options) })
    }
}
