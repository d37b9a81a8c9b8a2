//! The conformance suite of the in-memory transport, which keeps the same contracts as sockets.

use std::sync::{Arc, LazyLock};

use proto_core::conformance::{Subject, Trait, suite};
use proto_core::memory::{MemoryTransport, address};

static NETWORK: LazyLock<MemoryTransport> = LazyLock::new(MemoryTransport::default);

fn memory() -> Subject {
    Subject::new(Arc::new(NETWORK.clone()), || address(""))
        .nobody_at(address("no-listener"))
        .without(Trait::Descriptors, "memory has no descriptors")
        .without(Trait::Paths, "memory has no paths")
}

suite!(memory);
