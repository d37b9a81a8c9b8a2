//! Variables: values that rules keep for other rules.
//!
//! * [`Variable`]: scope and name, as a configuration has them; known by a number from then on.
//! * [`Variables`]: the values of a session, reached through the context. The engine ends scopes.
//! * [`ProcessVariables`]: those that all sessions share.

mod name;
mod scope;
mod store;

pub use name::Variable;
pub use scope::Scope;
pub use store::{ProcessVariables, SessionVariables, Variables};
