//! The values that keywords store in a section or a line, one for each type.
//!
//! The implementation of a keyword defines the type of the value that it stores; no other code needs to know it. Copies
//! share the values that neither has changed: a thousand sections that inherit the same defaults hold them once.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Values by their type.
#[derive(Clone, Default)]
pub struct Values(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Values {
    /// Returns the value of a type, if there is one.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref())
    }

    /// Returns a copy of the value of a type, or its default.
    pub fn get_or_default<T: Clone + Default + Send + Sync + 'static>(&self) -> T {
        self.get::<T>().cloned().unwrap_or_default()
    }

    /// Returns the value of a type for changes, after inserting its default if there was none.
    pub fn get_mut<T: Clone + Default + Send + Sync + 'static>(&mut self) -> &mut T {
        let slot = self.0.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        if Arc::get_mut(slot).is_none() {
            let shared = slot.downcast_ref::<T>().cloned().unwrap_or_default();
            *slot = Arc::new(shared);
        }
        match Arc::get_mut(slot).and_then(|value| value.downcast_mut::<T>()) {
            Some(value) => value,
            None => unreachable!("a slot holds the type of its key, and was just made the only one"),
        }
    }

    /// Stores a value, replacing the one of its type.
    pub fn set<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// Removes the value of a type.
    pub fn unset<T: Send + Sync + 'static>(&mut self) {
        self.0.remove(&TypeId::of::<T>());
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Limit(u32);

    #[test]
    fn a_copy_shares_until_it_is_changed() {
        let mut defaults = Values::default();
        defaults.get_mut::<Limit>().0 = 5;
        let mut section = defaults.clone();
        assert!(std::ptr::eq(section.get::<Limit>().unwrap(), defaults.get::<Limit>().unwrap()));
        section.get_mut::<Limit>().0 += 1;
        assert_eq!((defaults.get::<Limit>(), section.get::<Limit>()), (Some(&Limit(5)), Some(&Limit(6))));
        section.unset::<Limit>();
        assert_eq!(section.get_or_default::<Limit>(), Limit(0));
    }
}
