//! Values of variables.

use std::cell::{Ref, RefCell};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Scope, Variable};
use crate::captures::{CapturePlace, Captures};
use crate::sample::{Sample, Type};

/// The maximum number of variables in a scope.
const MOST: usize = 256;
/// The maximum size of all text in a scope, in bytes. A value that does not fit is not stored.
const MOST_BYTES: usize = 64 * 1024;
/// The maximum size of the memory of a value that is kept for the next one, in bytes.
const KEPT: usize = 512;

/// A stored value. Its bytes are kept beside it, so that their memory is used again.
#[derive(Clone, Copy, Debug)]
enum Kept {
    Bool(bool),
    Integer(i64),
    Ip(IpAddr),
    Bytes(Type),
}

#[derive(Clone, Debug)]
struct Entry {
    id: u64,
    value: Option<Kept>,
    bytes: Vec<u8>,
}

/// The variables of one scope. There are few, so each is compared.
#[derive(Clone, Debug, Default)]
struct Store {
    slots: Vec<Entry>,
}

impl Store {
    fn get(&self, id: u64) -> Option<Sample<'_>> {
        let slot = self.slots.iter().find(|slot| slot.id == id)?;
        Some(match slot.value? {
            Kept::Bool(value) => Sample::Bool(value),
            Kept::Integer(value) => Sample::Integer(value),
            Kept::Ip(value) => Sample::Ip(value),
            Kept::Bytes(Type::Method) => Sample::Method((&slot.bytes[..]).into()),
            Kept::Bytes(Type::Binary) => Sample::Binary((&slot.bytes[..]).into()),
            Kept::Bytes(_) => Sample::Text((&slot.bytes[..]).into()),
        })
    }

    fn set(&mut self, id: u64, sample: &Sample<'_>) -> bool {
        let (value, bytes) = match sample {
            Sample::Bool(value) => (Kept::Bool(*value), &[][..]),
            Sample::Integer(value) => (Kept::Integer(*value), &[][..]),
            Sample::Ip(value) => (Kept::Ip(*value), &[][..]),
            Sample::Text(bytes) | Sample::Binary(bytes) | Sample::Method(bytes) => {
                (Kept::Bytes(sample.kind()), &bytes[..])
            }
        };
        let others: usize = self.slots.iter().filter(|slot| slot.id != id).map(|slot| slot.bytes.len()).sum();
        if others + bytes.len() > MOST_BYTES {
            return false;
        }
        let place = self.slots.iter().position(|slot| slot.id == id);
        // A free slot is reused together with its memory.
        let place = place.or_else(|| self.slots.iter().position(|slot| slot.value.is_none()));
        let slot = match place {
            Some(place) => &mut self.slots[place],
            None if self.slots.len() < MOST => {
                self.slots.push(Entry { id, value: None, bytes: Vec::new() });
                match self.slots.last_mut() {
                    Some(slot) => slot,
                    None => return false,
                }
            }
            None => return false,
        };
        (slot.id, slot.value) = (id, Some(value));
        slot.bytes.clear();
        slot.bytes.extend_from_slice(bytes);
        true
    }

    fn unset(&mut self, id: u64) {
        for slot in self.slots.iter_mut().filter(|slot| slot.id == id) {
            slot.empty();
        }
    }

    fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| slot.value.is_none())
    }

    fn clear(&mut self) {
        self.slots.iter_mut().for_each(Entry::empty);
    }
}

impl Entry {
    fn empty(&mut self) {
        self.value = None;
        self.bytes.clear();
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
    }
}

/// Variables that all sessions share. Clones refer to the same variables.
#[derive(Clone, Default)]
pub struct ProcessVariables(Arc<RwLock<Store>>);

impl ProcessVariables {
    fn get(&self, id: u64) -> Option<Sample<'static>> {
        let store = self.0.read().unwrap_or_else(PoisonError::into_inner);
        store.get(id).map(Sample::into_owned)
    }
}

impl fmt::Debug for ProcessVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProcessVariables")
    }
}

/// The variables of a client's connection, which its exchanges share: see [`Variables::swap_session`].
#[derive(Debug, Default)]
pub struct SessionVariables(Store);

/// The variables that rules of an exchange see: its own, and while they run those of the client's connection. The
/// memory of values is kept when their scope ends, so that eventually nothing is allocated.
#[derive(Debug, Default)]
pub struct Variables {
    /// The variables of the process; without them, none can be set.
    process: Option<ProcessVariables>,
    session: Store,
    exchange: Store,
    request: Store,
    response: Store,
    /// The variables of a health check; there is none for a client.
    check: Option<Box<Store>>,
    /// Captured values. A converter captures while an expression is evaluated.
    captures: RefCell<Captures>,
}

impl Variables {
    /// Creates an empty set, with the variables of the process.
    pub fn new(process: ProcessVariables) -> Variables {
        Variables { process: Some(process), ..Variables::default() }
    }

    /// Creates an empty set for a health check, with the variables of the process.
    pub fn for_check(process: ProcessVariables) -> Variables {
        Variables { check: Some(Box::default()), ..Variables::new(process) }
    }

    /// Swaps the variables of a connection: they are in this set while rules of one of its exchanges run, and in
    /// `session` until the next exchange.
    pub fn swap_session(&mut self, session: &mut SessionVariables) {
        std::mem::swap(&mut self.session, &mut session.0);
    }

