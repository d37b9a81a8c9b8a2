//! Keep-alive: whether the connections of both sides are kept after an exchange.
//!
//! The options decide here (`policy/closing.rs` has their values). What is decided is sent with the heads as a
//! [`Continuation`], and a codec has the last word, since a message may end its connection by itself: for HTTP/1 that is
//! `h1/front.rs` and `h1/back.rs`; after the proxy's own answers `reply.rs` has. The client's connection then goes on in `http/serial.rs`, the server's in
//! `server_connection.rs`.

use proxy_http::Method;

use super::Exchange;
use crate::exchange::Continuation;
use crate::exchange::front::{FrontExchange, RequestFacts};
use crate::policy::Closing;

impl Exchange<'_> {
    /// Whether the client's connection ends with the exchange.
    pub(super) fn closes_client(&self) -> bool {
        Closing::closes_client(self.policy.closing) || self.connection.worker.is_stopping()
    }

    /// Whether the server's does.
    pub(super) fn closes_server(&self) -> bool {
        Closing::closes_server(self.policy.closing, self.back_policy().closing)
    }

    /// What the server is told that comes after the request.
    pub(super) fn after_request(&self, facts: &RequestFacts) -> Continuation {
        // Rules may have taken the offer away.
        let offers = facts.upgrade && self.messages.request.fields().has(b"upgrade");
        match offers || self.method == Method::Connect {
            true => Continuation::Tunnel,
            false if self.closes_server() && !self.back_policy().switches.pretend_keep_alive => {
                Continuation::Close
            }
            false => Continuation::KeepAlive,
        }
    }

    /// What the client is told that comes after the response, of which the server has said what comes after it.
    pub(super) fn after_response(&self, then: Continuation, front: &dyn FrontExchange) -> Continuation {
        match then {
            Continuation::KeepAlive if self.closes_client() || self.is_refused_tunnel(front) => {
                Continuation::Close
            }
            then => then,
        }
    }

    /// Whether this is the refusal of a tunnel for which the client may have sent bytes already, which must not be read as
    /// requests. One that has asked for another protocol may go on with HTTP if nothing has come; one that has asked for
    /// a connection to another host is not expected to.
    pub(super) fn is_refused_tunnel(&self, front: &dyn FrontExchange) -> bool {
        self.method == Method::Connect || (self.offers_upgrade && front.unread() > 0)
    }
}
