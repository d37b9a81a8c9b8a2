//! ACLs: tests of samples, with a name or in braces, and the conditions made of them.
//!
//! * [`Acl`], [`Acls`]: the named tests of a section. Several lines with the same name are alternatives.
//! * [`Condition`]: what follows `if` and `unless`.

mod condition;
mod directive;
mod named;
mod outcome;
mod patterns;
mod predefined;
mod test;

pub use condition::Condition;
pub(crate) use condition::{before_condition, named};
pub use named::{Acl, Acls};
pub use outcome::Outcome;
pub(crate) use outcome::{all, any};
pub(crate) use test::derived;
