//! `use_backend`: rules that choose the backend of a session or request.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use proxy_rules::regex::Failed;
use proxy_rules::{Choice, Context, UseBackends};

use crate::upstream::Backend;

/// The `use_backend` rules of a frontend, and the backends that they may name.
pub struct Switching {
    rules: UseBackends,
    /// The backend of each rule whose name is fixed.
    fixed: Vec<Option<Arc<Backend>>>,
    /// All backends by name, for names that are formats.
    all: Arc<HashMap<String, Arc<Backend>>>,
    /// Whether a rule looks at the request.
    pub(crate) reads_request: bool,
}

impl Switching {
    /// Creates the switching of these rules. Returns `None` if there are none.
    pub fn new(rules: UseBackends, all: Arc<HashMap<String, Arc<Backend>>>) -> Option<Switching> {
        if rules.is_empty() {
            return None;
        }
        let fixed = rules.names().map(|name| name.and_then(|name| all.get(&name.value).cloned())).collect();
        let reads_request = rules.reads_request();
        Some(Switching { rules, fixed, all, reads_request })
    }

    /// Returns all backends that the rules may choose.
    pub(crate) fn backends(&self) -> impl Iterator<Item = &Arc<Backend>> {
        let is_open = self.rules.names().any(|name| name.is_none());
        let named = is_open.then(|| self.all.values()).into_iter().flatten();
        self.fixed.iter().flatten().chain(named)
    }

    /// Returns the backend of the first rule that matches, or `None` if none does or if a format yields a name that no
    /// backend has.
    ///
    /// # Errors
    /// A condition of a rule could not be evaluated.
    pub(crate) fn choose(&self, context: &mut Context<'_>) -> Result<Option<&Arc<Backend>>, Failed> {
        Ok(match self.rules.choose(context)? {
            None => None,
            Some(Choice::Rule(index)) => self.fixed.get(index).and_then(Option::as_ref),
            Some(Choice::Named(name)) => std::str::from_utf8(name).ok().and_then(|name| self.all.get(name)),
        })
    }
}

impl fmt::Debug for Switching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switching").field("rules", &self.rules).finish_non_exhaustive()
    }
}
