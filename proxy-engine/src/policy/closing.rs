//! When connections are closed after a response: `option httpclose` and its like.

/// When connections are closed. The last option of a section counts.
///
/// Those of the frontend and of the backend are combined as in HAProxy: the client's connection is closed by
/// [`Both`](Self::Both) of the frontend; the server's by [`Server`](Self::Server) of either, and by `Both` of the
/// backend. See [`closes_client`](Self::closes_client) and [`closes_server`](Self::closes_server).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// Not by the proxy: `option http-keep-alive`, and the default.
    #[default]
    KeepAlive,
    /// The server's, after each response: `option http-server-close`.
    Server,
    /// Both, after each response: `option httpclose`.
    Both,
}

impl Closing {
    /// Whether the client is told that its connection ends with the response.
    pub fn closes_client(frontend: Closing) -> bool {
        frontend == Closing::Both
    }

    /// Whether the server is told that its connection ends with the request.
    pub fn closes_server(frontend: Closing, backend: Closing) -> bool {
        frontend == Closing::Server || backend != Closing::KeepAlive
    }
}
