//! What an address may hold where it stands: a `bind` wants a port and takes a range, a `server` takes an offset.

use crate::descriptor::SocketType;

/// Whether a port stands in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortRule {
    /// None may stand there.
    Forbidden,
    /// May be left out.
    Optional,
    /// Has to be there.
    Mandatory,
}

/// What an address may hold in one place of the language. HAProxy's `PA_O_*` flags, typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether a port stands there.
    pub port: PortRule,
    /// Whether port 0, "any free port", is accepted where a port is mandatory.
    pub any_port: bool,
    /// Whether a range is accepted: of ports, `low-high`, or of hosts of a transport's family.
    pub range: bool,
    /// Whether `+N` and `-N`, relative to the port of the incoming connection, are accepted.
    pub offset: bool,
    /// Whether a name may stand there that is resolved later.
    pub names: bool,
    /// Whether an inherited socket, `fd@N`, may stand there.
    pub inherited: bool,
    /// The socket types accepted; the first is what an address without a prefix gets.
    pub types: &'static [SocketType],
    /// Whether layers may stand before the prefix.
    pub layers: bool,
    /// Whether plain datagrams are accepted. `types` speaks of the socket below: QUIC has a datagram socket and
    /// carries streams, so it may stand on a `bind` where UDP may not.
    pub datagrams: bool,
    /// Bytes kept free at the end of a path, for the temporary names a replaced socket file needs.
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
        // ".<pid>.<bak|tmp>": a dot, five digits, a dot, three letters. HAProxy keeps the same, so that a path that
        // it takes is taken here and one that it refuses is refused.
        path_reserve: 10,
    };
    /// The address of a server: the port may be left out or be relative. Datagrams too, for the servers of logs.
    pub const SERVER: Rules = Rules {
        port: PortRule::Optional,
        range: false,
        offset: true,
        inherited: false,
        datagrams: true,
        ..Rules::BIND
    };
    /// A source address: an optional port or range of them, no name.
    pub const SOURCE: Rules = Rules {
        port: PortRule::Optional,
        names: false,
        inherited: false,
        types: &[SocketType::Stream],
        layers: false,
        ..Rules::BIND
    };
    /// A peer of datagrams: they are meant unless the prefix says otherwise.
    pub const DATAGRAM: Rules = Rules {
        port: PortRule::Optional,
        range: false,
        inherited: false,
        types: &[SocketType::Datagram, SocketType::Stream],
        layers: false,
        datagrams: true,
        ..Rules::BIND
    };
    /// A log target: as [`DATAGRAM`](Self::DATAGRAM), and `fd@N`, which need not be a socket here.
    pub const LOG: Rules = Rules { inherited: true, ..Rules::DATAGRAM };
    /// A name server: as [`DATAGRAM`](Self::DATAGRAM), with its port.
    pub const NAME_SERVER: Rules = Rules { port: PortRule::Mandatory, ..Rules::DATAGRAM };

    /// These rules with port 0 accepted: the kernel picks one and `bind` tells which.
    #[must_use]
    pub const fn with_any_port(mut self) -> Rules {
        self.any_port = true;
        self
    }
}
