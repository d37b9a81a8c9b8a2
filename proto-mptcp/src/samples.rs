//! Samples that only have values for MPTCP connections. They work on any stream, through its neutral model.

use proto_core::extension::{SampleFetch, SampleType, Side, Value};
use proto_core::info::{ConnectionInfo, State};

pub(crate) const SAMPLES: &[SampleFetch] = &[
    SampleFetch {
        name: "mptcp",
        side: Side::Client,
        gives: SampleType::Bool,
        help: "whether the connection really is MPTCP",
        fetch: |connection| Some(Value::Bool(is_mptcp(&connection.stream.info()))),
    },
    SampleFetch {
        name: "mptcp_paths",
        side: Side::Client,
        gives: SampleType::Integer,
        help: "paths of an MPTCP connection at this moment",
        fetch: |connection| {
            let info = connection.stream.info();
            is_mptcp(&info).then_some(Value::Integer(info.paths.len() as u64))
        },
    },
];

fn is_mptcp(info: &ConnectionInfo) -> bool {
    info.transport.starts_with("mptcp") && !matches!(info.state, State::Fallback(_))
}
