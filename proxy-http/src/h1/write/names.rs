//! The spelling of field names that some old peers require.

use std::collections::HashMap;

/// Names in lower case, and the form in which to write each.
#[derive(Clone, Debug, Default)]
pub struct CaseMap {
    names: HashMap<Box<[u8]>, Box<[u8]>>,
}

impl CaseMap {
    /// Creates an empty map.
    pub fn new() -> CaseMap {
        CaseMap::default()
    }

    /// Adds a name. Returns false if it is in the map already.
    pub fn add(&mut self, name: &[u8]) -> bool {
        self.names.insert(name.to_ascii_lowercase().into(), name.into()).is_none()
    }

    /// Returns whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the form in which to write a name in lower case.
    pub fn written<'a>(&'a self, name: &'a [u8]) -> &'a [u8] {
        self.names.get(name).map_or(name, |written| written)
    }
}
