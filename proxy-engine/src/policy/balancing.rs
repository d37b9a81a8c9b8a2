//! How servers are chosen.

use std::sync::Arc;

use proxy_rules::Expression;

/// `balance`: an algorithm and its arguments. Only the balancing code knows which algorithms there are.
#[derive(Clone, Debug)]
pub struct Balancing {
    /// The name of the algorithm.
    pub algorithm: String,
    /// Its arguments, already checked.
    pub arguments: Vec<String>,
    /// The expression whose value is the key, of an algorithm that has one.
    pub expression: Option<Arc<Expression>>,
}

impl Default for Balancing {
    /// Returns `random`, as in HAProxy since 3.3.
    fn default() -> Balancing {
        Balancing { algorithm: "random".to_owned(), arguments: Vec::new(), expression: None }
    }
}

/// `option allbackups`: without a usable primary server all backup servers are used, not only the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AllBackups(pub bool);
