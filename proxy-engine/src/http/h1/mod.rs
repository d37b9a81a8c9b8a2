//! HTTP/1 on connections: the codec of `proxy-http` between a stream and the two traits of an exchange.

mod back;
mod front;
mod input;
mod output;

pub(crate) use back::Back;
pub(crate) use front::Front;
