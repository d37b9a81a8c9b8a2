//! When connections are closed after a response: `option httpclose` and related options.

/// Which connections are closed after a response. The last option of a section counts.
///
/// The values of the frontend and of the backend are combined as in HAProxy: the client's connection is closed by
/// [`Both`](Self::Both) of the frontend; the server's by [`Server`](Self::Server) of either, and by `Both` of the
/// backend. See [`closes_client`](Self::closes_client) and [`closes_server`](Self::closes_server).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// None by the proxy: `option http-keep-alive`, and the default.
    #[default]
    KeepAlive,
    /// The server's connection, after each response: `option http-server-close`.
    Server,
    /// Both connections, after each response: `option httpclose`.
    Both,
}

impl Closing {
    /// Returns whether the client is told that its connection ends with the response.
    pub fn closes_client(frontend: Closing) -> bool {
        frontend == Closing::Both
    }

    /// Returns whether the server is told that its connection ends with the request.
    pub fn closes_server(frontend: Closing, backend: Closing) -> bool {
        frontend == Closing::Server || backend != Closing::KeepAlive
    }
}
