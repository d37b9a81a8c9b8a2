//! The HTTP proxy between peers with two codecs, on either side: its behaviour does not depend on the codec.
//!
//! A [row](script) says what a client and a server do and what has to follow, in messages that both codecs can
//! express. It runs with each codec on each side. The bytes on the wire are not tested here. [`multiplexed`] tests
//! what only connections with many exchanges at once can do.

mod administered;
mod altered;
mod format;
mod hear;
mod message;
mod multiplexed;
mod peer;
mod pouring;
mod records;
mod script;
mod setup;
mod table;
mod wire;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use self::message::Language;
use self::script::Row;
use self::world::World;
use super::run;

/// Longer than any row takes, on a paused clock, which advances only when all tasks wait.
const FOREVER: Duration = Duration::from_secs(3600);

/// Runs all rows with each language on each side, and reports those that fail.
fn carry(rows: &[Row]) {
    let mut failed = Vec::new();
    for row in rows {
        for front in [Language::Http1, Language::Records] {
            for back in [Language::Http1, Language::Records] {
                let languages = (front, back);
                let went = catch_unwind(AssertUnwindSafe(|| run(|lab| go(lab, row, languages))));
                failed.extend(went.is_err().then(|| format!("{}: {front:?} to {back:?}", row.name)));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

async fn go(lab: super::Lab, row: &Row, languages: (Language, Language)) {
    let mut world = World::new(&lab, row.settings, languages).await;
    for (number, step) in row.steps.iter().enumerate() {
        println!("{}, {languages:?}, step {number}", row.name);
        let taken = tokio::time::timeout(FOREVER, world.step(step.clone())).await;
        assert!(taken.is_ok(), "it never comes");
    }
    assert!(world.is_silent(), "the log says more");
}

#[test]
fn messages_are_passed_on() {
    carry(&table::messages());
}

#[test]
fn rules_are_carried_out() {
    carry(&table::rules());
}

#[test]
fn content_rules_come_first_and_may_wait() {
    carry(&table::content_rules());
}

#[test]
fn connections_are_kept_and_closed() {
    carry(&table::connections());
}

#[test]
fn failures_are_told() {
    carry(&table::failures());
}
