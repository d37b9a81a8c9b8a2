//! The suite of a layer, over connections in memory: bytes, handshakes and ends.
//!
//! ```ignore
//! use proto_core::conformance::{LayerSubject, LayerTrait, layer_suite};
//!
//! fn lz() -> LayerSubject {
//!     LayerSubject::new(proto_lz::layer()).without(LayerTrait::Handshake, "it has none")
//! }
//! layer_suite!(lz);
//! ```

mod ends;
mod forwarding;
mod framing;
mod handshake;
mod moving;
mod talk;
mod wire;

use std::sync::Arc;

use super::harness::watched;
use super::{Ended, message};
use crate::layer::Layer;
use crate::spec::Target;

/// A layer under test, and what applies to it.
#[derive(Debug)]
pub struct LayerSubject {
    accepting: Arc<dyn Layer>,
    connecting: Arc<dyn Layer>,
    target: Target,
    without: Vec<(LayerTrait, &'static str)>,
}

/// A capability that a layer may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerTrait {
    /// Bytes of its own before those of the application.
    Handshake,
    /// Frames, by which it can detect that the bytes end too early.
    Framing,
    /// Changing bytes for the life of the connection, rather than only having a handshake.
    Touching,
    /// Closing one direction.
    HalfClose,
}

impl LayerSubject {
    /// Returns a subject with all capabilities, for a layer that serves both sides.
    pub fn new(layer: Arc<dyn Layer>) -> LayerSubject {
        LayerSubject {
            accepting: Arc::clone(&layer),
            connecting: layer,
            target: Target::new(crate::memory::address("server")),
            without: Vec::new(),
        }
    }

    /// Sets another value of the layer for the connecting side, if the line of a server makes a different one.
    #[must_use]
    pub fn connecting(mut self, layer: Arc<dyn Layer>) -> LayerSubject {
        self.connecting = layer;
        self
    }

    /// Sets the target that is passed to the connecting side.
    #[must_use]
    pub fn target(mut self, target: Target) -> LayerSubject {
        self.target = target;
        self
    }

    /// Declares a capability that it lacks, and why.
    #[must_use]
    pub fn without(mut self, lacking: LayerTrait, why: &'static str) -> LayerSubject {
        self.without.push((lacking, why));
        self
    }

    fn lacks(&self, wanted: LayerTrait) -> Option<&'static str> {
        self.without.iter().find(|(lacking, _)| *lacking == wanted).map(|(_, why)| *why)
    }
}

/// A case of the suite.
struct Case {
    name: &'static str,
    needs: Option<LayerTrait>,
    expects: &'static str,
    run: fn(&LayerSubject) -> Ended,
}

const fn case(name: &'static str, run: fn(&LayerSubject) -> Ended, expects: &'static str) -> Case {
    Case { name, needs: None, expects, run }
}

impl Case {
    const fn needs(mut self, needed: LayerTrait) -> Case {
        self.needs = Some(needed);
        self
    }
}

