//! A fact about a scrambled connection, for rules and logs.

use proto_core::extension::{SampleFetch, SampleType, Side};

/// The name of the sample, and of the fact in `info()` that it reads.
pub(super) const BYTES: &str = "scr_bytes";

pub(crate) const SAMPLE: SampleFetch = SampleFetch {
    name: BYTES,
    side: Side::Client,
    gives: SampleType::Integer,
    help: "bytes of a scrambled connection so far, both ways",
    // Any stream may be asked, so the answer is sought in its neutral model and not by its type.
    fetch: |connection| connection.stream.info().extra(BYTES).cloned(),
};
