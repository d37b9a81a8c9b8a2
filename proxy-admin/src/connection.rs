//! A client's connection: reads lines, sends answers, and ends as the session says.

use std::future::Future;
use std::io;
use std::time::Duration;

use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::request::{Reader, Request, TooLong};
use crate::server::Shared;
use crate::session::{Mode, Next, Session};

/// Bytes read at once. Lines are short, and there are few clients.
const CHUNK: usize = 4096;
/// Answers of one line are sent together up to this many bytes, so that small ones do not wait for each other's
/// acknowledgements; a single answer may be longer.
const FULL: usize = 16_384;
/// How long and how much a client may still send when it has its answer.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 1 << 20);

/// Serves a client until it leaves, is silent or deaf for too long, or the session ends.
pub(crate) async fn serve(mut stream: Box<dyn Stream>, mut session: Session, shared: &Shared) {
    // What went wrong with the client's connection is nobody's business but the client's, who sees it too.
    if let Ok(Next::Close) = talk(&mut *stream, &mut session, shared).await {
        let _ = within(session.timeout, stream.shutdown()).await;
        linger(&mut *stream).await;
    }
}

/// Returns `Read` when the client has ended, `Close` when this side does.
async fn talk(stream: &mut dyn Stream, session: &mut Session, shared: &Shared) -> io::Result<Next> {
    let mut reader = Reader::new(shared.limits.line, shared.limits.payload);
    let mut chunk = [0; CHUNK];
    loop {
        // A client that has closed its direction gets the answers to its whole lines: they have been sent by now.
        let length = within(session.timeout, stream.read(&mut chunk)).await?;
        if length == 0 {
            return Ok(Next::Read);
        }
        let mut bytes = &chunk[..length];
        while let Some(request) = reader.next(&mut bytes) {
            match request {
                Ok(request) => {
                    answer(stream, session, &request, shared).await?;
                    if session.next() == Next::Close {
                        return Ok(Next::Close);
                    }
                }
                Err(error @ (TooLong::Line(_) | TooLong::Payload(_))) => {
                    send(stream, session, &mut format!("{error}\n").into_bytes()).await?;
                    return Ok(Next::Close);
                }
            }
        }
        if reader.in_payload() && session.mode == Mode::Prompt {
            send(stream, session, &mut b"+ ".to_vec()).await?;
        }
    }
}

/// Carries out a line.
async fn answer(
    stream: &mut dyn Stream,
    session: &mut Session,
    request: &Request,
    shared: &Shared,
) -> io::Result<()> {
    let mut output = Vec::new();
    for index in 0..request.commands.len() {
        let mut answer = session.answer(request, index, shared);
        match output.is_empty() {
            true => output = answer,
            false => output.append(&mut answer),
        }
        if session.quit {
            break;
        }
        if output.len() >= FULL {
            send(stream, session, &mut output).await?;
        }
        // A line of a thousand commands is not to keep other clients waiting.
        tokio::task::yield_now().await;
    }
    send(stream, session, &mut output).await
}

/// Sends all there is. The client may be as slow as it likes, as long as it takes something now and then.
async fn send(stream: &mut dyn Stream, session: &Session, output: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = &output[..];
    while !rest.is_empty() {
        let sent = within(session.timeout, stream.write(rest)).await?;
        if sent == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        rest = &rest[sent..];
    }
    output.clear();
    within(session.timeout, stream.flush()).await
}

/// Reads what the client still sends until it ends. A connection that is closed with bytes unread is reset, and a reset
/// can overtake the answer.
async fn linger(stream: &mut dyn Stream) {
    let (time, mut most) = LINGER;
    let read = async {
        let mut chunk = [0; CHUNK];
        while let Ok(length @ 1..) = stream.read(&mut chunk).await {
            most = most.saturating_sub(length);
            if most == 0 {
                break;
            }
        }
    };
    let _ = timeout(time, read).await;
}

/// With a deadline, which is an error like the others.
async fn within<T>(limit: Duration, operation: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, operation).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