/// All cases, in the order of the suite.
const CASES: &[Case] = &[
    case(
        "bytes_arrive_intact_both_ways",
        moving::bytes_arrive_intact_both_ways,
        "several MiB arrive as they were sent, in both directions at once",
    ),
    case(
        "every_split_is_read",
        framing::every_split_is_read,
        "bytes may arrive in any pieces: handshake and frames are reassembled",
    ),
    case(
        "every_short_write_is_continued",
        framing::every_short_write_is_continued,
        "if the stream below accepts a part of a write, the rest follows",
    ),
    case(
        "a_cut_off_frame_is_an_error",
        framing::a_cut_off_frame_is_an_error,
        "an end of file in the middle of a frame is an error and not an end, and everything before it is delivered",
    )
    .needs(LayerTrait::Framing),
    case(
        "nothing_comes_after_the_end",
        framing::nothing_comes_after_the_end,
        "after the end of the peer's direction there are no more bytes, whatever the peer sends",
    )
    .needs(LayerTrait::HalfClose),
    case(
        "a_cut_off_handshake_is_an_error",
        handshake::a_cut_off_handshake_is_an_error,
        "an end of file in the middle of the handshake is an error, on both sides",
    )
    .needs(LayerTrait::Handshake),
    case(
        "junk_is_an_error",
        handshake::junk_is_an_error,
        "junk instead of a handshake or a frame is an error: no panic, no endless wait, no bytes delivered",
    ),
    case(
        "a_peer_that_stops_is_waited_for",
        handshake::a_peer_that_stops_is_waited_for,
        "a peer that stops in the middle is waited for without spinning, and dropping the wait closes the stream \
         below",
    ),
    case(
        "flush_delivers_what_was_accepted",
        moving::flush_delivers_what_was_accepted,
        "after `poll_flush` the peer can read everything that was written",
    ),
    case(
        "half_close_leaves_the_other_direction",
        ends::half_close_leaves_the_other_direction,
        "`poll_shutdown` delivers what is held, the peer reads the end, and the other direction stays open",
    )
    .needs(LayerTrait::HalfClose),
    case(
        "ending_delivers_what_was_accepted",
        ends::ending_delivers_what_was_accepted,
        "what was written arrives even if the stream is dropped after a flush or a shutdown and before the peer reads",
    ),
    case(
        "dropping_closes_the_stream_below",
        ends::dropping_closes_the_stream_below,
        "a stream that is dropped or aborted drops or aborts the one below",
    ),
    case(
        "back_pressure_is_bounded",
        moving::back_pressure_is_bounded,
        "a writer waits when the peer does not read: a layer holds no more than 1 MiB",
    ),
    case(
        "detach_keeps_what_is_held",
        moving::detach_keeps_what_is_held,
        "bytes that were read ahead and bytes that are not yet written move to another worker",
    ),
    case(
        "vectored_and_empty_writes",
        moving::vectored_and_empty_writes,
        "several slices are sent in one write, and an empty write is Ok(0) and leaves no trace",
    ),
    case(
        "info_names_the_layer",
        forwarding::info_names_the_layer,
        "`info()` lists the layer before those below while it changes bytes, and no longer",
    ),
    case(
        "every_call_is_forwarded",
        forwarding::every_call_is_forwarded,
        "addresses, options, original destination, path events and abort are those of the stream below, and nothing is \
         spliced past a layer that changes bytes",
    ),
];

/// Runs a case of a layer's suite. Called by the tests that [`layer_suite!`](crate::conformance_layer_suite) makes.
///
/// # Panics
/// Panics if the case fails, as a test does.
pub fn run_layer(name: &str, module: &str, subject: fn() -> LayerSubject) {
    let case = CASES.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("unknown case {name}"));
    let run = case.run;
    let ended = match case.needs.and_then(|needed| subject().lacks(needed)) {
        Some(why) => Ended::DoesNotApply(why.to_owned()),
        None => watched(case.name, move || run(&subject())).unwrap_or_else(|failure| {
            let needed = case.needs.map(|needed| format!("LayerTrait::{needed:?}"));
            panic!("{}", message(case.name, case.expects, failure, needed.as_deref()))
        }),
    };
    super::report(name, module, &ended);
}

/// Makes one test for each case of the suite of a layer, in a module with the name of the function that returns the
/// [`LayerSubject`].
#[macro_export]
macro_rules! conformance_layer_suite {
    ($subject:ident) => {
        $crate::conformance_layer_suite!(@cases $subject;
            bytes_arrive_intact_both_ways
            every_split_is_read
            every_short_write_is_continued
            a_cut_off_frame_is_an_error
            nothing_comes_after_the_end
            a_cut_off_handshake_is_an_error
            junk_is_an_error
            a_peer_that_stops_is_waited_for
            flush_delivers_what_was_accepted
            half_close_leaves_the_other_direction
            ending_delivers_what_was_accepted
            dropping_closes_the_stream_below
            back_pressure_is_bounded
            detach_keeps_what_is_held
            vectored_and_empty_writes
            info_names_the_layer
            every_call_is_forwarded
        );
    };
    (@cases $subject:ident; $($case:ident)*) => {
        mod $subject {
            $(
                #[test]
                fn $case() {
                    $crate::conformance::run_layer(stringify!($case), module_path!(), super::$subject);
                }
            )*
        }
    };
}
