//! Options of HTTP that are on or off.

use proxy_config::Mode;

/// Options that are on or off. All are off by default, except `abortonclose`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// `option http-ignore-probes`, of frontends: a connection that ends without a byte of a request, or by the timeout
    /// for one, is neither logged nor counted nor answered.
    pub ignore_probes: bool,
    /// `option http-no-delay`, of both sides: what is sent is flushed at once, however small.
    pub no_delay: bool,
    /// `option http-buffer-request`, of both sides: the body is waited for, as much of it as a buffer takes, before
    /// rules are evaluated and a server is chosen. `timeout http-request` limits that.
    pub buffer_request: bool,
    /// `option prefer-last-server`, of backends: a client's next request goes to the server that has a connection for
    /// this client alone, whatever the algorithm says, unless that is one of a key.
    pub prefer_last_server: bool,
    /// `option accept-unsafe-violations-in-http-request`, of frontends.
    pub accept_unsafe_requests: bool,
    /// `option accept-unsafe-violations-in-http-response`, of backends.
    pub accept_unsafe_responses: bool,
    /// `option h1-case-adjust-bogus-client`, of frontends: the case of field names that are sent to clients is adjusted
    /// as `h1-case-adjust` says.
    pub adjust_client_case: bool,
    /// `option h1-case-adjust-bogus-server`, of backends: the same towards servers.
    pub adjust_server_case: bool,
    /// `option abortonclose`, if it is set; see [`aborts`](Self::aborts).
    pub abort_on_close: Option<bool>,
}

impl Switches {
    /// Whether a client that closes its sending direction gives up a request that has not been sent to a server yet. By
    /// default HTTP does and TCP does not, as in HAProxy 3.5.
    ///
    /// The backend's counts; the frontend's is about TLS handshakes.
    pub fn aborts(&self, mode: Mode) -> bool {
        self.abort_on_close.unwrap_or(mode == Mode::Http)
    }
}
