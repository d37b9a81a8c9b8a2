//! The error messages of a section.

use std::sync::Arc;

use proxy_config::{Configuration, Kind, Section, Spanned};

use super::ErrorStatus;
use super::defaults::COUNT;
use crate::answer::Answer;

/// The error messages that a section defines, which precede the default ones.
#[derive(Clone, Debug, Default)]
pub struct ErrorMessages([Option<Arc<Answer>>; COUNT]);

/// The lines of a section about error messages, in order: a later one replaces the messages of earlier ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(pub(super) Vec<ErrorLine>);

#[derive(Clone, Debug)]
pub(super) enum ErrorLine {
    /// A message for a status.
    Message(ErrorStatus, Arc<Answer>),
    /// The default message for a status.
    Default(ErrorStatus),
    /// The messages of an `http-errors` section for some statuses, or for all.
    From { section: Spanned<String>, only: Vec<ErrorStatus> },
}

impl ErrorMessages {
    /// Returns the messages of a section of a configuration that has been read and checked.
    pub fn of(section: &Section, configuration: &Configuration) -> ErrorMessages {
        let mut messages = ErrorMessages::default();
        for line in section.get::<Lines>().map_or(&[][..], |lines| &lines.0) {
            match line {
                ErrorLine::Message(status, answer) => messages.0[status.index()] = Some(answer.clone()),
                ErrorLine::Default(status) => messages.0[status.index()] = None,
                ErrorLine::From { section, only } => {
                    let Some(named) = section_named(configuration, &section.value) else { continue };
                    let theirs = ErrorMessages::of(named, configuration);
                    for status in ErrorStatus::all().filter(|it| only.is_empty() || only.contains(it)) {
                        if let Some(answer) = theirs.own(status) {
                            messages.0[status.index()] = Some(answer.clone());
                        }
                    }
                }
            }
        }
        messages
    }

    /// Returns the message that the section defines for a status.
    pub fn own(&self, status: ErrorStatus) -> Option<&Arc<Answer>> {
        self.0[status.index()].as_ref()
    }

    /// Returns the message for a status in this section alone. A status that has no messages gets that of 500.
    pub fn answer(&self, status: u16) -> &Arc<Answer> {
        let status = ErrorStatus::standing_for(status);
        self.own(status).unwrap_or_else(|| status.default_answer())
    }

    /// Returns the message for a status: the backend's, else the frontend's, else the default one. Until a backend is
    /// chosen the frontend is the only section. A status that has no messages gets that of 500, and is logged as
    /// itself.
    pub fn lookup<'a>(
        backend: Option<&'a ErrorMessages>,
        frontend: &'a ErrorMessages,
        status: u16,
    ) -> &'a Arc<Answer> {
        let of_backend = backend.and_then(|backend| backend.own(ErrorStatus::standing_for(status)));
        of_backend.unwrap_or_else(|| frontend.answer(status))
    }
}

/// Returns the `http-errors` section with this name.
fn section_named<'c>(configuration: &'c Configuration, name: &str) -> Option<&'c Section> {
    configuration.shared(Kind::HttpErrors).find(|section| section.name.value == name)
}
