//! MPTCP peers for tests: a listener, a connection, and its number of paths.
//!
//! Plain sockets, so that what the product reports of a connection can be compared with what the kernel reports.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;

use socket2::{Domain, Protocol, Socket, Type};

use crate::sys;

/// The accept queue of a test's listener.
const BACKLOG: i32 = 128;

/// Listens for MPTCP (and TCP) on `address`, in the namespace of the calling thread.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Connects to `address` with MPTCP, from the namespace of the calling thread.
pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket(address)?;
    socket.connect(&address.into())?;
    Ok(socket.into())
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::MPTCP))
}

/// The numbers of subflows of a connection in `MPTCP_INFO`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubflowCount {
    /// The number besides the first (`mptcpi_subflows`).
    pub extra: u8,
    /// The number of all (`mptcpi_subflows_total`); zero on a kernel before 6.6, which does not report it.
    pub total: u8,
}

impl SubflowCount {
    /// Returns the subflows of a socket; `EOPNOTSUPP` if the connection is not, or no longer, MPTCP.
    pub fn of(socket: impl AsFd) -> io::Result<Self> {
        // `struct mptcp_info`: mptcpi_subflows is the first byte, mptcpi_subflows_total byte 80.
        let mut info = [0; 96];
        sys::mptcp_info(socket.as_fd(), &mut info)?;
        Ok(Self { extra: info[0], total: info[80] })
    }
}
