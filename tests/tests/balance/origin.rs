//! The servers of the backends: each answers with its index, over HTTP or with one byte.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder, JoinHandle};

use crate::table::{SERVERS, address};

/// The stack of a thread that serves one connection. There is one for each connection, which are hundreds.
const STACK: usize = 64 << 10;
/// The first byte of a connection of the Remote Desktop Protocol.
const RDP: u8 = 3;

/// The listening servers. Dropping them ends the threads that accept.
#[derive(Debug)]
pub(crate) struct Origins {
    stops: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Origins {
    /// Binds the addresses of all servers.
    ///
    /// # Errors
    /// Returns an error if another program has one of them.
    pub(crate) fn listen() -> io::Result<Origins> {
        let listeners: Vec<TcpListener> =
            (0..SERVERS).map(|index| TcpListener::bind(address(index))).collect::<io::Result<_>>()?;
        let stops = Arc::new(AtomicBool::new(false));
        let accept = |(index, listener): (usize, TcpListener)| {
            let stops = Arc::clone(&stops);
            thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    if stops.load(Ordering::SeqCst) {
                        return;
                    }
                    let serve = move || drop(serve(&stream, index));
                    Builder::new().stack_size(STACK).spawn(serve).unwrap();
                }
            })
        };
        let threads = listeners.into_iter().enumerate().map(accept).collect();
        Ok(Origins { stops, threads })
    }
}

impl Drop for Origins {
    fn drop(&mut self) {
        self.stops.store(true, Ordering::SeqCst);
        for (index, thread) in self.threads.drain(..).enumerate() {
            let _ = TcpStream::connect(address(index));
            let _ = thread.join();
        }
    }
}

fn serve(stream: &TcpStream, index: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(2048, stream);
    let mut writer = stream;
    if reader.fill_buf()?.first() == Some(&RDP) {
        return writer.write_all(index.to_string().as_bytes());
    }
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line == b"\r\n" {
            let response = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{index}");
            writer.write_all(response.as_bytes())?;
        }
    }
}
