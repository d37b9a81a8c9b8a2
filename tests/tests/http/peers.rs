//! The sockets of a scenario: everything on them has a deadline, and failures are reported in words.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use braid_tests::{loopback, mptcp};
use socket2::SockRef;

use crate::message::{self, Decoder};
use crate::scenario::{Framing, Verb};
use crate::text::shown;

/// The longest wait for a step. It takes milliseconds; on a busy machine it can take seconds.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);
/// The length of a pattern of bytes before it repeats; a prime, so that a shift by the size of a buffer is detected.
const PATTERN: usize = 251;
/// The bytes of one write of a long body, and of one of its chunks.
const PIECE: usize = 40_000;

/// A connection, and the number of bytes read from it.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    pub(crate) received: u64,
}

impl Read for Peer {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(place)?;
        self.received += count as u64;
        Ok(count)
    }
}

/// The connections that a script names.
#[derive(Debug, Default)]
pub(crate) struct Peers(HashMap<String, Peer>);

impl Peers {
    pub(crate) fn knows(&self, peer: &str) -> bool {
        self.0.contains_key(peer)
    }

    pub(crate) fn connect(&mut self, peer: &str, to: SocketAddr, mptcp: bool) -> io::Result<SocketAddr> {
        let stream = if mptcp { mptcp::connect(to) } else { TcpStream::connect_timeout(&to, LIMIT) }?;
        let address = stream.local_addr()?;
        self.insert(peer, stream)?;
        Ok(address)
    }

    pub(crate) fn accept(&mut self, peer: &str, listener: &TcpListener) -> io::Result<()> {
        listener.set_nonblocking(false)?;
        SockRef::from(listener).set_read_timeout(Some(LIMIT))?;
        let accepted =
            listener.accept().map_err(|error| io::Error::other(format!("no connection: {error}")))?;
        self.insert(peer, accepted.0)
    }

    /// Returns the number of bytes that this one has received; `None` if it is closed.
    pub(crate) fn received(&self, peer: &str) -> Option<u64> {
        self.0.get(peer).map(|peer| peer.received)
    }

    /// Does a step that involves only one connection.
    pub(crate) fn step(&mut self, name: &str, verb: &Verb) -> Result<(), String> {
        let peer = self.0.get_mut(name).ok_or_else(|| format!("{name} has no connection"))?;
        let stream = &mut peer.stream;
        let done = match verb {
            Verb::Connect | Verb::Accept => Ok(()),
            Verb::Send(bytes) => stream.write_all(bytes),
            Verb::Trickle(bytes) => bytes.iter().try_for_each(|byte| stream.write_all(&[*byte])),
            Verb::Receive(bytes) => return message::receive(peer, bytes),
            Verb::Answer { status, headers, body, to_head } => {
                return message::answer(peer, *status, headers, body.as_deref(), *to_head);
            }
            Verb::Pour(count, framing) => pour(stream, *count, *framing, false),
            Verb::PourAndClose(count) => pour(stream, *count, Framing::Plain, true),
            Verb::Take(count, framing) => return take(peer, *count, *framing),
            Verb::Chunks(bytes) => return message::receive_chunks(peer, bytes),
            Verb::Unread(bytes) => return message::unread(stream, bytes),
            Verb::Fin => stream.shutdown(Shutdown::Write),
            Verb::Eof => return message::receive_end(peer),
            Verb::Gone => loopback::gone(peer),
            Verb::Broken => loopback::broken(peer),
            Verb::Reset => self.0.remove(name).map_or(Ok(()), |peer| loopback::reset(peer.stream)),
            Verb::Close => {
                self.0.remove(name).into_iter().for_each(|peer| loopback::close(peer.stream));
                Ok(())
            }
            Verb::Log(_) | Verb::Line(_) | Verb::Unlogged | Verb::Idle => {
                unreachable!("not about a connection")
            }
        };
        done.map_err(|error| error.to_string())
    }

    /// Checks that nothing has arrived that no line of the script has received.
    pub(crate) fn left(&self) -> Result<(), String> {
        self.0.iter().try_for_each(|(peer, Peer { stream, .. })| {
            stream.set_nonblocking(true).unwrap();
            let mut place = [0; 2000];
            match stream.peek(&mut place) {
                Ok(count) if count > 0 => Err(format!("{peer} also got {}", shown(&place[..count]))),
                _ => Ok(()),
            }
        })
    }

    fn insert(&mut self, peer: &str, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        loopback::limit(&stream, LIMIT)?;
        let old = self.0.insert(peer.to_owned(), Peer { stream, received: 0 });
        assert!(old.is_none(), "two connections of {peer}");
        Ok(())
    }
}

/// Returns this many bytes of the pattern.
fn pattern(from: usize, count: usize) -> Vec<u8> {
    (from..from + count).map(|index| (index % PATTERN) as u8).collect()
}

/// Sends a body. It ends by itself, at the latest when the connection ends.
fn pour(stream: &TcpStream, count: usize, framing: Framing, close: bool) -> io::Result<()> {
    let mut stream = stream.try_clone()?;
    thread::spawn(move || {
        for begin in (0..count).step_by(PIECE) {
            let piece = pattern(begin, PIECE.min(count - begin));
            let written = match framing {
                Framing::Plain => stream.write_all(&piece),
                Framing::Chunked => {
                    let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
                    stream.write_all(&chunk)
                }
            };
            if written.is_err() {
                return;
            }
        }
        if framing == Framing::Chunked {
            // The receiver reports it if the end does not come.
            drop(stream.write_all(b"0\r\n\r\n"));
        }
        if close {
            drop(stream.shutdown(Shutdown::Write));
        }
    });
    Ok(())
}

/// Reads this many bytes of the pattern and their framing, and not one byte more.
fn take(stream: &mut Peer, count: usize, framing: Framing) -> Result<(), String> {
    let mut decoder = (framing == Framing::Chunked).then(Decoder::default);
    let mut place = vec![0; 1 << 16];
    let mut taken = 0;
    let over =
        |taken: usize, decoder: &Option<Decoder>| decoder.as_ref().map_or(taken == count, Decoder::is_over);
    while !over(taken, &decoder) {
        // With chunks the end is not known in advance: what follows them has to be waited for, not sent after them.
        let most = if decoder.is_some() { place.len() } else { place.len().min(count - taken) };
        let read = stream.read(&mut place[..most]);
        let read = read.map_err(|error| format!("{error} after {taken} bytes of the body"))?;
        if read == 0 {
            return Err(format!("the end after {taken} bytes of the body"));
        }
        let data = match &mut decoder {
            Some(decoder) => decoder.decode(&place[..read])?,
            None => place[..read].to_vec(),
        };
        if data != pattern(taken, data.len()) {
            return Err(format!("wrong bytes after {taken}"));
        }
        taken += data.len();
    }
    if taken == count { Ok(()) } else { Err(format!("{taken} bytes instead of {count}")) }
}
