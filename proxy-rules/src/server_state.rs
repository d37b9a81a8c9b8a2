//! The state of the connection to a server, and the codes of its failures in rules and logs.

use std::error::Error;
use std::io;

use proto_core::error::{ConnectError, Step};
use proto_core::layer::LayerError;

/// The state of the connection to a server, after at least one attempt.
#[derive(Clone, Copy, Debug)]
pub enum ServerState<'a> {
    /// There is a connection, or there was one that did not fail.
    Sound,
    /// There was a connection, and it failed.
    Broken(io::ErrorKind),
    /// The last attempt to connect failed.
    Unreached(&'a ConnectError),
}

/// The code of a failure in HAProxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) number: u16,
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// The code of failures without one of their own.
const OTHER: Code = code(6, "SOCK_ERR", "General socket error");
const PROCESS_FILES: Code = code(2, "PROC_FDLIM", "Too many sockets on the process");
const SYSTEM_FILES: Code = code(3, "SYS_FDLIM", "Too many sockets on the system");
const MEMORY: Code = code(4, "SYS_MEMLIM", "Out of system buffers");
const PROTOCOL: Code = code(5, "NOPROTO", "Protocol or address family not supported");
const SOURCE: Code = code(8, "CANT_BIND", "Can't bind to source address");
const PORTS: Code = code(9, "FREE_PORTS", "Out of local source ports on the system");
const IN_USE: Code = code(10, "ADDR_INUSE", "Local source address already in use");
const REFUSED: Code = code(47, "EREFUSED", "ECONNREFUSED returned by OS");
const RESET: Code = code(48, "ERESET", "ECONNRESET returned by OS");
const UNREACHABLE: Code = code(49, "EUNREACH", "ENETUNREACH returned by OS");
const PIPE: Code = code(57, "EPIPE", "EPIPE returned by OS");

const fn code(number: u16, name: &'static str, text: &'static str) -> Code {
    Code { number, name, text }
}

/// A failure: its code, or a text if it has none.
pub(crate) enum Failure<'a> {
    Known(Code),
    Other(&'a LayerError),
}

impl<'a> ServerState<'a> {
    /// Returns the failure, if there was one.
    pub(crate) fn failure(self) -> Option<Failure<'a>> {
        match self {
            ServerState::Sound => None,
            ServerState::Broken(kind) => Some(Failure::Known(of_kind(kind))),
            ServerState::Unreached(error) => Some(of_attempt(error)),
        }
    }
}

fn of_attempt(error: &ConnectError) -> Failure<'_> {
    if let Some(error) = handshake(error) {
        return match error.code() {
            Some(known) => Failure::Known(code(known.number, known.name, known.text)),
            None => Failure::Other(error),
        };
    }
    Failure::Known(match error {
        ConnectError::System { step, source, .. } => of_step(*step, source),
        ConnectError::Refused(_) => PROTOCOL,
        ConnectError::TimedOut { .. } => OTHER,
    })
}

/// Returns the error of the handshake, if that has failed.
fn handshake(error: &ConnectError) -> Option<&LayerError> {
    let source: &io::Error = error.source()?.downcast_ref()?;
    source.get_ref()?.downcast_ref()
}

fn of_step(step: Step, error: &io::Error) -> Code {
    match (step, error.raw_os_error()) {
        (Step::Create, Some(libc::EMFILE)) => PROCESS_FILES,
        (Step::Create, Some(libc::ENFILE)) => SYSTEM_FILES,
        (Step::Create, Some(libc::ENOBUFS | libc::ENOMEM)) => MEMORY,
        (Step::Create, Some(libc::EAFNOSUPPORT | libc::EPROTONOSUPPORT)) => PROTOCOL,
        (Step::Bind, _) => SOURCE,
        (_, Some(libc::EADDRNOTAVAIL)) => PORTS,
        (_, Some(libc::EADDRINUSE)) => IN_USE,
        _ => of_kind(error.kind()),
    }
}

fn of_kind(kind: io::ErrorKind) -> Code {
    match kind {
        io::ErrorKind::ConnectionRefused => REFUSED,
        io::ErrorKind::ConnectionReset => RESET,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => UNREACHABLE,
        io::ErrorKind::BrokenPipe => PIPE,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use proto_core::address::Address;
    use proto_core::layer::LayerCode;

    use super::*;

    fn known(error: &ConnectError) -> Code {
        match of_attempt(error) {
            Failure::Known(code) => code,
            Failure::Other(error) => panic!("{error}"),
        }
    }

    fn system(step: Step, source: io::Error) -> ConnectError {
        let address: std::net::SocketAddr = ([192, 0, 2, 1], 80).into();
        ConnectError::system(step, &Address::from(address), source)
    }

    #[test]
    fn errors_of_the_system_have_the_numbers_of_the_language() {
        for (step, errno, number) in [
            (Step::Create, libc::EMFILE, 2),
            (Step::Create, libc::ENFILE, 3),
            (Step::Create, libc::ENOMEM, 4),
            (Step::Create, libc::EAFNOSUPPORT, 5),
            (Step::Connect, libc::ENOENT, 6),
            (Step::Connect, libc::ETIMEDOUT, 6),
            (Step::Bind, libc::EADDRINUSE, 8),
            (Step::Connect, libc::EADDRNOTAVAIL, 9),
            (Step::Connect, libc::EADDRINUSE, 10),
            (Step::Connect, libc::ECONNREFUSED, 47),
            (Step::Connect, libc::ECONNRESET, 48),
            (Step::Connect, libc::ENETUNREACH, 49),
            (Step::Connect, libc::EHOSTUNREACH, 49),
        ] {
            let error = system(step, io::Error::from_raw_os_error(errno));
            assert_eq!(known(&error).number, number, "{error}");
        }
    }

    #[test]
    fn a_handshake_has_the_code_of_its_layer_or_words() {
        let wrapped = |code| {
            let failed = LayerError::Failed { layer: "l", code, source: io::Error::other("no") };
            system(Step::Connect, io::Error::other(failed))
        };
        let denied = LayerCode { number: 41, name: "SOCKS4_DENY", text: "denied", is_silence: false };
        assert_eq!(known(&wrapped(Some(denied))), code(41, "SOCKS4_DENY", "denied"));
        let error = wrapped(None);
        assert!(matches!(of_attempt(&error), Failure::Other(error) if error.to_string() == "l: no"));
    }
}
