//! HTTP/1 on connections: the codec of `proxy-http` between a stream and the two traits of an exchange.

mod back;
mod front;
mod input;
mod output;

use crate::exchange::back::Back;
use crate::exchange::codec::Codec;
use crate::exchange::front::Front;

/// HTTP/1 on both sides.
pub(crate) const CODEC: Codec = Codec {
    front: |stream, policy| {
        let front = front::H1Front::new(stream, policy.request_limits, policy.client_names.clone());
        Front::Serial(Box::new(front))
    },
    back: |stream, policy| {
        let back = back::H1Back::new(stream, policy.response_limits, policy.server_names.clone());
        Back::Serial(Box::new(back))
    },
};
