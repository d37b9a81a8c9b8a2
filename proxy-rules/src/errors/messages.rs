//! The error messages of a section.

use std::sync::Arc;

use proxy_config::{Configuration, Kind, Section, Spanned};

use super::ErrorStatus;
use super::defaults::COUNT;
use crate::answer::Answer;

/// The error messages that a section has been given, where they come before the defaults.
#[derive(Clone, Debug, Default)]
pub struct ErrorMessages([Option<Arc<Answer>>; COUNT]);

/// What the lines of a section said about error messages, in their order: a later one replaces what earlier ones gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(pub(super) Vec<ErrorLine>);

#[derive(Clone, Debug)]
pub(super) enum ErrorLine {
    /// A message for a status.
    Message(ErrorStatus, Arc<Answer>),
    /// As if nothing had been said of a status.
    Default(ErrorStatus),
    /// What an `http-errors` section has for some statuses, or for all.
    From { section: Spanned<String>, only: Vec<ErrorStatus> },
}

impl ErrorMessages {
    /// Those of a section of a configuration that has been read and checked.
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

    /// The message that was given for a status.
    pub fn own(&self, status: ErrorStatus) -> Option<&Arc<Answer>> {
        self.0[status.index()].as_ref()
    }

    /// The message for a status in this section alone. A status that has no messages gets that of 500.
    pub fn answer(&self, status: u16) -> &Arc<Answer> {
        let status = ErrorStatus::standing_for(status);
        self.own(status).unwrap_or_else(|| status.default_answer())
    }

    /// The message for a status: the backend's, else the frontend's, else the default one. Until a backend is chosen the
    /// frontend is all there is. A status that has no messages gets that of 500, and is logged as itself.
    pub fn lookup<'a>(
        backend: Option<&'a ErrorMessages>,
        frontend: &'a ErrorMessages,
        status: u16,
    ) -> &'a Arc<Answer> {
        let of_backend = backend.and_then(|backend| backend.own(ErrorStatus::standing_for(status)));
        of_backend.unwrap_or_else(|| frontend.answer(status))
    }
}

/// An `http-errors` section, by its name.
fn section_named<'c>(configuration: &'c Configuration, name: &str) -> Option<&'c Section> {
    configuration.shared(Kind::HttpErrors).find(|section| section.name.value == name)
}
