//! Memory that the exchanges of a worker use in turn: an idle connection holds none.

use std::cell::RefCell;
use std::fmt;

use proxy_http::{Request, Response};
use proxy_rules::{ProcessVariables, Variables};

/// The number of unused buffers that are kept; more are returned to the system.
const KEPT: usize = 512;
/// A buffer larger than this, in bytes, is returned to the system.
const LARGEST: usize = 32 * 1024;
/// The capacity of a new buffer, in bytes: most heads fit into it.
const FIRST: usize = 2048;

/// The heads of an exchange, and the state that its rules keep for each other.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) request: Request,
    pub(crate) response: Response,
    pub(crate) variables: Variables,
}

/// Buffers and heads that are not in use.
pub(crate) struct Memory {
    process: ProcessVariables,
    bytes: RefCell<Vec<Vec<u8>>>,
    #[expect(clippy::vec_box, reason = "an exchange holds them boxed, since moving them costs more")]
    messages: RefCell<Vec<Box<Messages>>>,
}

impl Memory {
    /// Makes it empty. The variables of the process are shared by all exchanges.
    pub(crate) fn new(process: ProcessVariables) -> Memory {
        Memory { process, bytes: RefCell::default(), messages: RefCell::default() }
    }

    /// Gives a buffer its memory, unless it has some.
    pub(crate) fn fill(&self, buffer: &mut Vec<u8>) {
        if buffer.capacity() == 0 {
            *buffer = self.bytes.borrow_mut().pop().unwrap_or_else(|| Vec::with_capacity(FIRST));
        }
    }

    /// Takes back the memory of a buffer.
    pub(crate) fn give(&self, mut buffer: Vec<u8>) {
        let mut unused = self.bytes.borrow_mut();
        if (1..=LARGEST).contains(&buffer.capacity()) && unused.len() < KEPT {
            buffer.clear();
            unused.push(buffer);
        }
    }

    /// Returns heads for an exchange.
    pub(crate) fn messages(&self) -> Box<Messages> {
        let unused = self.messages.borrow_mut().pop();
        unused.unwrap_or_else(|| {
            let variables = Variables::new(self.process.clone());
            Box::new(Messages { variables, ..Messages::default() })
        })
    }

    /// Takes back the heads of an exchange.
    pub(crate) fn give_messages(&self, mut messages: Box<Messages>) {
        messages.request.clear();
        messages.response.clear();
        messages.variables.end_exchange();
        let mut unused = self.messages.borrow_mut();
        if unused.len() < KEPT {
            unused.push(messages);
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("bytes", &self.bytes.borrow().len()).finish_non_exhaustive()
    }
}
