//! The listening side of the transport.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use proto_core::address::Address;
use proto_core::error::{AcceptError, BindError, Refusal, Step};
use proto_core::options::{SocketOption, Warnings};
use proto_core::protocol::{Bound, BoundSocket, Incoming, Listener};
use proto_core::spec::BindSpec;
use proto_core::sys;
use socket2::{Domain, Socket, Type};
use tokio::io::unix::AsyncFd;

use super::stream::{Detached, Ends};
use super::{DESCRIPTOR, from_system, to_system, unnamed, without};

pub(super) fn bind(spec: BindSpec) -> Result<Bound, BindError> {
    let address = spec.address;
    let name = to_system(&address).map_err(|refusal| BindError::refused(&address, refusal))?;
    let failed = |step| move |error: io::Error| (step, error);
    let mut warnings = Warnings::new(DESCRIPTOR.name, &address);
    let mut backlog = 4096;
    for option in spec.settings.options.iter() {
        match option {
            SocketOption::Backlog(asked) => backlog = i32::try_from(*asked).unwrap_or(i32::MAX),
            _ => {
                warnings.note(option, Ok(without()));
            }
        }
    }
    let shared = AtomicBool::new(spec.socket.is_some());
    let made = match spec.socket {
        Some(socket) => take_over(socket, &address),
        None => {
            let made = sys::socket(Domain::UNIX, Type::SEQPACKET, None).map_err(failed(Step::Create));
            made.and_then(|socket| {
                let socket = Socket::from(socket);
                socket.bind(&name).map_err(failed(Step::Bind)).map(|()| socket)
            })
        }
    };
    let socket = made.map_err(|(step, error)| BindError::system(step, &address, error))?;
    let common = Arc::new(Common { address: address.clone(), backlog, shared });
    let warnings = warnings.finish().map_err(|refusal| BindError::refused(&address, refusal))?;
    Ok(Bound { socket: Box::new(PacketSocket { socket, common }), address, warnings })
}

fn take_over(socket: OwnedFd, address: &Address) -> Result<Socket, (Step, io::Error)> {
    let inherit = |error| (Step::Inherit, error);
    if from_system(socket.as_fd()).map_err(inherit)? != *address {
        return Err(inherit(io::ErrorKind::AddrNotAvailable.into()));
    }
    let socket = Socket::from(socket);
    socket.set_nonblocking(true).map_err(inherit)?;
    Ok(socket)
}

#[derive(Debug)]
struct Common {
    address: Address,
    backlog: i32,
    shared: AtomicBool,
}

#[derive(Debug)]
struct PacketSocket {
    socket: Socket,
    common: Arc<Common>,
}

impl BoundSocket for PacketSocket {
    fn local_addr(&self) -> &Address {
        &self.common.address
    }

    fn try_clone(&self) -> Result<Box<dyn BoundSocket>, BindError> {
        let failed = |error| BindError::system(Step::Duplicate, &self.common.address, error);
        let socket = self.socket.try_clone().map_err(failed)?;
        Ok(Box::new(PacketSocket { socket, common: Arc::clone(&self.common) }))
    }

    fn hand_over(&self) {
        self.common.shared.store(true, Ordering::Relaxed);
    }

    fn listen(self: Box<Self>) -> Result<Box<dyn Listener>, BindError> {
        let PacketSocket { socket, common } = *self;
        let listening = || {
            if !socket.is_listener()? {
                socket.listen(common.backlog)?;
            }
            Ok(())
        };
        listening().map_err(|error| BindError::system(Step::Listen, &common.address, error))?;
        let registered = sys::register_readable(socket);
        let socket = registered.map_err(|error| BindError::system(Step::Register, &common.address, error))?;
        Ok(Box::new(PacketListener { socket, common }))
    }

    fn suspend(&self) -> Result<(), BindError> {
        let why = "a UNIX socket cannot stop listening and listen again".to_owned();
        Err(BindError::refused(&self.common.address, Refusal::Policy(why)))
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.socket.as_fd())
    }
}

#[derive(Debug)]
struct PacketListener {
    socket: AsyncFd<Socket>,
    common: Arc<Common>,
}

impl Listener for PacketListener {
    fn local_addr(&self) -> &Address {
        &self.common.address
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Incoming>, AcceptError>> {
        let (socket, _no_name) = ready!(sys::poll_accept(&self.socket, cx))?;
        let ends = Ends::new(self.common.address.clone(), unnamed());
        Poll::Ready(Ok(Box::new(Detached { socket, ends })))
    }

    fn refuse_new(&self) -> bool {
        let shared = self.common.shared.load(Ordering::Relaxed);
        !shared && self.socket.get_ref().shutdown(Shutdown::Read).is_ok()
    }
}
