//! What a frontend writes about its sessions, and when: the keywords, and the value that they make.
//!
//! * [`LogPolicy`]: the value. Where lines go is no part of it.
//! * [`forms`]: the forms that have a name, as format strings.
//! * [`UniqueIds`]: how sessions and exchanges get an identifier.

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

/// Where the keywords stand.
const FRONTEND: Sections = Sections::FRONTEND.or(Sections::DEFAULTS);
/// Where they mean nothing.
const NO_CLIENTS: Sections = Sections::only(Kind::Backend);
