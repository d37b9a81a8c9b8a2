//! The connecting side: it makes a pair of sockets and sends one half over the channel.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use async_trait::async_trait;
use proto_core::address::{Address, UnixAddress};
use proto_core::error::{ConnectError, Refusal, Step};
use proto_core::options::Warnings;
use proto_core::protocol::{Connectable, Connector};
use proto_core::spec::{ServerSpec, Target};
use proto_core::stream::Stream;
use proto_core::sys::register_writable;
use socket2::{Domain, Socket, Type};

use super::{DESCRIPTOR, NoChannel, channel};
use crate::options::Options;
use crate::stream::{Connection, Ends};
use crate::sys;

#[derive(Debug)]
struct PairConnector {
    /// Opened at the start, so that the number cannot refer to another file later.
    channel: Socket,
    address: Address,
    options: Options,
    local: Arc<Address>,
}

pub(super) fn connector(spec: ServerSpec) -> Result<Connectable, ConnectError> {
    let channel = open(&spec.address)?;
    let mut warnings = Warnings::new(DESCRIPTOR.name, &spec.address);
    let options = Options::sort_for_connections(&spec.settings.options, &mut warnings);
    let local = Arc::new(Address::Unix(UnixAddress::Unnamed));
    let connector = Arc::new(PairConnector { channel, address: spec.address, options, local });
    Ok(Connectable { connector, warnings: warnings.finish().map_err(ConnectError::refused)? })
}

fn open(address: &Address) -> Result<Socket, ConnectError> {
    channel(address, None).map_err(|why| match why {
        NoChannel::WrongFamily => {
            let (protocol, family) = (DESCRIPTOR.name, address.family());
            ConnectError::refused(Refusal::WrongFamily { protocol, family })
        }
        NoChannel::System(error) => ConnectError::system(Step::Inherit, address, error),
    })
}

#[async_trait]
impl Connector for PairConnector {
    /// Returns when the half is in the channel: bytes that are written wait there for the receiver. Waits while the
    /// channel is full.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let at = |step| move |error| ConnectError::system(step, &target.address, error);
        tokio::runtime::Handle::try_current().map_err(io::Error::other).map_err(at(Step::Register))?;
        let other;
        let channel = if target.address == self.address {
            &self.channel
        } else {
            other = open(&target.address)?;
            &other
        };
        let (ours, theirs) =
            Socket::pair(Domain::UNIX, Type::STREAM.nonblocking(), None).map_err(at(Step::Create))?;
        self.options.on_connection(&ours);
        send(channel, &theirs).await.map_err(at(Step::Connect))?;
        let ends =
            Ends { transport: DESCRIPTOR.name, local: Arc::clone(&self.local), peer: target.address.clone() };
        Ok(Box::new(Connection::new(ours, ends).register().map_err(at(Step::Register))?))
    }
}

async fn send(channel: &Socket, half: &Socket) -> io::Result<()> {
    let send = |channel: &Socket| sys::send_descriptor(channel.as_fd(), half.as_fd());
    let result = match send(channel) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            // Registered for this wait only: the connector belongs to no worker, and a full channel is rare.
            let waiting = register_writable(channel.try_clone()?)?;
            loop {
                let mut guard = waiting.writable().await?;
                if let Ok(result) = guard.try_io(|channel| send(channel.get_ref())) {
                    break result;
                }
            }
        }
        result => result,
    };
    result.map_err(|error| match error.raw_os_error() {
        Some(libc::EPIPE | libc::ECONNRESET) => {
            io::Error::new(io::ErrorKind::ConnectionRefused, "the other end of the descriptor is closed")
        }
        _ => error,
    })
}
