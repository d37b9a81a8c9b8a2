//! HTTP options that are on or off.

use proxy_config::Mode;

/// Options that are on or off. All are off by default, except `abortonclose`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// `option http-ignore-probes`, of frontends: a connection that ends without a byte of a request, or by the timeout
    /// for one, is neither logged nor counted nor answered.
    pub ignore_probes: bool,
    /// `option http-no-delay`, of both sides: what is sent is flushed at once, however small.
    pub no_delay: bool,
    /// `option http-pretend-keepalive`, of backends: a server is not told that its connection is closed after its
    /// response, since some respond in another way then.
    pub pretend_keep_alive: bool,
    /// `option http-buffer-request`, of both sides: rules are evaluated and a server is chosen only after the body, or
    /// as much of it as fits in a buffer, has been received. `timeout http-request` limits the wait.
    pub buffer_request: bool,
    /// `option prefer-last-server`, of backends: a client's next request goes to the server to which there is a
    /// connection for this client alone, whatever the algorithm, unless that one uses a key.
    pub prefer_last_server: bool,
    /// `option accept-unsafe-violations-in-http-request`, of frontends.
    pub accept_unsafe_requests: bool,
    /// `option accept-unsafe-violations-in-http-response`, of backends.
    pub accept_unsafe_responses: bool,
    /// `option h1-case-adjust-bogus-client`, of frontends: field names are sent to clients in the case that
    /// `h1-case-adjust` sets.
    pub adjust_client_case: bool,
    /// `option h1-case-adjust-bogus-server`, of backends: the same towards servers.
    pub adjust_server_case: bool,
    /// `option abortonclose`, if it is set; see [`aborts`](Self::aborts).
    pub abort_on_close: Option<bool>,
}

impl Switches {
    /// Returns whether a client that closes its sending direction aborts a request that has not been sent to a server
    /// yet, or in mode tcp a session without a server. By default that is so in mode http and not in mode tcp, as in HAProxy 3.5.
    ///
    /// The backend's value counts; the frontend's is about TLS handshakes.
    pub fn aborts(&self, mode: Mode) -> bool {
        self.abort_on_close.unwrap_or(mode == Mode::Http)
    }
}
