//! The server of the demonstration: a small HTTP server inside the process, so that `braid` has something to proxy to
//! when it is run without a configuration. Each response describes the connection that it came over.
//!
//! Not the product's HTTP, and not to be used on a network: it serves a page of text to the clients of the proxy.
//! Still, everything is bounded: connections, the head of a request, and the time for each step.

#[cfg(test)]
mod tests;

use std::io;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use proto_core::address::Address;
use proto_core::error::AcceptError;
use proto_core::protocol::{BoundSocket, Incoming, Listener, accept};
use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use super::page::Answer;
use super::request::{HEAD_MAX, Head, Refused};

/// The limit of concurrent connections; more wait in the kernel's queue.
const CONNECTIONS: usize = 256;
/// The longest wait for a request, and for the next one on an idle connection.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long to read what a client still sends after it was refused. Closing at once would reset the connection, and the
/// client could lose the response.
const LINGER: Duration = Duration::from_secs(1);
/// The pause after the process has run out of descriptors.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// The server, which runs in a thread of its own until this is dropped.
#[derive(Debug)]
pub(crate) struct Demo {
    address: Address,
    /// Closing it ends the thread. Always `Some` until the drop.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Demo {
    /// Returns its address.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread has reported a panic itself.
            let _ = thread.join();
        }
    }
}

/// Serves a bound socket. `entrance` is the address of the proxy, for the hints on the page.
///
/// # Errors
/// Returns an error if its thread or runtime cannot be created, or the socket cannot listen.
pub(crate) fn serve(socket: Box<dyn BoundSocket>, entrance: &str) -> io::Result<Demo> {
    let (address, entrance) = (socket.local_addr().clone(), entrance.to_owned());
    let (stop, stopped) = oneshot::channel();
    let (started, outcome) = mpsc::sync_channel(1);
    let body = move || {
        let run = || -> io::Result<_> {
            let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
            let listener = {
                let _inside = runtime.enter();
                socket.listen().map_err(io::Error::other)?
            };
            Ok((runtime, listener))
        };
        match run() {
            Ok((runtime, listener)) => {
                drop(started.send(Ok(())));
                runtime.block_on(async {
                    tokio::select! {
                        () = accept_all(&*listener, entrance.into()) => {}
                        _ = stopped => {}
                    }
                });
            }
            Err(error) => drop(started.send(Err(error))),
        }
    };
    let thread = std::thread::Builder::new().name("demo".into()).spawn(body)?;
    outcome.recv().map_err(io::Error::other).flatten()?;
    Ok(Demo { address, stop: Some(stop), thread: Some(thread) })
}

async fn accept_all(listener: &dyn Listener, entrance: Rc<str>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    // The semaphore is never closed.
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        match accept(listener).await {
            Ok(incoming) => {
                let entrance = Rc::clone(&entrance);
                tokio::task::spawn_local(async move {
                    // The end of a connection concerns no other.
                    let _ = converse(incoming, &entrance).await;
                    drop(slot);
                });
            }
            Err(AcceptError::Connection(_)) => {}
            Err(AcceptError::Exhausted(_)) => sleep(EXHAUSTED).await,
            Err(AcceptError::Broken(_)) => return,
        }
    }
}

/// Answers the requests of one connection.
async fn converse(incoming: Box<dyn Incoming>, entrance: &str) -> io::Result<()> {
    let mut stream = incoming.into_stream()?;
    let mut waiting = Vec::new();
    while let Some(request) = timeout(PATIENCE, next(&mut *stream, &mut waiting)).await?? {
        let answer = match request {
            Ok(head) => {
                waiting.drain(..head.length);
                Answer::page(&*stream, head, entrance)
            }
            Err(refused) => Answer::refusal(refused),
        };
        timeout(PATIENCE, stream.write_all(&answer.bytes)).await??;
        if !answer.keep_alive {
            stream.shutdown().await?;
            return timeout(LINGER, read_out(&mut *stream)).await?;
        }
    }
    stream.shutdown().await
}

/// Returns the next request, of which `waiting` may hold a part or all; `None` if the client has closed instead.
async fn next(stream: &mut dyn Stream, waiting: &mut Vec<u8>) -> io::Result<Option<Result<Head, Refused>>> {
    let mut buffer = [0; HEAD_MAX];
    loop {
        match super::request::read(waiting) {
            Ok(Some(head)) => return Ok(Some(Ok(head))),
            Err(refused) => return Ok(Some(Err(refused))),
            Ok(None) => {}
        }
        match stream.read(&mut buffer).await? {
            0 if waiting.is_empty() => return Ok(None),
            0 => return Ok(Some(Err(Refused::Malformed))),
            length => waiting.extend_from_slice(&buffer[..length]),
        }
    }
}

async fn read_out(stream: &mut dyn Stream) -> io::Result<()> {
    let mut buffer = [0; HEAD_MAX];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}
