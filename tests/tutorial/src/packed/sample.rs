//! Samples of how many bytes the layer has saved, on either side, for rules and logs.

use proto_core::extension::{SampleFetch, SampleType, Sampled, Side, Value};

/// The name of the client's sample, and of the fact in `info()` that both samples read.
pub(super) const SAVED: &str = "pack_saved";

pub(crate) const SAMPLE: SampleFetch = SampleFetch {
    name: SAVED,
    side: Side::Client,
    gives: SampleType::Integer,
    help: "bytes that pack+ has saved on the client's connection, in both directions",
    fetch: saved,
};

pub(crate) const SERVER_SAMPLE: SampleFetch = SampleFetch {
    name: "pack_server_saved",
    side: Side::Server,
    help: "bytes that pack+ has saved on the server's connection, in both directions",
    ..SAMPLE
};

fn saved(connection: &Sampled<'_>) -> Option<Value> {
    connection.stream.info().extra(SAVED).cloned()
}
