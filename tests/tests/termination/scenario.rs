//! What a row of the table is: the configuration, the script of both peers, and the expected line.

use braid_tests::program::Version;

/// One way in which a session ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Unique in its group.
    pub(crate) name: &'static str,
    /// Lines of the section `global`.
    pub(crate) global: &'static str,
    /// Lines of the frontend `front`.
    pub(crate) front: &'static str,
    /// The option that chooses what is logged, if any.
    pub(crate) log: &'static str,
    /// Lines of the backend `back`, its servers included; of nothing there is no backend.
    ///
    /// `{server}` is the server of the script, `{closed}` refuses connections, `{full}` does not answer, `{port}` is a
    /// port that nobody has, `{health}` is the port that answers health checks.
    pub(crate) back: &'static str,
    /// What the peers do, in this order.
    pub(crate) script: &'static [Step],
    /// What is logged of the connection of [`Peer::Client`].
    pub(crate) outcome: Outcome,
    /// What Braid logs instead, where it means to differ; the note says why.
    pub(crate) braid: Option<Outcome>,
    /// The first version of HAProxy that is known to do so.
    pub(crate) since: Version,
    /// What is worth knowing about the row, and what older versions do.
    pub(crate) note: &'static str,
}

/// What a row does not say.
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

/// Whose socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Peer {
    /// Whose connection the expected line is about.
    Client,
    /// What it reaches.
    Server,
    /// Who holds the slot that the client wants.
    Occupant,
    /// What the occupant reached.
    OccupantServer,
}

/// One thing that a peer does or waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A client connects to the frontend.
    Connect(Peer),
    /// A client with a small receive buffer does.
    ConnectNarrow(Peer),
    /// The next connection that reaches `{server}` is this peer; the program under test knows that it is there.
    Accept(Peer),
    /// As many bytes are sent,
    Send(Peer, usize),
    /// and arrive,
    Recv(Peer, usize),
    /// or wait in the receive queue, unread.
    Unread(Peer, usize),
    /// As many bytes and a FIN are sent in the background, as fast as they are taken.
    Pour(Peer, usize),
    /// The sending direction is closed,
    Fin(Peer),
    /// and the other side sees it.
    Eof(Peer),
    /// The connection is reset,
    Reset(Peer),
    /// or closed without a look at what has arrived,
    Close(Peer),
    /// and the other side sees that it is over, in whatever way. Not for one that has seen a FIN: to it the connection
    /// is over already as far as it can see.
    Gone(Peer),
    /// The program under test has taken all connections, and has nothing to do until something happens.
    Taken,
    /// A command on the runtime socket.
    Admin(&'static str),
    /// Health checks are answered from now on, or refused.
    Health(bool),
    /// A line with this text is logged.
    Logged(&'static str),
    /// The program under test is told to stop softly.
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
    /// Nothing.
    Silence,
    /// Nothing, and the program under test ends by itself.
    Exit,
}
