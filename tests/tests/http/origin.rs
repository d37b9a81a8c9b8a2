//! An origin for tests without tables: a thread per connection, which reads requests and handles each with a function.
//! It ends with its test.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use braid_tests::loopback;

use crate::message::{Answer, head};
use crate::peers::LIMIT;

/// A complete request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
}

/// Whether the connection goes on after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    GoOn,
    Close,
}

/// A function that handles a request, on its connection.
pub(crate) type Serve = dyn Fn(&Request, &mut TcpStream) -> io::Result<After> + core::marker::Send + Sync;

/// A running origin.
#[derive(Debug)]
pub(crate) struct Origin {
    listener: TcpListener,
    over: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
}

impl Origin {
    pub(crate) fn start(listener: TcpListener, serve: Arc<Serve>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let connections = Arc::new(AtomicUsize::new(0));
        listener.set_nonblocking(false).unwrap();
        let accepting = listener.try_clone().unwrap();
        let (stop, count) = (Arc::clone(&over), Arc::clone(&connections));
        thread::spawn(move || {
            while let Ok((stream, _)) = accepting.accept() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                count.fetch_add(1, Ordering::Relaxed);
                let serve = Arc::clone(&serve);
                // The client sees what goes wrong on one connection.
                thread::spawn(move || drop(attend(stream, &*serve)));
            }
        });
        Self { listener, over, connections }
    }

    /// Returns the number of its connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the accepting thread.
        drop(self.listener.local_addr().and_then(TcpStream::connect));
    }
}

fn attend(mut stream: TcpStream, serve: &Serve) -> io::Result<()> {
    loopback::limit(&stream, LIMIT * 3)?;
    loop {
        let request = read(&mut stream)?;
        if serve(&request, &mut stream)? == After::Close {
            return Ok(());
        }
    }
}

fn read(stream: &mut TcpStream) -> io::Result<Request> {
    let head = head(stream).map_err(io::Error::other)?;
    let answer = Answer { status: 0, head, body: Vec::new() };
    let length = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let text = String::from_utf8_lossy(&answer.head);
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok(Request { path, body })
}

/// Sends a response with a length.
pub(crate) fn answer(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat())
}

/// Connects a client.
pub(crate) fn client(to: std::net::SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to, LIMIT)?;
    loopback::limit(&stream, LIMIT)?;
    Ok(stream)
}

/// Waits for this time; for peers that are slow, not to wait for an event.
pub(crate) fn dawdle(time: Duration) {
    let end = std::time::Instant::now() + time;
    while let Some(left) =
        end.checked_duration_since(std::time::Instant::now()).filter(|left| !left.is_zero())
    {
        thread::park_timeout(left);
    }
}

/// Closes both directions, of a connection that another thread may hold, too.
pub(crate) fn end(stream: &TcpStream) {
    drop(stream.shutdown(Shutdown::Both));
}
