//! Samples of a connection that only MPTCP has an answer to. They work on any stream, through its neutral model.

use proto_core::extension::{SampleFetch, SampleType, Value};
use proto_core::info::{ConnectionInfo, State};

pub(crate) const SAMPLES: &[SampleFetch] = &[
    SampleFetch {
        name: "mptcp",
        gives: SampleType::Bool,
        help: "whether the connection really is MPTCP",
        fetch: |stream| Some(Value::Bool(is_mptcp(&stream.info()))),
    },
    SampleFetch {
        name: "mptcp_paths",
        gives: SampleType::Integer,
        help: "paths of an MPTCP connection at this moment",
        fetch: |stream| {
            let info = stream.info();
            is_mptcp(&info).then_some(Value::Integer(info.paths.len() as u64))
        },
    },
];

fn is_mptcp(info: &ConnectionInfo) -> bool {
    info.transport.starts_with("mptcp") && !matches!(info.state, State::Fallback(_))
}
