//! HTTP/1 on connections: the two traits of an exchange, implemented on a stream with the codec of `proxy-http`.

mod back;
mod front;
mod input;
mod output;

use std::rc::Rc;

use proto_core::stream::Stream;

use crate::exchange::back::Back;
use crate::exchange::codec::Codec;
use crate::exchange::front::Front;
use crate::exchange::memory::Memory;
use crate::policy::HttpPolicy;

/// The codec of HTTP/1, for both sides.
pub(crate) const CODEC: Codec = Codec {
    front: |stream, policy, memory| front(stream, policy, memory, false),
    back: |stream, policy, memory| {
        let back = back::H1Back::new(stream, policy.response_limits, policy.server_names.clone(), memory);
        Back::Serial(Box::new(back))
    },
};

/// Makes the front of a client's connection that may carry only HTTP/1: the preface of HTTP/2 is answered with an
/// error.
pub(crate) fn front_alone(stream: Box<dyn Stream>, policy: &HttpPolicy, memory: &Rc<Memory>) -> Front {
    front(stream, policy, memory, true)
}

fn front(stream: Box<dyn Stream>, policy: &HttpPolicy, memory: &Rc<Memory>, is_alone: bool) -> Front {
    let names = policy.client_names.clone();
    Front::Serial(Box::new(front::H1Front::new(stream, policy.request_limits, names, memory, is_alone)))
}
