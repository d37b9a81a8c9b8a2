//! How a session ended, in the two letters that operators of HAProxy know: what ended it, and in which phase.

use std::fmt;

use proxy_relay::{Closing, Ended, NoMemory, Outcome, Side};

/// What ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// `-`: both sides closed in order.
    Normal,
    /// `L`: the proxy replied itself.
    Local,
    /// `c`: a timeout expired while the client was waited for.
    ClientTimeout,
    /// `C`: the client aborted.
    Client,
    /// `s`: a timeout expired while the server, a slot or a connection was waited for.
    ServerTimeout,
    /// `S`: the server aborted or refused, or there was none.
    Server,
    /// `P`: the proxy refused it by a rule or a limit.
    Proxy,
    /// `R`: descriptors, memory or ports ran out.
    Resource,
    /// `I`: an internal error.
    Internal,
    /// `D`: the server was found to be down.
    Down,
    /// `K`: the operator of the proxy ended it.
    Killed,
    /// `U`: a better server came up.
    Up,
}

/// In which phase a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// `-`: after its last phase.
    Over,
    /// `R`: waiting for a request.
    Request,
    /// `C`: connecting to the server.
    Connect,
    /// `H`: waiting for the head of a response.
    Headers,
    /// `D`: relaying bytes.
    Data,
    /// `L`: sending the last bytes to the client, after the server has closed.
    Last,
    /// `Q`: waiting for a slot.
    Queue,
    /// `T`: held in a tarpit.
    Tarpit,
    /// `S`: setting the connection up: a layer's handshake, before anything was read. Braid's own letter.
    Setup,
}

/// How a session ended: its cause and its stage, `--` for one that ended normally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Termination {
    /// What ended it.
    pub cause: Cause,
    /// The phase in which it ended.
    pub stage: Stage,
}

impl Cause {
    /// Returns its letter.
    pub const fn letter(self) -> char {
        match self {
            Cause::Normal => '-',
            Cause::Local => 'L',
            Cause::ClientTimeout => 'c',
            Cause::Client => 'C',
            Cause::ServerTimeout => 's',
            Cause::Server => 'S',
            Cause::Proxy => 'P',
            Cause::Resource => 'R',
            Cause::Internal => 'I',
            Cause::Down => 'D',
            Cause::Killed => 'K',
            Cause::Up => 'U',
        }
    }
}

impl Stage {
    /// Returns its letter.
    pub const fn letter(self) -> char {
        match self {
            Stage::Over => '-',
            Stage::Request => 'R',
            Stage::Connect => 'C',
            Stage::Headers => 'H',
            Stage::Data => 'D',
            Stage::Last => 'L',
            Stage::Queue => 'Q',
            Stage::Tarpit => 'T',
            Stage::Setup => 'S',
        }
    }
}

impl From<NoMemory> for Termination {
    /// Of a session for whose first bytes there is no memory.
    fn from(_: NoMemory) -> Termination {
        Termination::new(Cause::Resource, Stage::Request)
    }
}

impl Termination {
    /// The end of a session whose sides both closed normally: `--`.
    pub const NORMAL: Termination = Termination::new(Cause::Normal, Stage::Over);

    /// Returns an end with this cause in this stage.
    pub const fn new(cause: Cause, stage: Stage) -> Termination {
        Termination { cause, stage }
    }

    /// Returns how a relay ended.
    pub fn of(outcome: &Outcome) -> Termination {
        let (cause, stage) = match &outcome.ended {
            Ended::Fin { .. } => return Termination::NORMAL,
            Ended::Failed { side: Side::Client, .. } => (Cause::Client, Stage::Data),
            Ended::Failed { side: Side::Server, .. } => (Cause::Server, Stage::Data),
            Ended::TimedOut { side: Side::Server, .. } => (Cause::ServerTimeout, Stage::Data),
            Ended::TimedOut { side: Side::Client, .. } => {
                let server_is_done = outcome.to_server.fin.is_some() && outcome.to_client.fin.is_some();
                (Cause::ClientTimeout, if server_is_done { Stage::Last } else { Stage::Data })
            }
            Ended::Killed => (Cause::Killed, Stage::Data),
            Ended::NoMemory => (Cause::Resource, Stage::Data),
            // A rule that closes the server's connection is no fault of anybody's, as in HAProxy.
            Ended::Refused { server: Closing::Reset } => return Termination::NORMAL,
            Ended::GateFailed => (Cause::Internal, Stage::Data),
            Ended::Refused { server: Closing::Orderly | Closing::EndAndReset } => (Cause::Proxy, Stage::Data),
        };
        Termination::new(cause, stage)
    }

    /// Returns the letters of the cause and of the stage.
    pub const fn letters(self) -> [u8; 2] {
        [self.cause.letter() as u8, self.stage.letter() as u8]
    }

    /// Returns whether it deserves more attention than others.
    pub fn is_error(self) -> bool {
        !matches!(self.cause, Cause::Normal | Cause::Local)
    }
}

impl fmt::Display for Termination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.cause.letter(), self.stage.letter())
    }
}
