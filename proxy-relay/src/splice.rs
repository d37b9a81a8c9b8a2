//! Splicing: bytes go from socket to pipe to socket without being copied into the process.

use std::io;
use std::task::{Context, Poll, ready};

use proto_core::stream::SpliceEnd;

use crate::pipe::Lease;

/// Fills an empty pipe from a socket; 0 at the end of file.
pub(crate) fn poll_fill(
    cx: &mut Context<'_>,
    from: &dyn SpliceEnd,
    pipe: &mut Lease<'_>,
) -> Poll<io::Result<usize>> {
    loop {
        // Tried first: for a socket that is known not to be ready this costs no system call.
        match from.try_read_with(&mut || pipe.fill(from.fd())) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready!(from.poll_readable(cx))?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return Poll::Ready(result),
        }
    }
}

/// Drains some of a pipe into a socket.
pub(crate) fn poll_drain(
    cx: &mut Context<'_>,
    to: &dyn SpliceEnd,
    pipe: &mut Lease<'_>,
) -> Poll<io::Result<usize>> {
    loop {
        match to.try_write_with(&mut || pipe.drain(to.fd())) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready!(to.poll_writable(cx))?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            result => return Poll::Ready(result),
        }
    }
}

/// Returns whether the error means that the system does not splice these descriptors, rather than that one of them
/// failed.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS | libc::EOPNOTSUPP))
}
