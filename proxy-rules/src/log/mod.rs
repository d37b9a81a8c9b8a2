//! The log lines of a frontend: the keywords about them, and the resulting policy.
//!
//! * [`LogPolicy`]: what is logged, and when. The targets of log lines are not part of it.
//! * [`forms`]: the named forms, as format strings.
//! * [`UniqueIds`]: the identifiers of sessions and exchanges.

mod formats;
pub mod forms;
mod options;
mod policy;
mod switches;
mod unique_ids;

pub use forms::LogForm;
pub use policy::LogPolicy;
pub use unique_ids::UniqueIds;

use proxy_config::{Kind, Sections};

/// The sections in which the keywords are allowed.
const FRONTEND: Sections = Sections::FRONTEND.union(Sections::DEFAULTS);
/// The sections in which they are ignored.
const NO_CLIENTS: Sections = Sections::only(Kind::Backend);
