//! The log target: a UDP socket on loopback whose datagrams are counted.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// After so long without a line the count ends: the datagram that should end it can be lost, too.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Sink {
    socket: UdpSocket,
    addr: SocketAddr,
    thread: JoinHandle<u64>,
}

impl Sink {
    pub(crate) fn start() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = socket.local_addr()?;
        let reader = socket.try_clone()?;
        reader.set_read_timeout(Some(PATIENCE))?;
        let thread = thread::Builder::new().name("log-sink".into()).spawn(move || {
            // A longer line is cut, and still counts.
            let (mut line, mut lines) = ([0; 64], 0);
            while let Ok(1..) = reader.recv(&mut line) {
                lines += 1;
            }
            lines
        })?;
        Ok(Self { socket, addr, thread })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns the number of lines, once the proxy has ended: an empty datagram after its last line ends the count.
    pub(crate) fn finish(self) -> io::Result<u64> {
        self.socket.send_to(&[], self.addr)?;
        self.thread.join().map_err(|_| io::Error::other("the thread that counts lines has panicked"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_to_the_last() {
        let sink = Sink::start().unwrap();
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        for _ in 0..7 {
            client.send_to(b"<134>a line", sink.addr()).unwrap();
        }
        assert_eq!(sink.finish().unwrap(), 7);
    }
}
