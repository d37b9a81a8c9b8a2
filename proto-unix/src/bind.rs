//! Making a socket for listening, or taking over an inherited one.

use std::os::fd::{AsFd, OwnedFd};

use proto_core::address::{Address, InheritedSocket, UnixAddress};
use proto_core::error::{BindError, Refusal, Step};
use proto_core::options::Warnings;
use proto_core::protocol::{Bound, Protocol};
use proto_core::spec::BindSpec;
use socket2::Socket;

use crate::address::{published, to_system};
use crate::file::SocketFile;
use crate::listener::UnixBound;
use crate::options::Options;
use crate::ownership::Ownership;
use crate::{DESCRIPTOR, Unix};

pub(crate) fn bind(spec: BindSpec) -> Result<Bound, BindError> {
    let BindSpec { address, settings, socket, share } = spec;
    let name = match &address {
        Address::Unix(name) if *name != UnixAddress::Unnamed => name.clone(),
        _ => {
            let (protocol, family) = (DESCRIPTOR.name, address.family());
            return Err(BindError::refused(&address, Refusal::WrongFamily { protocol, family }));
        }
    };
    let mut warnings = Warnings::new(DESCRIPTOR.name, &address);
    let options = Options::sort(&settings.options, &mut warnings);
    let ownership = settings.extensions.get::<Ownership>().copied().unwrap_or_default();
    // They say who may connect: where they cannot be set nobody is served.
    let no_file = |why: &str| match ownership == Ownership::default() {
        true => Ok(()),
        false => {
            let why = format!("mode, owner and group cannot be set: {why}");
            Err(BindError::refused(&address, Refusal::Policy(why)))
        }
    };

    if let Some(socket) = socket {
        let socket = take_over(socket, &address)?;
        // Its file was made by another process, and stays as it is, as in HAProxy.
        if ownership != Ownership::default() {
            warnings.push(
                "mode, owner and group are not set: the file belongs to the process that made it".into(),
            );
        }
        options.probe(&socket, &mut warnings);
        let address = match name {
            UnixAddress::Path(path) => Address::Unix(UnixAddress::Path(published(&path))),
            _ => address,
        };
        return bound(UnixBound::inherited(socket, address.clone(), options), address, warnings);
    }

    let socket = options.socket().map_err(|error| BindError::system(Step::Create, &address, error))?;
    options.probe(&socket, &mut warnings);
    let file = match &name {
        UnixAddress::Path(path) => Some(SocketFile::bind(&socket, &address, path, ownership, share)?),
        _ => {
            no_file("an abstract name has no file")?;
            to_system(&name)
                .and_then(|name| socket.bind(&name))
                .map_err(|error| BindError::system(Step::Bind, &address, error))?;
            None
        }
    };
    bound(UnixBound::new(socket, address.clone(), options, file), address, warnings)
}

fn bound(socket: UnixBound, address: Address, warnings: Warnings) -> Result<Bound, BindError> {
    let warnings = warnings.finish().map_err(|refusal| BindError::refused(&address, refusal))?;
    Ok(Bound { socket: Box::new(socket), address, warnings })
}

/// Takes over a socket that another process made and bound.
fn take_over(socket: OwnedFd, address: &Address) -> Result<Socket, BindError> {
    let failed = |error| BindError::system(Step::Inherit, address, error);
    let facts = InheritedSocket::facts_of(socket.as_fd()).map_err(failed)?;
    let owned = Unix.owns(&facts, socket.as_fd());
    if owned.is_none_or(|owned| owned.family() != address.family()) {
        let why = format!("it is a {facts}, which is not a UNIX socket for this");
        return Err(BindError::refused(address, Refusal::Policy(why)));
    }
    let socket = Socket::from(socket);
    if socket.peer_addr().is_ok() {
        // The server's end of a connection reports the name of its listener.
        let why = "it is a connection and cannot listen".to_owned();
        return Err(BindError::refused(address, Refusal::Policy(why)));
    }
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(socket)
}
