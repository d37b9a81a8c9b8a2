//! Tests of the layer suite: three correct layers pass it, and each fault planted in one is found by the case that is
//! meant to find it.

mod frames;
mod greeting;
mod shifted;

use std::panic::catch_unwind;
use std::sync::Arc;

use proto_core::conformance::{LayerSubject, LayerTrait, layer_suite, run_layer};

use frames::{Fault, Frames};
use greeting::Greeting;
use shifted::Shifted;

fn framed() -> LayerSubject {
    LayerSubject::new(Arc::new(Frames { fault: Fault::None }))
}

fn plain() -> LayerSubject {
    LayerSubject::new(Arc::new(Shifted))
        .without(LayerTrait::Handshake, "both ends start at once")
        .without(LayerTrait::Framing, "it has no frames")
}

fn one_shot() -> LayerSubject {
    LayerSubject::new(Arc::new(Greeting))
        .without(LayerTrait::Framing, "it reads one line")
        .without(LayerTrait::Touching, "what follows its line passes unchanged")
}

layer_suite!(framed);
layer_suite!(one_shot);
layer_suite!(plain);

/// Defines a test that a case finds a fault, with these words in its message.
macro_rules! found {
    ($($fault:ident by $case:ident says $words:literal;)*) => {
        $(
            #[test]
            #[allow(non_snake_case, reason = "named like the fault")]
            fn $fault() {
                let faulty = || LayerSubject::new(Arc::new(Frames { fault: Fault::$fault }));
                let found = catch_unwind(|| run_layer(stringify!($case), module_path!(), faulty));
                let panic = found.expect_err("the fault is not found");
                let text = panic.downcast_ref::<String>().expect("a message");
                assert!(text.contains($words), "{text}");
                for part in [stringify!($case), "step: ", "found: ", "expected: ", "without: "] {
                    assert!(text.contains(part), "the message has no '{part}': {text}");
                }
            }
        )*
    };
}

found! {
    EndsInAFrame by a_cut_off_frame_is_an_error says "not the end of a frame";
    GoesOn by nothing_comes_after_the_end says "undisturbed: the server read";
    FlushKeeps by flush_delivers_what_was_accepted says "the client writes 1 bytes and flushes";
    ShutdownForgets by half_close_leaves_the_other_direction says "the end";
    HoldsAll by back_pressure_is_bounded says "although the peer does not read";
    HeadersAtOnce by every_split_is_read says "bytes at a time";
    WritesAtOnce by every_short_write_is_continued says "bytes at a time";
    GreetsAnEnd by a_cut_off_handshake_is_an_error says "the handshake of the server succeeds";
    TakesJunk by junk_is_an_error says "the handshake succeeds";
    Spins by a_peer_that_stops_is_waited_for says "it spins";
    FramesNothing by vectored_and_empty_writes says "a write of nothing";
    OneSlice by vectored_and_empty_writes says "three slices with 13";
    Nameless by info_names_the_layer says "the layers that change bytes";
}
