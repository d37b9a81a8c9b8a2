//! The unique identifier of an exchange or a session (`unique-id-format`): made when it is first used, and constant
//! from then on.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use crate::context::{Context, UniqueIdSource};
use crate::format::Format;

/// The maximum length; longer identifiers are cut, as in HAProxy.
const LONGEST: usize = 127;

/// The identifier of one exchange or session.
#[derive(Debug)]
pub struct UniqueId {
    format: Arc<Format>,
    value: OnceCell<Box<[u8]>>,
    /// Whether the identifier is being made: a format that contains the identifier itself finds nothing there.
    is_being_made: Cell<bool>,
}

impl UniqueId {
    /// Creates an identifier that a format will make.
    pub fn new(format: Arc<Format>) -> UniqueId {
        UniqueId { format, value: OnceCell::new(), is_being_made: Cell::new(false) }
    }
}

impl UniqueIdSource for UniqueId {
    fn get(&self, context: &Context<'_>) -> &[u8] {
        if self.is_being_made.get() {
            return &[];
        }
        self.value.get_or_init(|| {
            self.is_being_made.set(true);
            let mut value = Vec::with_capacity(64);
            self.format.write(context, &mut value);
            value.truncate(LONGEST);
            self.is_being_made.set(false);
            value.into_boxed_slice()
        })
    }
}
