//! Making a socket for listening: the steps of HAProxy's receivers, with the kernel's refusals as warnings.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use libc::{IPPROTO_TCP, c_int};
use socket2::{SockAddr, SockRef, Socket};

use super::listen::KernelBound;
use super::{Fallback, KernelModel, set_option};
use crate::address::{Address, InheritedSocket};
use crate::error::{BindError, Refusal, Step};
use crate::kernel::{Kernel, SocketKind, SocketSupport};
use crate::options::{SocketOption, SocketOptions, Stage, Warnings, apply};
use crate::protocol::Bound;
use crate::spec::{BindSpec, Extensions};
use crate::sys;

/// What to do if the kernel does not offer the protocol of a line. A keyword of the transport sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Use the fallback, with a warning.
    #[default]
    Prefer,
    /// Refuse the line.
    Require,
}

impl Policy {
    pub(super) fn of(extensions: &Extensions) -> Policy {
        extensions.get().copied().unwrap_or_default()
    }
}

pub(super) fn bind(model: &'static KernelModel, spec: BindSpec, kernel: &Kernel) -> Result<Bound, BindError> {
    let mut warnings = Warnings::new(model.descriptor.name, &spec.address);
    let options = &spec.settings.options;
    let inherited = spec.socket.is_some();
    let Some(inet) = spec.address.inet() else {
        let refusal = Refusal::WrongFamily { protocol: model.descriptor.name, family: spec.address.family() };
        return Err(BindError::refused(&spec.address, refusal));
    };
    let Made { socket, ipproto, warning } = match spec.socket {
        Some(socket) => take_over(model, socket, &spec.address)?,
        None => {
            let policy = Policy::of(&spec.settings.extensions);
            make(model, model.kind(), kernel.sockets(model.kind()), options, policy)
                .map_err(|refused| refused.into_bind_error(&spec.address))?
        }
    };
    warning.into_iter().for_each(|text| warnings.push(text));
    let kind = SocketKind { ipproto, ..model.kind() };
    if inherited {
        for option in too_late(&socket, options).filter(|option| !has(&socket, option)) {
            warnings.note(option, Err(io::Error::other("it cannot be set any more on an inherited socket")));
        }
    }
    let mut set = |option: &SocketOption| {
        warnings.note(option, set_option(kernel, kind, socket.as_fd(), option, inet));
    };
    let at = |step: Step| {
        let address = spec.address.clone();
        move |error: io::Error| BindError::system(step, &address, error)
    };
    if !inherited {
        socket.set_reuse_address(true).map_err(at(Step::Bind))?;
        socket.set_reuse_port(spec.share).map_err(at(Step::Bind))?;
        options.at(Stage::Fresh).for_each(&mut set);
        if inet.is_ipv6() {
            set_only_v6(&socket, options).map_err(at(Step::Bind))?;
        }
        socket.bind(&SockAddr::from(inet)).map_err(at(Step::Bind))?;
    }
    options.at(Stage::Listening).for_each(&mut set);
    if inherited {
        restore_defaults(socket.as_fd(), options);
    }
    if options.iter().all(|option| !matches!(option, SocketOption::Mss(_))) {
        other_mss(socket.as_fd(), kind, kernel).iter().for_each(set);
    }
    // Every connection inherits it, which saves a system call each. HAProxy sets it on each connection.
    socket.set_tcp_nodelay(true).map_err(at(Step::Bind))?;

    let address = Address::Inet(local_addr(&socket).map_err(at(Step::Bind))?);
    let bound = KernelBound::new(model, socket, address.clone(), options, ipproto, inherited);
    let warnings = warnings.finish().map_err(|refusal| BindError::refused(&address, refusal))?;
    Ok(Bound { socket: Box::new(bound), address, warnings })
}

/// A socket for listening or connecting, and a warning if it is not as requested.
pub(super) struct Made {
    pub(super) socket: Socket,
    /// The protocol that the socket actually has.
    pub(super) ipproto: c_int,
    pub(super) warning: Option<String>,
}

/// The reason why no socket was made.
pub(super) enum NotMade {
    System(io::Error),
    Policy(String),
}

impl NotMade {
    fn into_bind_error(self, address: &Address) -> BindError {
        match self {
            NotMade::System(error) => BindError::system(Step::Create, address, error),
            NotMade::Policy(why) => BindError::refused(address, Refusal::Policy(why)),
        }
    }
}

