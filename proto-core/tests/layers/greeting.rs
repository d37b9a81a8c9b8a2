//! A layer that only has a handshake, of one line; bytes that were read ahead are put back.

use std::io::{self, ErrorKind};

use async_trait::async_trait;
use proto_core::layer::{Findings, Layer, LayerError, Outgoing, Prefixed};
use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LINE: &[u8] = b"HELLO from a client\n";

#[derive(Debug)]
pub(crate) struct Greeting;

async fn read_line(stream: &mut Box<dyn Stream>) -> io::Result<Vec<u8>> {
    let mut got = Vec::new();
    while got.len() < LINE.len() {
        let mut piece = [0; 64];
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        got.extend_from_slice(&piece[..length]);
        let begun = got.len().min(LINE.len());
        if got[..begun] != LINE[..begun] {
            return Err(io::Error::new(ErrorKind::InvalidData, "it is not the greeting"));
        }
    }
    Ok(got.split_off(LINE.len()))
}

#[async_trait]
impl Layer for Greeting {
    fn name(&self) -> &'static str {
        "greeting"
    }

    async fn accept(
        &self,
        mut stream: Box<dyn Stream>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        let rest = read_line(&mut stream).await.map_err(|error| LayerError::failed(self.name(), error))?;
        Ok(Prefixed::new(rest, stream))
    }

    async fn connect(
        &self,
        mut stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        stream.write_all(LINE).await.map_err(|error| LayerError::failed(self.name(), error))?;
        Ok(stream)
    }
}
