//! HTTP/1 on connections: the codec of `proxy-http` between a stream and the two traits of an exchange.

mod back;
mod front;
mod input;
mod output;

use proto_core::stream::Stream;

use crate::exchange::back::Back;
use crate::exchange::codec::Codec;
use crate::exchange::front::Front;
use crate::policy::HttpPolicy;

/// HTTP/1 on both sides.
pub(crate) const CODEC: Codec = Codec {
    front: |stream, policy| front(stream, policy, false),
    back: |stream, policy| {
        let back = back::H1Back::new(stream, policy.response_limits, policy.server_names.clone());
        Back::Serial(Box::new(back))
    },
};

/// HTTP/1 on a client's connection that may carry nothing else: one that begins as HTTP/2 does is told so.
pub(crate) fn front_alone(stream: Box<dyn Stream>, policy: &HttpPolicy) -> Front {
    front(stream, policy, true)
}

fn front(stream: Box<dyn Stream>, policy: &HttpPolicy, is_alone: bool) -> Front {
    let names = policy.client_names.clone();
    Front::Serial(Box::new(front::H1Front::new(stream, policy.request_limits, names, is_alone)))
}
