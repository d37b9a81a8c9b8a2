//! `use_backend`: rules that lead sessions to one backend or another.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use proxy_rules::regex::Failed;
use proxy_rules::{Choice, Context, UseBackends};

use crate::upstream::Backend;

/// The rules of a frontend, and the backends that they may name.
pub struct Switching {
    rules: UseBackends,
    /// Rule by rule, where the name is fixed.
    fixed: Vec<Option<Arc<Backend>>>,
    /// By name, for names that are made of values.
    all: Arc<HashMap<String, Arc<Backend>>>,
}

impl Switching {
    /// These rules, unless there are none.
    pub fn new(rules: UseBackends, all: Arc<HashMap<String, Arc<Backend>>>) -> Option<Switching> {
        if rules.is_empty() {
            return None;
        }
        let fixed = rules.names().map(|name| name.and_then(|name| all.get(&name.value).cloned())).collect();
        Some(Switching { rules, fixed, all })
    }

    /// All backends that may be chosen.
    pub(crate) fn backends(&self) -> impl Iterator<Item = &Arc<Backend>> {
        let is_open = self.rules.names().any(|name| name.is_none());
        let named = is_open.then(|| self.all.values()).into_iter().flatten();
        self.fixed.iter().flatten().chain(named)
    }

    /// The backend of the first rule that holds. A name that is made of values, and is none of a backend, leads nowhere.
    ///
    /// # Errors
    /// When what a rule depends on could not be found out.
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
