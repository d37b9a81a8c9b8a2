//! Variables: values that rules keep for other rules.
//!
//! * [`Variable`]: a scope and a name from the configuration; identified by a number from then on.
//! * [`Variables`]: the values of a session, accessed through the context. The engine ends scopes.
//! * [`ProcessVariables`]: the variables that all sessions share.

mod name;
mod scope;
mod store;

pub use name::Variable;
pub use scope::Scope;
pub use store::{ProcessVariables, SessionVariables, Variables};
