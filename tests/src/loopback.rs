//! TCP sockets on the loopback as scripts need them: bound and deaf, listening, listening with no room left; and ends of
//! connections.

use std::io::{self, Read};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::forks::without_forks;
use crate::sys;

/// A socket bound to a free port of the loopback that does not listen: connections are refused, and nobody else can
/// have the port. TCP, unless another protocol is named.
pub fn bound(protocol: Option<Protocol>) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, protocol)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    Ok(socket)
}

/// A listener with as many places in its queue as the kernel gives.
pub fn listening(protocol: Option<Protocol>) -> io::Result<Socket> {
    let socket = bound(protocol)?;
    socket.listen(128)?;
    Ok(socket)
}

/// Makes room for so many sockets in this process and in each that it starts.
///
/// # Errors
/// With the reason, when the system does not allow it: a test that needs them is skipped.
pub fn room_for(sockets: u64) -> Result<(), String> {
    match sys::raise_open_files() {
        Ok(limit) if limit >= sockets => Ok(()),
        Ok(limit) => Err(format!("needs {sockets} open files, and {limit} are allowed")),
        Err(error) => Err(format!("the limit of open files: {error}")),
    }
}

/// Where one of these is bound.
///
/// # Panics
/// When it is none of these.
pub fn address(socket: &Socket) -> SocketAddr {
    let address = socket.local_addr().expect("an open socket");
    address.as_socket().expect("a socket of the internet")
}

/// A listener that answers no more: its queue, which is one place longer than asked for, is full.
#[derive(Debug)]
pub struct Full {
    listener: Socket,
    _first: TcpStream,
}

impl Full {
    /// On a free port.
    pub fn new() -> io::Result<Self> {
        let listener = bound(None)?;
        listener.listen(0)?;
        let first = TcpStream::connect(address(&listener))?;
        Ok(Self { listener, _first: first })
    }

    /// Where it does not answer.
    pub fn address(&self) -> SocketAddr {
        address(&self.listener)
    }
}

/// Gives all that is done on a connection a deadline, and sends what is written at once.
pub fn limit(stream: &TcpStream, limit: Duration) -> io::Result<()> {
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    stream.set_nodelay(true)
}

/// Ends a connection with a reset.
pub fn reset(stream: TcpStream) -> io::Result<()> {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    // A thread that pours into it holds it too; this ends the connection for both.
    drop(stream.shutdown(Shutdown::Read));
    close(stream);
    Ok(())
}

/// Closes a connection, which no program that is being started holds open.
pub fn close(stream: TcpStream) {
    let _alone = without_forks();
    drop(stream);
}

/// Waits until a connection is over, in whatever way and whatever comes before.
pub fn gone(stream: &mut impl Read) -> io::Result<()> {
    match io::copy(stream, &mut io::sink()) {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
        _ => Ok(()),
    }
}
