//! A layer that changes each byte and has neither a handshake nor frames.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use proto_core::layer::{Filter, Findings, Layer, LayerError, Outgoing, Wrapped};
use proto_core::stream::Stream;
use tokio::io::ReadBuf;

#[derive(Debug)]
pub(crate) struct Shifted;

#[async_trait]
impl Layer for Shifted {
    fn name(&self) -> &'static str {
        "shifted"
    }

    async fn accept(&self, stream: Box<dyn Stream>, _: &mut Findings) -> Result<Box<dyn Stream>, LayerError> {
        Ok(Box::new(Wrapped::new(Shift, stream)))
    }

    async fn connect(
        &self,
        stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        Ok(Box::new(Wrapped::new(Shift, stream)))
    }
}

#[derive(Debug)]
struct Shift;

impl Filter for Shift {
    fn name(&self) -> Option<&'static str> {
        Some("shifted")
    }

    fn poll_read(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(below).poll_read(cx, buf))?;
        buf.filled_mut()[before..].iter_mut().for_each(|byte| *byte = byte.wrapping_sub(1));
        Poll::Ready(Ok(()))
    }

    fn poll_write(
        &mut self,
        below: &mut dyn Stream,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes = bufs.iter().flat_map(|buf| buf.iter()).take(8 * 1024);
        let shifted: Vec<u8> = bytes.map(|byte| byte.wrapping_add(1)).collect();
        Pin::new(below).poll_write(cx, &shifted)
    }
}
