//! The connecting side: a guest at a door.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use proto_core::error::{ConnectError, Step};
use proto_core::options::Warnings;
use proto_core::protocol::{Connectable, Connector};
use proto_core::spec::{ServerSpec, Target};
use proto_core::stream::Stream;
use proto_core::sys;
use socket2::Domain;

use super::address::{Room, guest};
use super::stream::{Connection, register};
use super::{DESCRIPTOR, without, wrong_family};

pub(super) fn connector(spec: ServerSpec) -> Result<Connectable, ConnectError> {
    room_of(&Target::new(spec.address.clone()))?;
    let mut warnings = Warnings::new(DESCRIPTOR.name, &spec.address);
    for option in spec.settings.options.iter() {
        warnings.note(option, Ok(without()));
    }
    Ok(Connectable {
        connector: Arc::new(RoomConnector),
        warnings: warnings.finish().map_err(ConnectError::refused)?,
    })
}

fn room_of(target: &Target) -> Result<Room, ConnectError> {
    Room::of(&target.address).ok_or_else(|| ConnectError::refused(wrong_family(&target.address)))
}

#[derive(Debug)]
struct RoomConnector;

#[async_trait]
impl Connector for RoomConnector {
    /// The kernel connects or refuses at once. If too many wait at the door it refuses too, with `EAGAIN`.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let at = |step| move |error: io::Error| ConnectError::system(step, &target.address, error);
        let name = room_of(target)?.to_system().map_err(at(Step::Connect))?;
        let socket = sys::stream_socket(Domain::UNIX, 0, None).map_err(at(Step::Create))?;
        socket.connect(&name).map_err(at(Step::Connect))?;
        let connection = Connection::new(guest(), target.address.clone());
        register(socket, connection).map_err(at(Step::Register))
    }
}
