//! The rules for addresses in each place: a `bind` needs a port and accepts a range, a `server` accepts an offset.

use crate::descriptor::SocketType;

/// Whether an address has a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortRule {
    /// A port is not allowed.
    Forbidden,
    /// A port may be left out.
    Optional,
    /// A port is required.
    Mandatory,
}

/// What an address may contain in one place of the language: HAProxy's `PA_O_*` flags, typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether a port is allowed or required.
    pub port: PortRule,
    /// Whether port 0, "any free port", is accepted where a port is mandatory.
    pub any_port: bool,
    /// Whether a range is accepted: of ports, `low-high`, or of hosts of a transport's family.
    pub range: bool,
    /// Whether `+N` and `-N`, relative to the port of the incoming connection, are accepted.
    pub offset: bool,
    /// Whether a name is accepted, which is resolved later.
    pub names: bool,
    /// Whether an inherited socket, `fd@N`, is accepted.
    pub inherited: bool,
    /// The socket types that are accepted; the first is that of an address without a prefix.
    pub types: &'static [SocketType],
    /// Whether layers are accepted before the prefix.
    pub layers: bool,
    /// Whether plain datagrams are accepted. `types` is about the underlying socket: QUIC has a datagram socket and
    /// carries streams, so a `bind` may use it but not UDP.
    pub datagrams: bool,
    /// Bytes to keep free at the end of a path, for the temporary names needed to replace a socket file.
    pub path_reserve: usize,
}

impl Rules {
    /// A listening address: a mandatory port, a range of them, inherited sockets.
    pub const BIND: Rules = Rules {
        port: PortRule::Mandatory,
        any_port: false,
        range: true,
        offset: false,
        names: true,
        inherited: true,
        types: &[SocketType::Stream, SocketType::Datagram],
        layers: true,
        datagrams: false,
        // ".<pid>.<bak|tmp>": a dot, five digits, a dot, three letters. HAProxy reserves the same, so that both accept
        // and refuse the same paths.
        path_reserve: 10,
    };
    /// The address of a server: the port may be left out or be relative. Datagrams too, for log servers.
    pub const SERVER: Rules = Rules {
        port: PortRule::Optional,
        range: false,
        offset: true,
        inherited: false,
        datagrams: true,
        ..Rules::BIND
    };
    /// A source address: an optional port or range of ports, no name.
    pub const SOURCE: Rules = Rules {
        port: PortRule::Optional,
        names: false,
        inherited: false,
        types: &[SocketType::Stream],
        layers: false,
        ..Rules::BIND
    };
    /// A peer of datagrams, which are the default unless the prefix selects otherwise.
    pub const DATAGRAM: Rules = Rules {
        port: PortRule::Optional,
        range: false,
        inherited: false,
        types: &[SocketType::Datagram, SocketType::Stream],
        layers: false,
        datagrams: true,
        ..Rules::BIND
    };
    /// A log target: as [`DATAGRAM`](Self::DATAGRAM), and `fd@N`, which need not be a socket.
    pub const LOG: Rules = Rules { inherited: true, ..Rules::DATAGRAM };
    /// A name server: as [`DATAGRAM`](Self::DATAGRAM), with a mandatory port.
    pub const NAME_SERVER: Rules = Rules { port: PortRule::Mandatory, ..Rules::DATAGRAM };

    /// Returns these rules with port 0 accepted: the kernel chooses a port, and `bind` reports it.
    #[must_use]
    pub const fn with_any_port(mut self) -> Rules {
        self.any_port = true;
        self
    }
}
