//! Responses, and what is written for the client.
//!
//! Each response arrives whole, byte by byte, and in two pieces split at every place; then the server ends the
//! connection.

#[path = "../common/mod.rs"]
mod common;

mod bodies;
mod lines;

use common::{Asked, cuts, responses, shown};

/// The bytes of a server, and the result.
pub(crate) struct Row {
    name: &'static str,
    asked: Asked,
    input: &'static [u8],
    /// What the client receives. The last message may be truncated, as by the server.
    passed: &'static [&'static [u8]],
    is_refused: bool,
}

fn check(rows: &[Row]) {
    let mut failures = Vec::new();
    for Row { name, asked, input, passed, is_refused } in rows {
        let passed: Vec<_> = passed.iter().map(|message| message.to_vec()).collect();
        let whole = responses(input, &[], *asked);
        if (&whole.messages, whole.refused.is_some()) != (&passed, *is_refused) {
            failures.push(format!(
                "{name}: {:?} {:?}, not {:?}",
                shown(&whole.messages),
                whole.error,
                shown(&passed)
            ));
        }
        for cuts in cuts(input.len()) {
            assert_eq!(responses(input, &cuts, *asked), whole, "{name}, cut at {cuts:?}");
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

#[test]
fn lines() {
    check(lines::ROWS);
}

#[test]
fn bodies() {
    check(bodies::ROWS);
}
