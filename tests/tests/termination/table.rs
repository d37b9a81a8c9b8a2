//! The table, in groups of rows about the same phase of a session.

mod connecting;
mod ends;
mod killed;
mod logging;
mod queue;
mod rules;
mod timeouts;

use crate::scenario::Row;

/// Rows that are tested together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) rows: &'static [Row],
}

/// All groups.
pub(crate) const GROUPS: [Group; 7] = [
    Group { name: "ends", rows: &ends::ROWS },
    Group { name: "timeouts", rows: &timeouts::ROWS },
    Group { name: "connecting", rows: &connecting::ROWS },
    Group { name: "queue", rows: &queue::ROWS },
    Group { name: "rules", rows: &rules::ROWS },
    Group { name: "killed", rows: &killed::ROWS },
    Group { name: "logging", rows: &logging::ROWS },
];
