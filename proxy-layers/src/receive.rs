//! Receiving a header that comes before all else on a connection.

use std::io;

use proto_core::layer::{LayerError, Prefixed};
use proto_core::stream::Stream;
use tokio::io::AsyncReadExt;

use crate::HEADER_MAX;
use crate::code::{ErrorCode, NO_CODE, Refused, layer_code};
use crate::progress::Progress;

/// Bytes that are read at once where it is not known how many make a header. What follows it is put back.
const CHUNK: usize = 512;

/// Bytes that are read first: with so many it is known what kind of header it is, and few headers are shorter.
const FIRST: usize = 16;

/// A kind of header.
pub(crate) trait Preamble {
    /// What it says.
    type Header;
    /// For a connection that breaks before it is complete.
    const ABORTED: ErrorCode;

    /// Reads it from all bytes that have come.
    fn parse(&self, received: &[u8]) -> Result<Progress<Self::Header>, Refused>;

    /// Why a connection is closed that ended after these bytes.
    fn ended(&self, received: &[u8]) -> Refused;

    /// Whether more bytes than those that are needed at least should be read at once: a header that is read a few bytes
    /// at a time costs as many calls.
    fn reads_ahead(&self, received: &[u8]) -> bool;
}

/// Receives a header. What followed it is put back before the stream. The caller brings the deadline.
///
/// # Errors
/// Why there is none.
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
        // What is announced may be much; memory is taken for what comes.
        let wanted = at_least.max(ahead).min(HEADER_MAX - received.len().min(HEADER_MAX)).clamp(1, CHUNK * 8);
        received.reserve(wanted.min(CHUNK));
        match (&mut stream).take(wanted as u64).read_buf(&mut received).await {
            Ok(0) => return Err(preamble.ended(&received).into()),
            Ok(_) => {}
            Err(error) => return Err(Refusal { refused: P::ABORTED.into(), source: Some(error) }),
        }
    }
}

/// Why there is no header.
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
    /// As the error of a layer.
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
