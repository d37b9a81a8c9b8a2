//! A row of the table: the configuration, the script of both peers, and the expected line.

use braid_tests::program::Version;

/// A way in which a session ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The name, unique in its group.
    pub(crate) name: &'static str,
    /// Lines of the section `global`.
    pub(crate) global: &'static str,
    /// Lines of the frontend `front`.
    pub(crate) front: &'static str,
    /// The option that chooses what is logged, if any.
    pub(crate) log: &'static str,
    /// Lines of the backend `back`, including its servers; empty if there is no backend.
    ///
    /// `{server}` is the server of the script, `{closed}` refuses connections, `{full}` does not answer, `{port}` is a
    /// free port, `{health}` is the port that answers health checks.
    pub(crate) back: &'static str,
    /// The actions of the peers, in this order.
    pub(crate) script: &'static [Step],
    /// The log line of the connection of [`Peer::Client`].
    pub(crate) outcome: Outcome,
    /// What Braid logs instead, where it intends to differ; the note says why.
    pub(crate) braid: Option<Outcome>,
    /// The first version of HAProxy that is known to do so.
    pub(crate) since: Version,
    /// Remarks about the row, and what older versions do.
    pub(crate) note: &'static str,
}

/// The defaults of a row.
pub(crate) const ROW: Row = Row {
    name: "",
    global: "",
    front: "",
    log: "option tcplog",
    back: "server s1 {server}",
    script: &[],
    outcome: Outcome::Silence,
    braid: None,
    since: Version(2, 6),
    note: "",
};

/// The owner of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Peer {
    /// The client that the expected line is about.
    Client,
    /// The server that it reaches.
    Server,
    /// The client that holds the slot that the other client wants.
    Occupant,
    /// The server that the occupant has reached.
    OccupantServer,
}

/// An action of a peer, or something that it waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A client connects to the frontend.
    Connect(Peer),
    /// A client with a small receive buffer does.
    ConnectNarrow(Peer),
    /// The next connection that reaches `{server}` belongs to this peer; the program under test knows that it is
    /// established.
    Accept(Peer),
    /// Sends this many bytes.
    Send(Peer, usize),
    /// Receives this many bytes.
    Recv(Peer, usize),
    /// Waits until this many bytes are in the receive queue, and does not read them.
    Unread(Peer, usize),
    /// Sends this many bytes and a FIN in the background, as fast as they are taken.
    Pour(Peer, usize),
    /// Closes the sending direction.
    Fin(Peer),
    /// Waits for the end of the other side's direction.
    Eof(Peer),
    /// Resets the connection.
    Reset(Peer),
    /// Closes the connection without reading what has arrived.
    Close(Peer),
    /// Waits until the connection is closed or reset. Not for a peer that has seen a FIN: for it the connection has
    /// ended already.
    Gone(Peer),
    /// Waits until the program under test has accepted all connections, and is idle.
    Taken,
    /// Sends a command on the runtime socket.
    Admin(&'static str),
    /// Answers health checks from now on, or refuses them.
    Health(bool),
    /// Waits for a log line with this text.
    Logged(&'static str),
    /// Tells the program under test to stop softly.
    SoftStop,
}

/// What is logged. For patterns see [`braid_tests::log_line`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// A line of `option tcplog` at level "info".
    Info(&'static str),
    /// A line of `option tcplog` at level "err".
    Error(&'static str),
    /// Another line, with `{client}` and `{front}` for their addresses.
    Text(&'static str),
    /// No line is logged.
    Silence,
    /// No line is logged, and the program under test ends by itself.
    Exit,
}
