//! Receives a header at the beginning of a connection.

use std::io;

use proto_core::layer::{LayerError, Prefixed};
use proto_core::stream::Stream;
use tokio::io::AsyncReadExt;

use crate::HEADER_MAX;
use crate::code::{ErrorCode, NO_CODE, Refused, layer_code};
use crate::progress::Progress;

/// The bytes read at once where the length of a header is not known. Those that follow the header are returned to
/// the stream.
const CHUNK: usize = 512;

/// The bytes read first: with these the kind of the header is known, and few headers are shorter.
const FIRST: usize = 16;

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

    /// Returns whether to read more bytes at once than are needed at least: a header that is read a few bytes at a
    /// time costs as many calls.
    fn reads_ahead(&self, received: &[u8]) -> bool;
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
        let at_least = match preamble.parse(&received)? {
            Progress::Done { length, header } => {
                let rest = received.split_off(length);
                return Ok((header, Prefixed::new(rest, stream)));
            }
            Progress::NeedMore { at_least } => at_least,
        };
        let ahead = match preamble.reads_ahead(&received) {
            true => CHUNK,
            false if received.is_empty() => FIRST,
            false => 0,
        };
        // The announced length may be large; memory is taken for what arrives.
        let wanted = at_least.max(ahead).min(HEADER_MAX - received.len().min(HEADER_MAX)).clamp(1, CHUNK * 8);
        received.reserve(wanted.min(CHUNK));
        match (&mut stream).take(wanted as u64).read_buf(&mut received).await {
            Ok(0) => return Err(preamble.ended(&received).into()),
            Ok(_) => {}
            Err(error) => return Err(Refusal { refused: P::ABORTED.into(), source: Some(error) }),
        }
    }
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
