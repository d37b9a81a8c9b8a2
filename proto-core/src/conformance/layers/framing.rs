//! The bytes that a layer produces, in pieces of every size and cut off at every place.

use super::super::Ended;
use super::super::harness::{block_on, step};
use super::LayerSubject;
use super::talk::{MESSAGES, Received, Talk, places, question, talk};
use super::wire::{Again, Plan, Stop};

/// Returns a conversation without any disturbance, for its lengths.
pub(super) fn undisturbed(subject: &LayerSubject) -> Talk {
    step("talk without any disturbance");
    let talk = block_on(talk(subject, Plan::PLAIN, Plan::PLAIN));
    talk.expect_whole("undisturbed");
    talk
}

pub(super) fn every_split_is_read(subject: &LayerSubject) -> Ended {
    let whole = undisturbed(subject);
    for read in [1, 2, 3, 7, 64] {
        step(format!("read at most {read} bytes at a time"));
        let plan = Plan { read, ..Plan::PLAIN };
        block_on(talk(subject, plan, plan)).expect_whole(&format!("{read} bytes at a time"));
    }
    for at in places(whole.to_server) {
        step(format!("read what the client sends in two pieces, {at} bytes and the rest"));
        let plan = Plan { split: Some(at), ..Plan::PLAIN };
        block_on(talk(subject, Plan::PLAIN, plan)).expect_whole(&format!("split after {at} bytes"));
    }
    for at in places(whole.to_client) {
        step(format!("read what the server sends in two pieces, {at} bytes and the rest"));
        let plan = Plan { split: Some(at), ..Plan::PLAIN };
        block_on(talk(subject, plan, Plan::PLAIN)).expect_whole(&format!("split after {at} bytes"));
    }
    Ended::Passed
}

pub(super) fn every_short_write_is_continued(subject: &LayerSubject) -> Ended {
    for write in [1, 2, 3, 7, 64] {
        step(format!("write at most {write} bytes at a time"));
        let plan = Plan { write, ..Plan::PLAIN };
        block_on(talk(subject, plan, plan)).expect_whole(&format!("{write} bytes at a time"));
    }
    Ended::Passed
}

/// Returns the number of message bytes that were flushed before this many bytes below.
fn flushed(boundaries: &[usize], at: usize) -> usize {
    // The first boundary is the end of the handshake.
    let lengths = MESSAGES.iter().zip(&boundaries[1..]);
    lengths.take_while(|(_, boundary)| **boundary <= at).map(|(length, _)| length).sum()
}

pub(super) fn nothing_comes_after_the_end(subject: &LayerSubject) -> Ended {
    let boundaries = undisturbed(subject).boundaries;
    let [.., from, to, sent] = boundaries[..] else { unreachable!("a conversation has messages and an end") };
    if to == sent {
        return Ended::DoesNotApply("its framing has no end of its own".to_owned());
    }
    step("send the last message again after the end");
    let plan = Plan { again: Some(Again { from, to, sent }), ..Plan::PLAIN };
    // The layer may report an error or not.
    if let Ok(Received { bytes, .. }) = block_on(talk(subject, Plan::PLAIN, plan)).server {
        let more = bytes.len().saturating_sub(question().len());
        assert!(
            question().starts_with(&bytes),
            "{more} bytes were read after the end of the sender's direction"
        );
    }
    Ended::Passed
}

pub(super) fn a_cut_off_frame_is_an_error(subject: &LayerSubject) -> Ended {
    let whole = undisturbed(subject);
    for at in places(whole.to_server) {
        step(format!("cut what the client sends off after {at} of {} bytes", whole.to_server));
        let plan = Plan { stop: Some((at, Stop::End)), ..Plan::PLAIN };
        let cut = block_on(talk(subject, Plan::PLAIN, plan));
        // A handshake that failed is an error too.
        let Ok(Received { bytes, end }) = cut.server else { continue };
        assert!(question().starts_with(&bytes), "{} bytes arrived changed", bytes.len());
        if cut.boundaries.is_empty() {
            continue;
        }
        let whole_before = flushed(&cut.boundaries, at);
        assert!(
            bytes.len() >= whole_before,
            "{} bytes were read of {whole_before} that arrived in whole frames",
            bytes.len()
        );
        if end.is_ok() {
            assert!(
                cut.boundaries.contains(&at) && bytes.len() == whole_before,
                "{at} bytes are not the end of a frame (those are {:?}), and the reader sees an orderly end after {} \
                 bytes",
                cut.boundaries,
                bytes.len()
            );
        }
    }
    Ended::Passed
}
