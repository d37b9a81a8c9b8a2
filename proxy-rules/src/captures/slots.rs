//! What a frontend captures.

use std::sync::Arc;

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// That of the client.
    Request,
    /// That of the server.
    Response,
}

/// Room for one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The most bytes that are kept.
    pub length: usize,
    /// The header field that fills it, in lower case. Others are filled by rules.
    pub(super) field: Option<Box<[u8]>>,
}

/// A cookie that is kept for log lines, of both messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedCookie {
    /// What it begins with, from the name on.
    pub(super) beginning: Box<[u8]>,
    /// The most bytes that are kept.
    pub(super) length: usize,
}

/// What a frontend captures. Cheap to copy.
#[derive(Clone, Debug, Default)]
pub struct CapturePolicy {
    slots: Arc<[Vec<Slot>; 2]>,
    pub(super) cookie: Option<Arc<CapturedCookie>>,
}

impl CapturePolicy {
    /// The slots of a message.
    pub fn slots(&self, side: Side) -> &[Slot] {
        &self.slots[side as usize]
    }

    /// A slot of a message.
    pub fn slot(&self, side: Side, index: u32) -> Option<&Slot> {
        self.slots(side).get(usize::try_from(index).ok()?)
    }

    /// Whether nothing is captured.
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
