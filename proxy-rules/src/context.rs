//! What rules may look at and change.

use proto_core::address::Address;
use proto_core::stream::Stream;
use proxy_http::{Request, Response};

/// What the engine tells of a session. Cheap: nothing here makes a system call but what a stream is asked for.
pub trait Session {
    /// The client.
    fn source(&self) -> &Address;

    /// The address that the client connected to.
    fn destination(&self) -> &Address;

    /// The name of the listener, if its line has one.
    fn listener_name(&self) -> Option<&str>;

    /// The frontend it came in through.
    fn frontend_name(&self) -> &str;

    /// The backend it was led to, once it is known.
    fn backend_name(&self) -> Option<&str>;

    /// The client's connection.
    fn client(&self) -> &dyn Stream;
}

/// What the rules of one hook point see.
pub struct Context<'a> {
    /// The session.
    pub session: &'a dyn Session,
    /// The request; there is none in TCP mode.
    pub request: Option<&'a mut Request>,
    /// The response, once there is one.
    pub response: Option<&'a mut Response>,
}
