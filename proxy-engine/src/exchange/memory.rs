//! Memory that the exchanges of a worker use in turn: an idle connection holds none. Whatever grows with what peers send
//! grows here, within the budget of the program.

use std::cell::RefCell;
use std::fmt;

use proxy_http::{Request, Response};
use proxy_relay::{Budget, NoMemory, SMALL};
use proxy_rules::{ProcessVariables, Variables};

/// The number of unused buffers of each size that are kept; more are returned to the system.
const KEPT: usize = 512;
/// The capacity of a buffer for short heads, in bytes.
const SHORT: usize = 512;
/// The capacity of a buffer into which most heads fit, in bytes. What is longer gets a buffer of its own length.
const LONG: usize = 2048;
/// A buffer larger than this, in bytes, is returned to the system: if it were used again, short heads would hold it.
const LARGEST: usize = 4096;
/// A buffer grows by a quarter, and by no less than this number of bytes: what comes slowly takes little more than its
/// own length.
const STEP: usize = 512;

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
    budget: Budget,
    /// Buffers of at least this capacity.
    short: RefCell<Vec<Vec<u8>>>,
    long: RefCell<Vec<Vec<u8>>>,
    #[expect(clippy::vec_box, reason = "an exchange holds them boxed, since moving them costs more")]
    messages: RefCell<Vec<Box<Messages>>>,
}

impl Memory {
    /// Makes it empty. The variables of the process are shared by all exchanges.
    pub(crate) fn new(process: ProcessVariables, budget: Budget) -> Memory {
        let (short, long, messages) = Default::default();
        Memory { process, budget, short, long, messages }
    }

    /// Returns the variables of the process.
    pub(crate) fn process(&self) -> &ProcessVariables {
        &self.process
    }

    /// Returns the memory that may be taken.
    pub(crate) fn budget(&self) -> Budget {
        self.budget
    }

    /// Gives a buffer memory for this number of bytes, unless it has some memory. For what the proxy writes itself: a
    /// buffer that grows with what a peer sends is [appended to](Self::append).
    pub(crate) fn fill(&self, buffer: &mut Vec<u8>, length: usize) {
        if buffer.capacity() == 0 {
            let (unused, size) = if length <= SHORT {
                (self.short.borrow_mut().pop(), SHORT)
            } else if length <= LONG {
                (self.long.borrow_mut().pop(), LONG)
            } else {
                (None, length)
            };
            *buffer = unused.unwrap_or_else(|| Vec::with_capacity(size));
        }
    }

    /// Appends bytes to a buffer that may have no memory yet.
    ///
    /// # Errors
    /// Returns an error if there is no memory for them.
    pub(crate) fn append(&self, buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<(), NoMemory> {
        self.append_if(buffer, bytes, |capacity| self.budget.ask(capacity))
    }

    /// Appends bytes that a peer cannot keep any more, since they were read, to a buffer that may have no memory yet. The
    /// budget told how many were read: see [`Budget::room`].
    ///
    /// # Errors
    /// Returns an error if there is no memory for them.
    pub(crate) fn hold(&self, buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<(), NoMemory> {
        self.append_if(buffer, bytes, |_| self.budget.hold())
    }

    fn append_if(
        &self,
        buffer: &mut Vec<u8>,
        bytes: &[u8],
        may_have: impl FnOnce(usize) -> Result<(), NoMemory>,
    ) -> Result<(), NoMemory> {
        if buffer.capacity() - buffer.len() < bytes.len() {
            // With room for one more byte, a large one can be read into until the peer closes.
            let spare = usize::from(bytes.len() > SMALL);
            let step = if buffer.capacity() == 0 { bytes.len() + spare } else { STEP.max(buffer.len() / 4) };
            let capacity = Budget::grown(buffer, bytes.len(), step);
            may_have(capacity)?;
            self.fill(buffer, capacity);
            buffer.reserve_exact(capacity - buffer.len());
        }
        buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes back the memory of a buffer.
    pub(crate) fn give(&self, mut buffer: Vec<u8>) {
        let unused = match buffer.capacity() {
            LONG..=LARGEST => &self.long,
            SHORT..LONG => &self.short,
            _ => return,
        };
        let mut unused = unused.borrow_mut();
        if unused.len() < KEPT {
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
        messages.request.trim();
        messages.response.trim();
        messages.variables.end_exchange();
        let mut unused = self.messages.borrow_mut();
        if unused.len() < KEPT {
            unused.push(messages);
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("messages", &self.messages.borrow().len()).finish_non_exhaustive()
    }
}
