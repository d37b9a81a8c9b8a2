//! Expectations that a function decides about: those of binary protocols.

use crate::status::Status;

/// A function that reads a response: the bytes so far, and whether no more follow.
pub type CustomExpect = fn(&[u8], bool) -> Custom;

/// The decision of a function about a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Custom {
    /// More bytes are needed.
    Wait,
    /// The response is as expected.
    Continue,
    /// The response is as expected; if it is the last one, this text describes it.
    Passed(Vec<u8>),
    /// The response is not as expected: a status, a code, and a text.
    Failed(Status, i32, Vec<u8>),
    /// The check ends without a failure: a status and a text.
    Ended(Status, Vec<u8>),
}
