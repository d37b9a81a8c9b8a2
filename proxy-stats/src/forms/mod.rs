//! The forms in which statistics are written for programs.

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod schema;
pub(crate) mod typed;

use crate::subject::Subject;

/// A form of statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A header, and a line for each object.
    Csv,
    /// A line for each value, with its type; optionally with a description.
    Typed {
        /// Whether a description follows each value.
        described: bool,
    },
    /// An array of arrays of objects; optionally with descriptions.
    Json {
        /// Whether each value has a description.
        described: bool,
    },
}

impl Form {
    /// Returns what precedes all objects.
    pub fn head(self) -> String {
        match self {
            Form::Csv => csv::head(),
            Form::Typed { .. } => String::new(),
            Form::Json { .. } => "[".to_owned(),
        }
    }

    /// Returns an object; `is_first` if none precedes it.
    pub fn object(self, subject: &Subject<'_>, is_first: bool) -> String {
        match self {
            Form::Csv => csv::line(subject),
            Form::Typed { described } => typed::lines(subject, described),
            Form::Json { described } => {
                let object = json::object(subject, described);
                if is_first { object } else { format!(",{object}") }
            }
        }
    }

    /// Returns what follows all objects.
    pub fn end(self) -> &'static str {
        match self {
            Form::Csv | Form::Typed { .. } => "",
            Form::Json { .. } => "]\n",
        }
    }
}
