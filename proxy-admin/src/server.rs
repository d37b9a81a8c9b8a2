//! The thread that serves the runtime sockets.

use std::io;
use std::sync::mpsc;
use std::thread::JoinHandle;

use proto_core::error::BindError;
use proto_core::protocol::BoundSocket;
use proxy_config::Values;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;

use crate::acceptor::{AdminListener, accept};
use crate::command::Commands;
use crate::execute::Shared;
use crate::limits::AdminLimits;
use crate::settings::ClientSettings;
use crate::uptime::Uptime;

/// A socket on which commands are accepted.
#[derive(Debug)]
pub struct AdminSocket {
    /// The socket.
    pub socket: Box<dyn BoundSocket>,
    /// The settings of its clients.
    pub clients: ClientSettings,
}

/// The error of runtime sockets that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system could not start a thread.
    #[error("cannot start the thread of the runtime socket: {0}")]
    Thread(#[source] io::Error),
    /// The thread could not start its runtime.
    #[error("cannot start the runtime of the runtime socket: {0}")]
    Runtime(#[source] io::Error),
    /// A socket could not listen.
    #[error(transparent)]
    Listen(#[from] BindError),
    /// The thread ended before it reported whether the sockets listen.
    #[error("the thread of the runtime socket has ended")]
    Ended,
}

/// The runtime sockets while they are served. Dropping it stops the thread at once.
#[derive(Debug)]
pub struct Admin {
    /// The stop signal, which is sent by dropping it.
    stop: Option<oneshot::Sender<()>>,
    /// The signal to accept no further clients, which is sent likewise.
    close: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Admin {
    /// Starts to serve. All sockets listen when it returns.
    ///
    /// `facts` are the values that commands [get by their type](crate::Call::get), one of each type.
    ///
    /// # Errors
    /// Returns an error if a socket cannot listen, or if there is no thread or no descriptor for it.
    pub fn start(
        sockets: Vec<AdminSocket>,
        commands: Commands,
        facts: Values,
        uptime: Uptime,
        limits: AdminLimits,
    ) -> Result<Admin, StartError> {
        let addresses =
            sockets.iter().map(|socket| (socket.socket.local_addr().clone(), socket.clients.level)).collect();
        let shared = Shared { commands, facts, uptime, sockets: addresses, limits };
        let ((stop, stopped), (close, closed)) = (oneshot::channel(), oneshot::channel());
        let (ready, heard) = mpsc::sync_channel(1);
        let run = move || serve(sockets, shared, Signals { stopped, closed }, &ready);
        let thread =
            std::thread::Builder::new().name("admin".to_owned()).spawn(run).map_err(StartError::Thread)?;
        let admin = Admin { stop: Some(stop), close: Some(close), thread: Some(thread) };
        heard.recv().unwrap_or(Err(StartError::Ended))?;
        Ok(admin)
    }

    /// Closes the sockets, so that a successor can bind their addresses. Clients that are connected go on.
    pub fn close(&mut self) {
        drop(self.close.take());
    }
}

/// What the thread waits for besides clients.
struct Signals {
    stopped: oneshot::Receiver<()>,
    closed: oneshot::Receiver<()>,
}

impl Drop for Admin {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been reported on standard error already, and the thread has ended as it should.
            let _ = thread.join();
        }
    }
}

/// Runs the thread. `ready` is used once, to report whether all sockets listen.
fn serve(
    sockets: Vec<AdminSocket>,
    shared: Shared,
    signals: Signals,
    ready: &mpsc::SyncSender<Result<(), StartError>>,
) {
    // Sending fails only if the starting thread is gone; then `stopped` is ready, too.
    let say = |result| ready.send(result).unwrap_or_default();
    let runtime = match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
        Ok(runtime) => runtime,
        Err(error) => return say(Err(StartError::Runtime(error))),
    };
    runtime.block_on(async {
        let open =
            |AdminSocket { socket, clients }| Ok(AdminListener { listener: socket.listen()?, clients });
        match sockets.into_iter().map(open).collect::<Result<Vec<AdminListener>, BindError>>() {
            Err(error) => say(Err(StartError::Listen(error))),
            Ok(listeners) => {
                say(Ok(()));
                let Signals { stopped, closed } = signals;
                let accepting = async {
                    tokio::select! {
                        _ = closed => {}
                        () = accept(listeners, shared.into()) => {}
                    }
                    // Clients have tasks of their own, which go on when no more are accepted.
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    biased;
                    _ = stopped => {}
                    () = accepting => {}
                }
            }
        }
    });
}
