//! Passing open descriptors to a client, in the way in which HAProxy passes its listening sockets to its successor.
//!
//! ```text
//!  here                                                 client
//!   number of all descriptors (int) ──────────────────►
//!   some of them, and what is said about each ────────►
//!                                     ◄──────────────── an int, whatever its value
//!   the next ones ────────────────────────────────────► and so on
//! ```

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// The most descriptors of one message, as in HAProxy.
const MOST: usize = 252;
/// How long the client may take for each message, as in HAProxy.
const LIMIT: Duration = Duration::from_secs(1);

/// A descriptor that is passed, and the bytes that are sent about it.
#[derive(Debug)]
pub struct Passed {
    /// The descriptor; it is closed here afterwards.
    pub descriptor: OwnedFd,
    /// What is said about it; not empty.
    pub about: Vec<u8>,
}

/// Descriptors that are to be passed.
pub(crate) struct Passing {
    pub(crate) all: Vec<Passed>,
    /// Called before the first descriptor is sent.
    pub(crate) begin: Box<dyn FnOnce() + Send>,
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passing({} descriptors)", self.all.len())
    }
}

/// Passes descriptors.
///
/// # Errors
/// The stream cannot pass any or has failed, or the client has not confirmed a message in time.
pub(crate) async fn pass(stream: &mut dyn Stream, Passing { all, begin }: Passing) -> io::Result<()> {
    if stream.descriptor_sender().is_none() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let count = i32::try_from(all.len()).map_err(io::Error::other)?;
    within(stream.write_all(&count.to_ne_bytes())).await?;
    begin();
    for some in all.chunks(MOST) {
        let descriptors: Vec<_> = some.iter().map(|passed| passed.descriptor.as_fd()).collect();
        let about = some.iter().map(|passed| &*passed.about).collect::<Vec<_>>().concat();
        let sent = within(poll_fn(|cx| match stream.descriptor_sender() {
            Some(sender) => sender.poll_send(cx, &about, &descriptors),
            None => Err(io::ErrorKind::Unsupported.into()).into(),
        }));
        let sent = sent.await?;
        within(stream.write_all(&about[sent.min(about.len())..])).await?;
        within(stream.read_exact(&mut [0; size_of::<i32>()])).await?;
    }
    Ok(())
}

async fn within<T>(operation: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(LIMIT, operation).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
