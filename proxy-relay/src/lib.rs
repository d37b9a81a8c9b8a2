//! Moves bytes between two streams until both directions have ended, and reports how they ended.
//!
//! * [`relay`]: the call. [`Outcome`]: its result, in the terms a log needs.
//! * [`Gate`]: looks at the first bytes of a server, which are held until it has decided about them.
//! * [`RelayTimeouts`]: how long each side may be idle. [`Control`]: watches and ends a relay from outside.
//! * [`Scratch`]: what the relays of one worker share: a copy buffer and pipes for `splice(2)`. [`Budget`]: the memory that
//!   may be taken.
//!
//! One task serves both directions and owns no buffer while it is idle. A direction starts by copying through the
//! worker's buffer, reads more at a time while the receiver keeps up, and splices once it is long and both ends
//! can.
//!
//! This crate knows no concrete transport, no protocol above the bytes, and no configuration.

mod budget;
mod control;
mod copy;
mod deadline;
mod flow;
mod gate;
mod outcome;
mod pace;
mod pipe;
mod relay;
mod run;
mod scratch;
mod splice;
mod sys;
mod timeouts;

pub use budget::{Budget, MemoryLimit, NoMemory, SMALL};
pub use control::Control;
pub use gate::{Gate, HeldBytes, Passage};
pub use outcome::{Closing, Direction, Ended, Operation, Outcome, Side, Timeout};
pub use pace::Pace;
pub use pipe::{PipeCounts, PipeStatistics};
pub use run::relay;
pub use scratch::{Borrowed, Kept, Scratch, ScratchConfig};
pub use timeouts::{RelayTimeouts, SideTimeouts};
