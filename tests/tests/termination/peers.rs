//! The sockets of a scenario: everything on them has a deadline, and failures are reported in words.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use braid_tests::loopback;
use braid_tests::poll::eventually;
use socket2::{Domain, Socket, Type};

use crate::scenario::Peer;

/// The longest wait for a step. It takes milliseconds; on a busy machine it can take seconds.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
/// The buffer of a receiver that accepts few bytes.
const NARROW: usize = 4096;

/// The connections that a script names.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    streams: HashMap<Peer, TcpStream>,
    /// The peers that have read to the end.
    ended: HashSet<Peer>,
}

impl Peers {
    pub(crate) fn connect(&mut self, peer: Peer, to: SocketAddr, narrow: bool) -> io::Result<SocketAddr> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        if narrow {
            socket.set_recv_buffer_size(NARROW)?;
        }
        socket.connect_timeout(&to.into(), LIMIT)?;
        let stream = TcpStream::from(socket);
        let address = stream.local_addr()?;
        self.insert(peer, stream)?;
        Ok(address)
    }

    pub(crate) fn accept(&mut self, peer: Peer, listener: &TcpListener) -> io::Result<()> {
        self.insert(peer, listener.accept()?.0)
    }

    pub(crate) fn send(&mut self, peer: Peer, count: usize) -> io::Result<()> {
        self.of(peer).write_all(&vec![b'x'; count])
    }

    pub(crate) fn receive(&mut self, peer: Peer, count: usize) -> io::Result<()> {
        self.of(peer).read_exact(&mut vec![0; count])
    }

    /// Waits until exactly this many bytes have arrived, and does not read them.
    pub(crate) fn unread(&mut self, peer: Peer, count: usize) -> io::Result<()> {
        let stream = self.of(peer);
        // One more than expected, to detect it.
        let mut place = vec![0; count + 1];
        let there = || stream.peek(&mut place).is_ok_and(|there| there == count).then_some(());
        eventually(LIMIT, there).ok_or_else(|| io::Error::other("other bytes than expected wait"))
    }

    /// Sends bytes in the background. It ends by itself, at the latest when the connection ends.
    pub(crate) fn pour(&mut self, peer: Peer, count: usize) -> io::Result<()> {
        let mut stream = self.of(peer).try_clone()?;
        stream.set_write_timeout(None)?;
        thread::spawn(move || {
            if stream.write_all(&vec![b'x'; count]).is_ok() {
                drop(stream.shutdown(Shutdown::Write));
            }
        });
        Ok(())
    }

    pub(crate) fn fin(&mut self, peer: Peer) -> io::Result<()> {
        self.of(peer).shutdown(Shutdown::Write)
    }

    pub(crate) fn eof(&mut self, peer: Peer) -> io::Result<()> {
        match self.of(peer).read(&mut [0])? {
            0 => {
                self.ended.insert(peer);
                Ok(())
            }
            _ => Err(io::Error::other("data instead of the end")),
        }
    }

    pub(crate) fn reset(&mut self, peer: Peer) -> io::Result<()> {
        loopback::reset(self.streams.remove(&peer).unwrap())
    }

    pub(crate) fn close(&mut self, peer: Peer) {
        loopback::close(self.streams.remove(&peer).unwrap());
    }

    pub(crate) fn gone(&mut self, peer: Peer) -> io::Result<()> {
        assert!(!self.ended.contains(&peer), "{peer:?} has seen the end already: nothing is waited for");
        loopback::gone(self.of(peer))
    }

    fn insert(&mut self, peer: Peer, stream: TcpStream) -> io::Result<()> {
        loopback::limit(&stream, LIMIT)?;
        let old = self.streams.insert(peer, stream);
        assert!(old.is_none(), "two connections of {peer:?}");
        Ok(())
    }

    fn of(&mut self, peer: Peer) -> &mut TcpStream {
        self.streams.get_mut(&peer).unwrap_or_else(|| panic!("{peer:?} has no connection"))
    }
}