/// Makes a socket of the protocol, or of its fallback if the kernel does not offer it and the line allows that.
pub(super) fn make(
    model: &KernelModel,
    kind: SocketKind,
    support: SocketSupport,
    options: &SocketOptions,
    policy: Policy,
) -> Result<Made, NotMade> {
    let namespace = options.find(|option| match option {
        SocketOption::Namespace(name) => Some(name.as_str()),
        _ => None,
    });
    let refused = match support.missing.filter(|_| namespace.is_none()) {
        Some(errno) => io::Error::from_raw_os_error(errno),
        None => match sys::stream_socket(kind.domain(), kind.ipproto, namespace) {
            Ok(socket) => return Ok(Made { socket, ipproto: kind.ipproto, warning: None }),
            Err(error) => error,
        },
    };
    let Some((fallback, why)) = understood(model, &refused) else { return Err(NotMade::System(refused)) };
    let name = fallback.name;
    if policy == Policy::Require {
        return Err(NotMade::Policy(format!("{name} is required here and not available: {why}")));
    }
    let socket = sys::stream_socket(kind.domain(), fallback.ipproto, namespace).map_err(NotMade::System)?;
    let warning = Some(format!("{name} is not available, TCP is used instead: {why}"));
    Ok(Made { socket, ipproto: fallback.ipproto, warning })
}

fn understood<'a>(model: &'a KernelModel, error: &io::Error) -> Option<(&'a Fallback, &'static str)> {
    let fallback = model.fallback.as_ref()?;
    (fallback.explain)(error).map(|why| (fallback, why))
}

/// Takes over a socket that another process made and bound.
fn take_over(model: &KernelModel, socket: OwnedFd, address: &Address) -> Result<Made, BindError> {
    let facts = InheritedSocket::facts_of(socket.as_fd())
        .map_err(|error| BindError::system(Step::Inherit, address, io::Error::other(error)))?;
    let family = facts.address.as_ref().map(Address::family);
    if facts.ipproto != model.ipproto || family != Some(address.family()) {
        let why = format!("it is a {facts}, which is not {}", model.descriptor.name);
        return Err(BindError::refused(address, Refusal::Policy(why)));
    }
    let socket = Socket::from(socket);
    socket.set_nonblocking(true).map_err(|error| BindError::system(Step::Inherit, address, error))?;
    Ok(Made { socket, ipproto: facts.ipproto, warning: None })
}

/// Sets the option that decides which addresses an IPv6 listener accepts. `v6only` takes precedence over `v4v6`; with
/// neither, the system's default (`net.ipv6.bindv6only`) applies.
fn set_only_v6(socket: &Socket, options: &SocketOptions) -> io::Result<()> {
    if options.has(&SocketOption::V6Only) {
        socket.set_only_v6(true)
    } else if options.has(&SocketOption::V4V6) {
        socket.set_only_v6(false)
    } else {
        Ok(())
    }
}

/// Returns the options that must be set before a socket is bound or listens, and so cannot be set on an inherited one.
fn too_late<'a>(socket: &Socket, options: &'a SocketOptions) -> impl Iterator<Item = &'a SocketOption> {
    let listening = socket.is_listener().unwrap_or(false);
    options.iter().filter(move |option| match option {
        SocketOption::Backlog(_) => listening,
        SocketOption::V4V6 | SocketOption::V6Only | SocketOption::Namespace(_) => true,
        _ => option.spec().stages == [Stage::Fresh],
    })
}

/// Returns whether a socket has an option already.
fn has(socket: &Socket, option: &SocketOption) -> bool {
    match option {
        SocketOption::V6Only => socket.only_v6().unwrap_or(false),
        option => matches!(apply::holds(socket.as_fd(), option), Ok(Some(true))),
    }
}

/// Resets on an inherited socket the options that an earlier owner may have set and this line does not. An option that
/// cannot be reset does not exist on the socket: an MPTCP socket lacks some of these.
fn restore_defaults(socket: BorrowedFd<'_>, options: &SocketOptions) {
    let asked = |name| options.iter().any(|option| option.spec().name == name);
    if !asked("nolinger") {
        let _ = SockRef::from(&socket).set_linger(None);
    }
    for (name, option) in [
        ("tcp-ut", libc::TCP_USER_TIMEOUT),
        ("tcp-ss", libc::TCP_SAVE_SYN),
        ("defer-accept", libc::TCP_DEFER_ACCEPT),
    ] {
        if !asked(name) {
            let _ = sys::setsockopt_int(socket, IPPROTO_TCP, option, 0);
        }
    }
    // Only if there is one: setting 0 would create a queue first.
    if !asked("tfo")
        && sys::getsockopt_int(socket, IPPROTO_TCP, libc::TCP_FASTOPEN).is_ok_and(|queue| queue != 0)
    {
        let _ = sys::setsockopt_int(socket, IPPROTO_TCP, libc::TCP_FASTOPEN, 0);
    }
}

/// Applies HAProxy's rule for a listener without `mss`: if the default for this kind of socket is known and the socket
/// has another value, which an inherited one may, the default is restored.
fn other_mss(socket: BorrowedFd<'_>, kind: SocketKind, kernel: &Kernel) -> Option<SocketOption> {
    let default = kernel.sockets(kind).default_mss?;
    let current = sys::getsockopt_int(socket, IPPROTO_TCP, libc::TCP_MAXSEG).ok()?;
    (current != c_int::from(default)).then_some(SocketOption::Mss(default))
}

fn local_addr(socket: &Socket) -> io::Result<std::net::SocketAddr> {
    socket.local_addr()?.as_socket().ok_or_else(|| io::ErrorKind::Unsupported.into())
}
