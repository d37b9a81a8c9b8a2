//! The captures of a frontend.

use std::sync::Arc;

/// The message that is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The message of the client.
    Request,
    /// The message of the server.
    Response,
}

/// Room for one captured value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The maximum number of bytes that are kept.
    pub length: usize,
    /// The header field that fills the slot, in lower case. Other slots are filled by rules.
    pub(super) field: Option<Box<[u8]>>,
}

/// A cookie of both messages that is kept for log lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedCookie {
    /// The beginning of the cookie, including its name.
    pub(super) beginning: Box<[u8]>,
    /// The maximum number of bytes that are kept.
    pub(super) length: usize,
}

/// The captures of a frontend. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct CapturePolicy {
    slots: Arc<[Vec<Slot>; 2]>,
    pub(super) cookie: Option<Arc<CapturedCookie>>,
}

impl CapturePolicy {
    /// Returns the slots of a message.
    pub fn slots(&self, side: Side) -> &[Slot] {
        &self.slots[side as usize]
    }

    /// Returns a slot of a message.
    pub fn slot(&self, side: Side, index: u32) -> Option<&Slot> {
        self.slots(side).get(usize::try_from(index).ok()?)
    }

    /// Returns whether nothing is captured.
    pub fn is_empty(&self) -> bool {
        self.slots.iter().all(Vec::is_empty) && self.cookie.is_none()
    }

    /// Adds a slot and returns its number.
    pub(crate) fn declare(&mut self, side: Side, length: usize, field: Option<Box<[u8]>>) -> u32 {
        let slots = &mut Arc::make_mut(&mut self.slots)[side as usize];
        slots.push(Slot { length, field });
        u32::try_from(slots.len() - 1).unwrap_or(u32::MAX)
    }
}
