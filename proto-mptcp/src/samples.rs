//! Samples of a connection that only MPTCP has an answer to. They work on any stream, through its neutral model.

use proto_core::extension::{Sample, SampleType, Value};
use proto_core::info::State;
use proto_core::stream::Stream;

pub(crate) const SAMPLES: &[Sample] = &[
    Sample {
        name: "mptcp",
        gives: SampleType::Bool,
        help: "whether the connection really is MPTCP",
        fetch: |stream| Some(Value::Bool(is_mptcp(stream))),
    },
    Sample {
        name: "mptcp_paths",
        gives: SampleType::Integer,
        help: "paths of an MPTCP connection at this moment",
        fetch: |stream| is_mptcp(stream).then(|| Value::Integer(stream.info().paths.len() as u64)),
    },
];

fn is_mptcp(stream: &dyn Stream) -> bool {
    let info = stream.info();
    info.transport.starts_with("mptcp") && !matches!(info.state, State::Fallback(_))
}
