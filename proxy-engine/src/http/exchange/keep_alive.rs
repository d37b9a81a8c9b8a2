//! Keep-alive: whether the connections of both sides are kept after an exchange.
//!
//! The options decide here (`policy/closing.rs` has their values). The codecs get the decision with the heads, as a
//! [`Continuation`], and may still close, since a message can end its connection: for HTTP/1 see `h1/front.rs` and
//! `h1/back.rs`. After a reply of the proxy `reply.rs` decides. The client's connection continues in `http/serial.rs`,
//! the server's in `server_connection.rs`.

use proxy_http::Method;

use super::Exchange;
use crate::exchange::Continuation;
use crate::exchange::front::{FrontExchange, RequestFacts};
use crate::policy::Closing;

impl Exchange<'_> {
    /// Returns whether the client's connection is to be closed after the exchange.
    pub(super) fn closes_client(&self) -> bool {
        Closing::closes_client(self.policy.closing) || self.connection.worker.is_stopping()
    }

    /// Returns whether the server's connection is to be closed after the exchange.
    pub(super) fn closes_server(&self) -> bool {
        Closing::closes_server(self.policy.closing, self.back_policy().closing)
    }

    /// Returns what the server is told to expect after the request.
    pub(super) fn after_request(&self, facts: &RequestFacts) -> Continuation {
        // Rules may have removed the offer.
        let offers = facts.upgrade && self.messages.request.fields().has(b"upgrade");
        match offers || self.method == Method::Connect {
            true => Continuation::Tunnel,
            false if self.closes_server() && !self.back_policy().switches.pretend_keep_alive => {
                Continuation::Close
            }
            false => Continuation::KeepAlive,
        }
    }

    /// Returns what the client is told to expect after the response; `then` is what the server has announced.
    pub(super) fn after_response(&self, then: Continuation, front: &dyn FrontExchange) -> Continuation {
        match then {
            Continuation::KeepAlive if self.closes_client() || self.is_refused_tunnel(front) => {
                Continuation::Close
            }
            then => then,
        }
    }

    /// Returns whether the response refuses a tunnel for which the client may already have sent bytes, which must not
    /// be read as requests. After a refused upgrade the client may continue with HTTP if nothing has arrived; after a
    /// refused CONNECT it is not expected to.
    pub(super) fn is_refused_tunnel(&self, front: &dyn FrontExchange) -> bool {
        self.method == Method::Connect || (self.offers_upgrade && front.unread() > 0)
    }
}
