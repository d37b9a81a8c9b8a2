//! TCP sockets on the loopback for tests: bound without listening, listening, listening with a full queue; and ends of
//! connections.

use std::io::{self, Read};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::forks::without_forks;
use crate::forward::LIMIT;
use crate::sys;

/// Makes a socket bound to a free port of the loopback that does not listen: connections are refused, and no other
/// program can have the port. TCP, unless another protocol is given.
pub fn bound(protocol: Option<Protocol>) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, protocol)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    Ok(socket)
}

/// Makes a listener with as long a queue as the kernel allows.
pub fn listening(protocol: Option<Protocol>) -> io::Result<Socket> {
    let socket = bound(protocol)?;
    socket.listen(128)?;
    Ok(socket)
}

/// Raises the limit on open files for this process and those that it starts.
///
/// # Errors
/// Returns the reason if the system does not allow it: a test that needs the files is skipped then.
pub fn room_for(sockets: u64) -> Result<(), String> {
    match sys::raise_open_files() {
        Ok(limit) if limit >= sockets => Ok(()),
        Ok(limit) => Err(format!("needs {sockets} open files, and {limit} are allowed")),
        Err(error) => Err(format!("the limit of open files: {error}")),
    }
}

/// Returns the address of one of these sockets.
///
/// # Panics
/// Panics if it is another socket.
pub fn address(socket: &Socket) -> SocketAddr {
    let address = socket.local_addr().expect("an open socket");
    address.as_socket().expect("a socket of the internet")
}

/// Makes a listener on a free port, and returns it with its address as server lines have it.
pub fn listener() -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?.to_string();
    Ok((listener, address))
}

/// Accepts a connection, and limits the wait of its reads.
pub fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    let (stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(LIMIT))?;
    Ok(stream)
}

/// Connects, and limits the wait of reads.
pub fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(LIMIT))?;
    Ok(stream)
}

/// A listener that does not answer any more: its queue, which has one place more than requested, is full.
#[derive(Debug)]
pub struct Full {
    listener: Socket,
    _first: TcpStream,
}

impl Full {
    /// Makes one on a free port.
    pub fn new() -> io::Result<Self> {
        let listener = bound(None)?;
        listener.listen(0)?;
        let first = TcpStream::connect(address(&listener))?;
        Ok(Self { listener, _first: first })
    }

    /// Returns its address.
    pub fn address(&self) -> SocketAddr {
        address(&self.listener)
    }
}

/// Sets a timeout for reads and writes of a connection, and makes it send writes at once.
pub fn limit(stream: &TcpStream, limit: Duration) -> io::Result<()> {
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    stream.set_nodelay(true)
}

/// Ends a connection with a reset.
pub fn reset(stream: TcpStream) -> io::Result<()> {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    // A thread that writes to it holds it too; this ends the connection for both.
    drop(stream.shutdown(Shutdown::Read));
    close(stream);
    Ok(())
}

/// Closes a connection, while no program that is being started has it open.
pub fn close(stream: TcpStream) {
    let _alone = without_forks();
    drop(stream);
}

/// Waits until a connection is closed or reset, and discards what comes before.
pub fn gone(stream: &mut impl Read) -> io::Result<()> {
    match io::copy(stream, &mut io::sink()) {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
        _ => Ok(()),
    }
}

/// Waits until a connection is reset; the error says what came in its place.
///
/// # Errors
/// Returns an error if the connection is closed in order, or anything comes before.
pub fn broken(stream: &mut impl Read) -> io::Result<()> {
    match stream.read(&mut [0]) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(()),
        Err(error) => Err(error),
        Ok(0) => Err(io::Error::other("closed in order, and not reset")),
        Ok(_) => Err(io::Error::other("bytes came, and no reset")),
    }
}
