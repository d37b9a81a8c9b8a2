//! Field names as some old peers want them.

use std::collections::HashMap;

/// Names in lower case, and how they are to be written.
#[derive(Clone, Debug, Default)]
pub struct CaseMap {
    names: HashMap<Box<[u8]>, Box<[u8]>>,
}

impl CaseMap {
    /// None.
    pub fn new() -> CaseMap {
        CaseMap::default()
    }

    /// Adds a name. Gives false when it is there already.
    pub fn add(&mut self, name: &[u8]) -> bool {
        self.names.insert(name.to_ascii_lowercase().into(), name.into()).is_none()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// How a name in lower case is to be written.
    pub fn written<'a>(&'a self, name: &'a [u8]) -> &'a [u8] {
        self.names.get(name).map_or(name, |written| written)
    }
}
