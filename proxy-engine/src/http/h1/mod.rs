//! HTTP/1 on connections: the codec of `proxy-http` between a stream and the two traits of an exchange.

mod back;
mod front;
mod input;
mod output;

use super::exchange::Codecs;
use back::Back;
use front::Front;

/// HTTP/1 on both sides.
pub(crate) const CODECS: Codecs = Codecs {
    front: |stream, config| Box::new(Front::new(stream, config.request_limits, config.client_names.clone())),
    back: |stream, config| Box::new(Back::new(stream, config.response_limits, config.server_names.clone())),
};
