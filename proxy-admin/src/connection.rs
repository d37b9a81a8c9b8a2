//! A client's connection: reads lines, sends answers, and ends as the client has set.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::client::{Client, Mode};
use crate::execute::{self, Shared};
use crate::input::Input;
use crate::pass::pass;
use crate::request::{Reader, Request, TooLong};

/// The number of bytes up to which answers, and pieces of them, are gathered to be sent in one call, so that small
/// ones do not wait for each other's acknowledgements.
const FULL: usize = 16_384;
/// How long and how many bytes a client may still send once it has its answer.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 1 << 20);
/// The size of a read whose bytes are discarded.
const DISCARD: usize = 4096;

/// The side that ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Client,
    Server,
}

/// Serves a client until it leaves, neither sends nor reads for too long, or its connection is to be closed.
pub(crate) async fn serve(mut stream: Box<dyn Stream>, client: Client, shared: &Shared) {
    let time = client.timeout;
    // An error of the client's connection is not reported: the client sees it too.
    if let Ok(End::Server) = Connection::new(&mut *stream, client, shared).run().await {
        let _ = within(time, stream.shutdown()).await;
        linger(&mut *stream).await;
    }
}

/// A connection that is being served.
struct Connection<'a> {
    stream: &'a mut dyn Stream,
    client: Client,
    shared: &'a Shared,
    input: Input,
    /// The bytes to be sent.
    output: Vec<u8>,
    /// The pieces of the answer of the command that is being executed. The channel has room for one.
    pieces: (mpsc::Sender<String>, mpsc::Receiver<String>),
}

/// The progress of a command that is being executed.
enum Progress {
    Piece(String),
    /// It waits for something, and there are bytes to send.
    Waits,
    Done(Vec<u8>),
}

impl<'a> Connection<'a> {
    fn new(stream: &'a mut dyn Stream, client: Client, shared: &'a Shared) -> Connection<'a> {
        let (input, output, pieces) = (Input::default(), Vec::new(), mpsc::channel(1));
        Connection { stream, client, shared, input, output, pieces }
    }

    async fn run(mut self) -> io::Result<End> {
        let mut reader = Reader::new(self.shared.limits.line, self.shared.limits.payload);
        loop {
            // A client that has half-closed gets the answers to its whole lines: they have been sent by now.
            let chunk = within(self.client.timeout, self.input.next(self.stream)).await?;
            if chunk.is_empty() {
                return Ok(End::Client);
            }
            let mut bytes = &chunk[..];
            while let Some(request) = reader.next(&mut bytes) {
                match request {
                    Ok(request) => {
                        self.answer(&request).await?;
                        if self.client.is_finished() {
                            return Ok(End::Server);
                        }
                    }
                    Err(error @ (TooLong::Line(_) | TooLong::Payload(_))) => {
                        self.output.extend_from_slice(format!("{error}\n").as_bytes());
                        self.flush().await?;
                        return Ok(End::Server);
                    }
                }
            }
            if reader.in_payload() && self.client.mode == Mode::Prompt {
                self.output.extend_from_slice(b"+ ");
                self.flush().await?;
            }
        }
    }

    /// Executes the commands of a line.
    async fn answer(&mut self, request: &Request) -> io::Result<()> {
        for index in 0..request.commands.len() {
            self.execute(request, index).await?;
            if let Some(passing) = self.client.passing.take() {
                self.flush().await?;
                pass(self.stream, passing).await?;
            }
            if self.client.quit {
                break;
            }
            // Lets other clients run between the commands of a long line.
            tokio::task::yield_now().await;
        }
        self.flush().await
    }

    /// Executes one command, and sends its pieces while it runs. The command is dropped on an error.
    async fn execute(&mut self, request: &Request, index: usize) -> io::Result<()> {
        let Connection { stream, client, shared, input, output, pieces: (sender, receiver) } = self;
        let time = client.timeout;
        let mut command = pin!(execute::answer(client, request, index, shared, sender));
        loop {
            match progress(*stream, input, output, receiver, command.as_mut()).await? {
                Progress::Piece(piece) => {
                    output.extend_from_slice(piece.as_bytes());
                    if output.len() >= FULL {
                        send(*stream, time, output).await?;
                    }
                }
                Progress::Waits => send(*stream, time, output).await?,
                Progress::Done(mut end) => {
                    while let Ok(piece) = receiver.try_recv() {
                        output.extend_from_slice(piece.as_bytes());
                    }
                    match output.is_empty() {
                        true => *output = end,
                        false => output.append(&mut end),
                    }
                    if output.len() >= FULL {
                        send(*stream, time, output).await?;
                    }
                    return Ok(());
                }
            }
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        send(self.stream, self.client.timeout, &mut self.output).await
    }
}

/// Runs a command until there is something to send, or until its client has left, which is an error.
async fn progress(
    stream: &mut dyn Stream,
    input: &mut Input,
    output: &[u8],
    pieces: &mut mpsc::Receiver<String>,
    mut command: Pin<&mut impl Future<Output = Vec<u8>>>,
) -> io::Result<Progress> {
    poll_fn(|cx| {
        if let Poll::Ready(Some(piece)) = pieces.poll_recv(cx) {
            return Poll::Ready(Ok(Progress::Piece(piece)));
        }
        if let Poll::Ready(end) = command.as_mut().poll(cx) {
            return Poll::Ready(Ok(Progress::Done(end)));
        }
        // The command may be waiting only because of the piece that it has just sent.
        if let Poll::Ready(Some(piece)) = pieces.poll_recv(cx) {
            return Poll::Ready(Ok(Progress::Piece(piece)));
        }
        if !output.is_empty() {
            return Poll::Ready(Ok(Progress::Waits));
        }
        input.poll_left(stream, cx).map(Err)
    })
    .await
}

/// Sends everything in `output`. The client may be slow, as long as it takes something within `time`.
async fn send(stream: &mut dyn Stream, time: Duration, output: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = &output[..];
    while !rest.is_empty() {
        let sent = within(time, stream.write(rest)).await?;
        if sent == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        rest = &rest[sent..];
    }
    output.clear();
    within(time, stream.flush()).await
}

/// Reads what the client still sends until its end of file. A connection that is closed with unread bytes is reset,
/// and a reset can overtake the answer.
async fn linger(stream: &mut dyn Stream) {
    let (time, mut most) = LINGER;
    let read = async {
        let mut chunk = [0; DISCARD];
        while let Ok(length @ 1..) = stream.read(&mut chunk).await {
            most = most.saturating_sub(length);
            if most == 0 {
                break;
            }
        }
    };
    let _ = timeout(time, read).await;
}

/// Adds a deadline to an operation. An expired deadline is an error like the others.
async fn within<T>(limit: Duration, operation: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, operation).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