    /// Returns a value. Values of the process are copied.
    pub fn get(&self, variable: Variable) -> Option<Sample<'_>> {
        match variable.scope {
            Scope::Process => self.process.as_ref()?.get(variable.id),
            Scope::Session => self.session.get(variable.id),
            Scope::Exchange => self.exchange.get(variable.id),
            Scope::Request => self.request.get(variable.id),
            Scope::Response => self.response.get(variable.id),
            Scope::Check => self.check.as_ref()?.get(variable.id),
        }
    }

    /// Returns whether there is a value.
    pub fn has(&self, variable: Variable) -> bool {
        self.get(variable).is_some()
    }

    /// Stores a value; returns `false` if there is no room.
    pub fn set(&mut self, variable: Variable, value: &Sample<'_>) -> bool {
        self.with(variable.scope, |store| store.set(variable.id, value)).unwrap_or(false)
    }

    /// Removes a value.
    pub fn unset(&mut self, variable: Variable) {
        self.with(variable.scope, |store| store.unset(variable.id));
    }

    /// Returns the captured value of a place.
    ///
    /// Nothing may be captured while the result lives.
    pub fn capture(&self, place: CapturePlace) -> Option<Ref<'_, [u8]>> {
        Ref::filter_map(self.captures.borrow(), |captures| captures.get(place)).ok()
    }

    /// Captures a text in a place, up to a maximum length. As in HAProxy, it ends at the first NUL.
    pub fn keep_capture(&self, place: CapturePlace, text: &[u8], most: usize) {
        self.captures.borrow_mut().keep(place, text, most);
    }

    /// Ends a scope, and drops its values. The scope of the process does not end.
    pub fn end(&mut self, scope: Scope) {
        if scope != Scope::Process {
            self.with(scope, Store::clear);
        }
    }

    /// Returns whether there are no variables but those of the client's connection and of the process, and no captures.
    pub fn is_empty(&self) -> bool {
        [&self.exchange, &self.request, &self.response].into_iter().all(Store::is_empty)
            && self.captures.borrow().is_empty()
    }

    /// Ends an exchange: drops the variables of it, its request and its response, and its captures.
    pub fn end_exchange(&mut self) {
        for scope in [Scope::Request, Scope::Response, Scope::Exchange] {
            self.end(scope);
        }
        self.captures.get_mut().clear();
    }

    /// Calls a function with the store of a scope; returns `None` if the scope does not exist.
    fn with<R>(&mut self, scope: Scope, change: impl FnOnce(&mut Store) -> R) -> Option<R> {
        let store = match scope {
            Scope::Process => {
                let ProcessVariables(process) = self.process.as_ref()?;
                return Some(change(&mut process.write().unwrap_or_else(PoisonError::into_inner)));
            }
            Scope::Session => &mut self.session,
            Scope::Exchange => &mut self.exchange,
            Scope::Request => &mut self.request,
            Scope::Response => &mut self.response,
            Scope::Check => self.check.as_mut()?,
        };
        Some(change(store))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Variable {
        name.parse().unwrap()
    }

    #[test]
    fn values_end_with_their_scope() {
        let mut variables = Variables::default();
        for (name, value) in [("sess.a", 1), ("txn.a", 2), ("req.a", 3), ("res.a", 4)] {
            assert!(variables.set(variable(name), &Sample::Integer(value)));
        }
        assert_eq!(variables.get(variable("req.a")), Some(Sample::Integer(3)));
        variables.end(Scope::Request);
        assert_eq!(variables.get(variable("req.a")), None);
        assert_eq!(variables.get(variable("txn.a")), Some(Sample::Integer(2)));
        variables.end_exchange();
        assert_eq!(variables.get(variable("txn.a")), None);
        assert_eq!(variables.get(variable("sess.a")), Some(Sample::Integer(1)));
        variables.unset(variable("sess.a"));
        assert!(!variables.has(variable("sess.a")));
    }

    #[test]
    fn those_of_a_check_exist_in_one_only() {
        let mut check = Variables::for_check(ProcessVariables::default());
        assert!(check.set(variable("check.a"), &Sample::Integer(1)));
        assert_eq!(check.get(variable("check.a")), Some(Sample::Integer(1)));
        assert_eq!(check.get(variable("sess.a")), None);
        let mut client = Variables::default();
        assert!(!client.set(variable("check.a"), &Sample::Integer(1)));
        assert_eq!(client.get(variable("check.a")), None);
    }

    #[test]
    fn those_of_the_process_are_shared() {
        let process = ProcessVariables::default();
        let (mut one, other) = (Variables::new(process.clone()), Variables::new(process));
        one.set(variable("proc.a"), &Sample::Text(b"x"[..].into()));
        assert_eq!(other.get(variable("proc.a")), Some(Sample::Text(b"x"[..].into())));
    }

    #[test]
    fn a_scope_is_bounded() {
        let mut variables = Variables::default();
        for number in 0..MOST {
            assert!(variables.set(variable(&format!("txn.v{number}")), &Sample::Bool(true)));
        }
        assert!(!variables.set(variable("txn.other"), &Sample::Bool(true)));
        variables.unset(variable("txn.v7"));
        assert!(variables.set(variable("txn.other"), &Sample::Bool(true)));
        assert!(!variables.set(variable("txn.v0"), &Sample::Text(vec![b'a'; MOST_BYTES + 1].into())));
        assert_eq!(variables.get(variable("txn.v0")), Some(Sample::Bool(true)), "what was there stays");
        assert!(variables.set(variable("txn.v0"), &Sample::Text(vec![b'a'; MOST_BYTES].into())));
    }
}
