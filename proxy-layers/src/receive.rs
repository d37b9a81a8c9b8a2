//! Receives a header at the beginning of a connection.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::layer::{LayerError, Prefixed};
use proto_core::stream::Stream;
use tokio::io::ReadBuf;

use crate::code::{ErrorCode, NO_CODE, Refused, layer_code};
use crate::progress::Progress;

/// The most bytes of one read. What follows a header has mostly arrived with it, and is returned to the stream.
const READ: usize = 4096;

/// A kind of header.
pub(crate) trait Preamble {
    /// The header that was read.
    type Header;
    /// The code for a connection that fails before the header is complete.
    const ABORTED: ErrorCode;

    /// Reads the header from all bytes received.
    fn parse(&self, received: &[u8]) -> Result<Progress<Self::Header>, Refused>;

    /// Returns why a connection is refused that ended after these bytes.
    fn ended(&self, received: &[u8]) -> Refused;
}

/// Receives a header. Bytes that follow it are put back before the stream. The caller sets the deadline.
///
/// # Errors
/// Returns the reason if no valid header arrives.
pub(crate) async fn receive<P: Preamble>(
    preamble: &P,
    mut stream: Box<dyn Stream>,
) -> Result<(P::Header, Box<dyn Stream>), Refusal> {
    let mut received = Vec::new();
    loop {
        if let Progress::Done { length, header } = preamble.parse(&received)? {
            return Ok((header, Prefixed::new(received.split_off(length), stream)));
        }
        match poll_fn(|cx| poll_more(&mut *stream, cx, &mut received)).await {
            Ok(0) => return Err(preamble.ended(&received).into()),
            Ok(_) => {}
            Err(error) => return Err(Refusal { refused: P::ABORTED.into(), source: Some(error) }),
        }
    }
}

/// Reads what has arrived; 0 at the end of file. Memory is taken for that alone: a header may announce much more.
fn poll_more(
    stream: &mut dyn Stream,
    cx: &mut Context<'_>,
    received: &mut Vec<u8>,
) -> Poll<io::Result<usize>> {
    let mut bytes = [const { MaybeUninit::uninit() }; READ];
    let mut buffer = ReadBuf::uninit(&mut bytes);
    ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
    received.extend_from_slice(buffer.filled());
    Poll::Ready(Ok(buffer.filled().len()))
}

/// The reason why no header was received.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) refused: Refused,
    source: Option<io::Error>,
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Refusal {
        Refusal { refused, source: None }
    }
}

impl Refusal {
    /// Returns the error of the layer with this name.
    pub(crate) fn of(self, layer: &'static str) -> LayerError {
        let Refusal { refused, source } = self;
        let said = || io::Error::new(io::ErrorKind::InvalidData, refused);
        LayerError::Failed {
            layer,
            code: Some(refused.code.map_or(NO_CODE, layer_code)),
            source: source.unwrap_or_else(said),
        }
    }
}
