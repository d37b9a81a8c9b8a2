//! A relay changes between splicing and copying as its streams allow, and loses nothing in between.

mod common;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use common::{BoxedStream, Transport, all, content, exchange, in_pipe, run, stuff, wired};
use proto_core::address::Address;
use proto_core::info::ConnectionInfo;
use proto_core::options::SocketOption;
use proto_core::protocol::Incoming;
use proto_core::stream::{SpliceEnd, Stream, Support};
use proxy_relay::{Control, Ended, RelayTimeouts, Scratch, ScratchConfig};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

/// A stream whose support for splicing is switched by the test.
#[derive(Debug)]
struct Switched {
    below: BoxedStream,
    splices: Arc<AtomicBool>,
}

impl AsyncRead for Switched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.below).poll_read(cx, buf)
    }
}

impl AsyncWrite for Switched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.below).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.below).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.below).poll_shutdown(cx)
    }
}

impl Stream for Switched {
    fn peer_addr(&self) -> Address {
        self.below.peer_addr()
    }

    fn local_addr(&self) -> Address {
        self.below.local_addr()
    }

    fn info(&self) -> ConnectionInfo {
        self.below.info()
    }

    fn abort(self: Box<Self>) {
        self.below.abort();
    }

    fn set_option(&self, option: &SocketOption) -> io::Result<Support> {
        self.below.set_option(option)
    }

    fn detach(self: Box<Self>) -> io::Result<Box<dyn Incoming>> {
        self.below.detach()
    }

    fn splice_read(&self) -> Option<&dyn SpliceEnd> {
        self.splices.load(Ordering::Relaxed).then(|| self.below.splice_read())?
    }

    fn splice_write(&self) -> Option<&dyn SpliceEnd> {
        self.splices.load(Ordering::Relaxed).then(|| self.below.splice_write())?
    }
}

#[tokio::test]
async fn bytes_in_a_pipe_are_written_when_the_receiver_stops_splicing() {
    let (scratch, control) = (Scratch::default(), Control::new());
    let mut wired = wired(Transport::Tcp, Transport::Tcp).await;
    let splices = Arc::new(AtomicBool::new(true));
    let inner_client = Box::new(Switched { below: wired.inner_client, splices: Arc::clone(&splices) });
    let (outcome, ()) = tokio::join!(
        run(inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
        async {
            let mut taken = stuff(&mut wired.server, || in_pipe(&scratch)).await;
            splices.store(false, Ordering::Relaxed);
            let rest = content(9, 1024 * 1024);
            let (sent, received) = tokio::join!(
                async {
                    wired.server.write_all(&rest).await?;
                    wired.server.shutdown().await
                },
                all(&mut wired.client)
            );
            sent.expect("open");
            taken += rest.len();
            assert_eq!(received.len(), taken);
            assert!(received.ends_with(&rest));
            wired.client.shutdown().await.expect("open");
        }
    );
    assert!(matches!(outcome.ended, Ended::Fin { .. }), "{outcome:?}");
    assert!(outcome.to_client.spliced > 0 && outcome.to_client.spliced < outcome.to_client.delivered);
    assert_eq!(scratch.kept(), 0);
}

#[tokio::test]
async fn where_the_system_refuses_pipes_it_copies() {
    let scratch = Scratch::new(ScratchConfig { pipe_size: usize::MAX, ..ScratchConfig::default() });
    let control = Control::new();
    let wired = wired(Transport::Tcp, Transport::Tcp).await;
    let request = content(1, 4 * 1024 * 1024);
    let (outcome, _, at_server) = tokio::join!(
        run(wired.inner_client, wired.inner_server, RelayTimeouts::default(), &scratch, &control),
        exchange(wired.client, &request),
        exchange(wired.server, b""),
    );
    assert!(at_server == request);
    assert_eq!(outcome.to_server.spliced, 0);
    let pipes = scratch.pipe_statistics();
    assert!(pipes.open == 0 && pipes.refused > 0, "{pipes:?}");
}
