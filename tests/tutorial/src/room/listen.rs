//! The listening side: a door of a room, from its name to the guests that it accepts.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::error::{AcceptError, BindError, Refusal, Step};
use proto_core::options::{SocketOption, SocketOptions, Warnings};
use proto_core::protocol::{Bound, BoundSocket, Incoming, Listener};
use proto_core::spec::BindSpec;
use proto_core::sys;
use socket2::{Domain, Socket};
use tokio::io::unix::AsyncFd;

use super::address::{Room, guest};
use super::stream::{Connection, RoomIncoming};
use super::{DESCRIPTOR, without, wrong_family};

/// The default backlog, in guests. It is the default of `net.core.somaxconn`, which caps it.
const BACKLOG: i32 = 4096;

pub(super) fn bind(spec: BindSpec) -> Result<Bound, BindError> {
    let asked = spec.address;
    let room = Room::of(&asked).ok_or_else(|| BindError::refused(&asked, wrong_family(&asked)))?;
    let mut warnings = Warnings::new(DESCRIPTOR.name, &asked);
    let backlog = backlog(&spec.settings.options, &mut warnings);
    let shared = spec.socket.is_some();
    let (socket, room) = match spec.socket {
        Some(socket) => (take_over(socket, &room, &asked)?, room),
        None => open(room, &asked)?,
    };
    let address = room.to_address();
    let common = Common { address: address.clone(), backlog, shared: AtomicBool::new(shared) };
    let socket = Box::new(RoomSocket { socket, common: Arc::new(common) });
    let warnings = warnings.finish().map_err(|refusal| BindError::refused(&address, refusal))?;
    Ok(Bound { socket, address, warnings })
}

/// Reads `backlog`, the only option with an effect here, and warns about the others.
fn backlog(options: &SocketOptions, warnings: &mut Warnings) -> i32 {
    let mut backlog = BACKLOG;
    for option in options.iter() {
        match option {
            SocketOption::Backlog(asked) => backlog = i32::try_from(*asked).unwrap_or(i32::MAX),
            _ => {
                warnings.note(option, Ok(without()));
            }
        }
    }
    backlog
}

/// Binds a socket to the door, or to the first one that is free.
fn open(room: Room, asked: &Address) -> Result<(Socket, Room), BindError> {
    let failed = |step| move |error| BindError::system(step, asked, error);
    let socket = sys::stream_socket(Domain::UNIX, 0, None).map_err(failed(Step::Create))?;
    let doors = if room.door == 0 { 1..=u16::MAX } else { room.door..=room.door };
    let mut taken = io::ErrorKind::AddrInUse.into();
    for door in doors {
        let room = Room { door, ..room.clone() };
        match room.to_system().and_then(|name| socket.bind(&name)) {
            Ok(()) => return Ok((socket, room)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => taken = error,
            Err(error) => return Err(failed(Step::Bind)(error)),
        }
    }
    Err(failed(Step::Bind)(taken))
}

/// Takes over a socket that another process has bound.
fn take_over(socket: OwnedFd, room: &Room, asked: &Address) -> Result<Socket, BindError> {
    let failed = |error| BindError::system(Step::Inherit, asked, error);
    let socket = Socket::from(socket);
    if socket.local_addr().map_err(failed)? != room.to_system().map_err(failed)? {
        let why = "the inherited socket is at another door".to_owned();
        return Err(BindError::refused(asked, Refusal::Policy(why)));
    }
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(socket)
}

/// The properties that all handles of a door share.
#[derive(Debug)]
struct Common {
    address: Address,
    backlog: i32,
    /// Whether another process has the socket too, so that shutting it down would shut it there.
    shared: AtomicBool,
}

#[derive(Debug)]
struct RoomSocket {
    socket: Socket,
    common: Arc<Common>,
}

impl RoomSocket {
    fn failed(&self, step: Step) -> impl FnOnce(io::Error) -> BindError + use<> {
        let address = self.common.address.clone();
        move |error| BindError::system(step, &address, error)
    }
}

impl BoundSocket for RoomSocket {
    fn local_addr(&self) -> &Address {
        &self.common.address
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        let socket = self.socket.try_clone().map_err(self.failed(Step::Duplicate))?;
        Ok(Box::new(RoomSocket { socket, common: Arc::clone(&self.common) }))
    }

    fn hand_over(&self) {
        self.common.shared.store(true, Ordering::Relaxed);
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        if !self.socket.is_listener().map_err(self.failed(Step::Listen))? {
            self.socket.listen(self.common.backlog).map_err(self.failed(Step::Listen))?;
        }
        let failed = self.failed(Step::Register);
        let socket = sys::register_readable(self.socket).map_err(failed)?;
        Ok(Box::new(RoomListener { socket, common: self.common }))
    }

    fn suspend(&self) -> Result<(), BindError> {
        let why = "a door that is open cannot be closed for a while; guests wait in its queue".to_owned();
        Err(BindError::refused(&self.common.address, Refusal::Policy(why)))
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.socket.as_fd())
    }
}

#[derive(Debug)]
struct RoomListener {
    socket: AsyncFd<Socket>,
    common: Arc<Common>,
}

impl Listener for RoomListener {
    fn local_addr(&self) -> &Address {
        &self.common.address
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        let (socket, _no_name) = ready!(sys::poll_accept(&self.socket, cx))?;
        let connection = Connection::new(self.common.address.clone(), guest());
        Poll::Ready(Ok(Box::new(RoomIncoming { socket, connection })))
    }

    fn refuse_new(&self) -> bool {
        let shared = self.common.shared.load(Ordering::Relaxed);
        !shared && self.socket.get_ref().shutdown(Shutdown::Read).is_ok()
    }
}
