//! A sample of a scrambled connection, for rules and logs.

use proto_core::extension::{SampleFetch, SampleType, Side};

/// The name of the sample, and of the fact in `info()` that it reads.
pub(super) const BYTES: &str = "scr_bytes";

pub(crate) const SAMPLE: SampleFetch = SampleFetch {
    name: BYTES,
    side: Side::Client,
    gives: SampleType::Integer,
    help: "bytes of a scrambled connection so far, in both directions",
    // It may be taken from any stream, so it reads the neutral model and not a type.
    fetch: |connection| connection.stream.info().extra(BYTES).cloned(),
};
