//! The rules of sections: `tcp-request connection`, `tcp-request session`, `tcp-request content`, `tcp-response
//! content`, `http-request`, `http-response`, `http-after-response`.
//!
//! * [`RuleSet`]: actions and their conditions, in order. [`SectionRules`]: all rules of a section.

mod content;
mod directives;
mod inherited;
mod place;
mod section;
mod set;
mod unsupported;
mod upgrade;

pub use directives::read_action;
pub use place::RulePlace;
pub use section::{ContentRules, SectionRules};
pub use set::{Rule, RuleSet};
pub use upgrade::may_become_http;
