//! The thread that serves the runtime sockets.

use std::io;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::error::BindError;
use proto_core::protocol::BoundSocket;
use proxy_config::Values;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;

use crate::acceptor::{Door, accept};
use crate::command::Commands;
use crate::level::Level;
use crate::settings::{MaxPayload, StatsMaxConn, StatsTimeout};
use crate::severity::SeverityOutput;
use crate::state::State;

/// A socket to take commands on.
#[derive(Debug)]
pub struct AdminSocket {
    /// The socket.
    pub socket: Box<dyn BoundSocket>,
    /// What its clients may do.
    pub level: Level,
    /// How they are shown severities, until they want it otherwise.
    pub severity: SeverityOutput,
}

/// What bounds the clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Clients at once. Others wait in the kernel's queue.
    pub connections: usize,
    /// How long a client may be silent, and how long it may take none of an answer.
    pub timeout: Duration,
    /// Bytes of a line of commands.
    pub line: usize,
    /// Bytes of a payload.
    pub payload: usize,
}

/// HAProxy's.
impl Default for Limits {
    fn default() -> Limits {
        // The line is HAProxy's `tune.bufsize`.
        Limits { connections: 10, timeout: Duration::from_secs(10), line: 16_384, payload: 128 << 10 }
    }
}

impl Limits {
    /// What a global section says, and the defaults for the rest. The line is not its to say.
    pub fn from_global(global: &Values) -> Limits {
        let default = Limits::default();
        Limits {
            connections: global.get().map_or(default.connections, |StatsMaxConn(number)| *number),
            timeout: global.get().map_or(default.timeout, |StatsTimeout(time)| *time),
            payload: global.get().map_or(default.payload, |MaxPayload(size)| *size),
            ..default
        }
    }
}

/// The runtime sockets could not be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No thread.
    #[error("cannot start the thread of the runtime socket: {0}")]
    Thread(#[source] io::Error),
    /// No runtime on it.
    #[error("cannot start the runtime of the runtime socket: {0}")]
    Runtime(#[source] io::Error),
    /// A socket does not listen.
    #[error(transparent)]
    Listen(#[from] BindError),
    /// The thread ended without a word.
    #[error("the thread of the runtime socket has ended")]
    Ended,
}

/// The runtime sockets, being served. Dropping it stops that at once.
#[derive(Debug)]
pub struct Admin {
    /// Dropping it is the signal.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What all sessions share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) commands: Commands,
    pub(crate) state: Arc<dyn State>,
    pub(crate) sockets: Vec<(Address, Level)>,
    pub(crate) limits: Limits,
}

impl Admin {
    /// Starts to serve. When it returns all sockets listen.
    ///
    /// # Errors
    /// When a socket does not listen, or there is no thread or no descriptor for it.
    pub fn start(
        sockets: Vec<AdminSocket>,
        commands: Commands,
        state: Arc<dyn State>,
        limits: Limits,
    ) -> Result<Admin, StartError> {
        let addresses =
            sockets.iter().map(|socket| (socket.socket.local_addr().clone(), socket.level)).collect();
        let shared = Shared { commands, state, sockets: addresses, limits };
        let (stop, stopped) = oneshot::channel();
        let (ready, heard) = mpsc::sync_channel(1);
        let run = move || serve(sockets, shared, stopped, &ready);
        let thread =
            std::thread::Builder::new().name("admin".to_owned()).spawn(run).map_err(StartError::Thread)?;
        let admin = Admin { stop: Some(stop), thread: Some(thread) };
        heard.recv().unwrap_or(Err(StartError::Ended))?;
        Ok(admin)
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been told already, on standard error, and a thread that is gone is what was wanted.
            let _ = thread.join();
        }
    }
}

/// The life of the thread. `ready` hears once whether all sockets listen.
fn serve(
    sockets: Vec<AdminSocket>,
    shared: Shared,
    stopped: oneshot::Receiver<()>,
    ready: &mpsc::SyncSender<Result<(), StartError>>,
) {
    // Nobody listens to `ready` only if whoever started this is gone; then `stopped` says so too.
    let say = |result| ready.send(result).unwrap_or_default();
    let runtime = match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
        Ok(runtime) => runtime,
        Err(error) => return say(Err(StartError::Runtime(error))),
    };
    runtime.block_on(async {
        let open = |AdminSocket { socket, level, severity }| {
            Ok(Door { listener: socket.listen()?, level, severity })
        };
        match sockets.into_iter().map(open).collect::<Result<Vec<Door>, BindError>>() {
            Err(error) => say(Err(StartError::Listen(error))),
            Ok(doors) => {
                say(Ok(()));
                tokio::select! {
                    biased;
                    _ = stopped => {}
                    () = accept(doors, shared.into()) => {}
                }
            }
        }
    });
}
