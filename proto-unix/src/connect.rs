//! Connecting to a UNIX socket.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use proto_core::address::{Address, UnixAddress};
use proto_core::error::{ConnectError, Refusal, Step};
use proto_core::options::Warnings;
use proto_core::protocol::{Connectable, Connector};
use proto_core::spec::{ServerSpec, Target};
use proto_core::stream::Stream;
use tokio::time::{Instant, sleep};

use crate::DESCRIPTOR;
use crate::address::to_system;
use crate::options::Options;
use crate::stream::{Connection, Ends};

/// The longest wait for room in a full backlog. It is as long as TCP tries, for which a full backlog looks like
/// silence (six retransmissions of the SYN); the caller's deadline is shorter.
const PATIENCE: Duration = Duration::from_secs(127);
/// The first pause between two attempts: the resolution of tokio's timer.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// The longest pause, which is what a connection may lose when room appears just after an attempt.
const LONGEST_PAUSE: Duration = Duration::from_millis(32);

#[derive(Debug)]
struct UnixConnector {
    options: Options,
    /// The local address: a client has no name.
    local: Arc<Address>,
}

pub(crate) fn connector(spec: ServerSpec) -> Result<Connectable, ConnectError> {
    destination(&spec.address)?;
    let mut warnings = Warnings::new(DESCRIPTOR.name, &spec.address);
    let options = Options::sort(&spec.settings.options, &mut warnings);
    let socket =
        options.socket().map_err(|error| ConnectError::system(Step::Create, &spec.address, error))?;
    options.probe(&socket, &mut warnings);
    let local = Arc::new(Address::Unix(UnixAddress::Unnamed));
    let connector = Arc::new(UnixConnector { options, local });
    Ok(Connectable { connector, warnings: warnings.finish().map_err(ConnectError::refused)? })
}

fn destination(address: &Address) -> Result<&UnixAddress, ConnectError> {
    match address {
        Address::Unix(name) if *name != UnixAddress::Unnamed => Ok(name),
        _ => {
            let (protocol, family) = (DESCRIPTOR.name, address.family());
            Err(ConnectError::refused(Refusal::WrongFamily { protocol, family }))
        }
    }
}

#[async_trait]
impl Connector for UnixConnector {
    /// Waits only for a full backlog; otherwise the kernel connects or refuses at once. For a full backlog it returns
    /// `EAGAIN` and does not report when there is room (`poll` reports such a socket as hung up and writable; Linux
    /// 6.18), where a blocking socket would sleep. So this tries again on a timer, with pauses that double from 1 to
    /// 32 ms, and fails with [`ConnectError::TimedOut`].
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let at = |step| move |error| ConnectError::system(step, &target.address, error);
        let name = to_system(destination(&target.address)?).map_err(at(Step::Connect))?;
        tokio::runtime::Handle::try_current().map_err(io::Error::other).map_err(at(Step::Register))?;
        let socket = self.options.socket().map_err(at(Step::Create))?;
        self.options.on_connection(&socket);

        let mut pause = FIRST_PAUSE;
        let mut since = None;
        while let Err(error) = socket.connect(&name) {
            match error.kind() {
                io::ErrorKind::WouldBlock => {}
                io::ErrorKind::Interrupted => continue,
                _ => return Err(at(Step::Connect)(error)),
            }
            if since.get_or_insert_with(Instant::now).elapsed() >= PATIENCE {
                return Err(ConnectError::timed_out(&target.address, PATIENCE));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let ends =
            Ends { transport: DESCRIPTOR.name, local: Arc::clone(&self.local), peer: target.address.clone() };
        Ok(Box::new(Connection::new(socket, ends).register().map_err(at(Step::Register))?))
    }
}
