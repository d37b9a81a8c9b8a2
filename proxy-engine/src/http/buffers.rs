//! Memory that exchanges of a worker take in turn: an idle connection holds none.

use std::cell::RefCell;
use std::fmt;

use proxy_http::{Request, Response};

/// How many buffers wait for the next to need one; more are given back to the system.
const WAITING: usize = 512;
/// A buffer larger than this, in bytes, is given back to the system.
const LARGEST: usize = 32 * 1024;
/// The room of a new buffer, in bytes: most heads fit into it.
const FIRST: usize = 2048;

/// The heads of an exchange.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) request: Request,
    pub(crate) response: Response,
}

/// Buffers and heads that nobody uses at the moment.
#[derive(Default)]
pub(crate) struct Buffers {
    bytes: RefCell<Vec<Vec<u8>>>,
    messages: RefCell<Vec<Messages>>,
}

impl Buffers {
    /// Gives a buffer to one that has none.
    pub(crate) fn fill(&self, buffer: &mut Vec<u8>) {
        if buffer.capacity() == 0 {
            *buffer = self.bytes.borrow_mut().pop().unwrap_or_else(|| Vec::with_capacity(FIRST));
        }
    }

    /// Takes a buffer back.
    pub(crate) fn give(&self, mut buffer: Vec<u8>) {
        let mut waiting = self.bytes.borrow_mut();
        if (1..=LARGEST).contains(&buffer.capacity()) && waiting.len() < WAITING {
            buffer.clear();
            waiting.push(buffer);
        }
    }

    /// Heads for an exchange.
    pub(crate) fn messages(&self) -> Messages {
        self.messages.borrow_mut().pop().unwrap_or_default()
    }

    /// Takes them back.
    pub(crate) fn give_messages(&self, mut messages: Messages) {
        messages.request.clear();
        messages.response.clear();
        let mut waiting = self.messages.borrow_mut();
        if waiting.len() < WAITING {
            waiting.push(messages);
        }
    }
}

impl fmt::Debug for Buffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffers").field("bytes", &self.bytes.borrow().len()).finish_non_exhaustive()
    }
}
