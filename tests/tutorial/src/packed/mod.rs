//! `pack+`: a layer that shortens runs of one byte, around any stream.
//!
//! It has a greeting, so its handshake can fail; it holds bytes, so it has to flush; and its framing has an end, so
//! that a stream that was cut off can be distinguished from one that has ended.

mod code;
mod filter;
mod sample;

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use proto_core::extension::{Keyword, KeywordError, Scope};
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerEntry, LayerError, LayerSpec, Outgoing, Wrapped};
use proto_core::spec::Settings;
use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use filter::Packing;
pub(crate) use sample::{SAMPLE, SERVER_SAMPLE};

/// The most bytes in one piece. A piece unpacks to no more than that: a peer cannot turn a few bytes into gigabytes.
const LONGEST: usize = 16 * 1024;
/// The greeting of both ends: the name of the layer, and the version of what follows.
const GREETING: &[u8] = b"PACK\x01";

pub(crate) const ENTRY: LayerEntry = LayerEntry {
    name: "pack",
    help: "shortens runs of the same byte",
    make: |spec| Ok(Arc::new(Pack::of(spec))),
};

pub(crate) const KEYWORD: Keyword = Keyword {
    name: "pack-piece",
    scope: Scope::Both,
    of: Some(&["pack"]),
    arguments: &["<bytes>"],
    optional: None,
    help: "the most bytes that pack+ puts into one piece",
    apply: |settings, words| {
        let bytes = words[0].parse().ok().filter(|bytes| (1..=LONGEST).contains(bytes));
        let expected = || KeywordError::first(words[0], format!("a number from 1 to {LONGEST}"));
        settings.extensions.insert(Piece(bytes.ok_or_else(expected)?));
        Ok(())
    },
};

/// The value of the keyword.
struct Piece(usize);

/// The layer of one line.
#[derive(Debug)]
pub(crate) struct Pack {
    piece: usize,
}

impl Pack {
    fn of(spec: &LayerSpec<'_>) -> Pack {
        Pack::with(spec.settings)
    }

    pub(crate) fn with(settings: &Settings) -> Pack {
        Pack { piece: settings.extensions.get::<Piece>().map_or(LONGEST, |piece| piece.0) }
    }

    /// Reads and checks the greeting of the peer.
    async fn expect_greeting(&self, stream: &mut dyn Stream) -> Result<(), LayerError> {
        let mut greeting = [0; GREETING.len()];
        stream.read_exact(&mut greeting).await.map_err(|error| self.failed(error))?;
        if greeting != GREETING {
            let error =
                io::Error::new(io::ErrorKind::InvalidData, "the peer did not send the greeting of pack+");
            return Err(self.failed(error));
        }
        Ok(())
    }

    async fn greet(&self, stream: &mut dyn Stream) -> Result<(), LayerError> {
        stream.write_all(GREETING).await.map_err(|error| self.failed(error))?;
        stream.flush().await.map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> LayerError {
        LayerError::failed(self.name(), source)
    }

    fn wrapped(&self, stream: Box<dyn Stream>) -> Box<dyn Stream> {
        Box::new(Wrapped::new(Packing::new(self.piece), stream))
    }
}

#[async_trait]
impl Layer for Pack {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    async fn accept(
        &self,
        mut stream: Box<dyn Stream>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        self.expect_greeting(&mut *stream).await?;
        self.greet(&mut *stream).await?;
        Ok(self.wrapped(stream))
    }

    async fn connect(
        &self,
        mut stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        self.greet(&mut *stream).await?;
        self.expect_greeting(&mut *stream).await?;
        Ok(self.wrapped(stream))
    }
}
