//! One question to one name server.
//!
//! Each question has an id and a socket of its own, so that somebody who cannot see it has to guess both. A socket is
//! connected: the kernel drops what comes from elsewhere. What answers another question is ignored, and the wait goes on.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use proto_core::address::Address;
use proto_core::protocol::Connector;
use proto_core::spec::Target;
use proxy_resolve::message::{Answer, LONGEST, Question, Read, query, read};
use proxy_resolve::{Counted, Counters, Failure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UdpSocket;

use super::config::{NameServer, Way};

/// A question, and the limits of its answer.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) question: Question,
    pub(super) id: u16,
    /// The size of the largest answer, in bytes.
    pub(super) payload: u16,
}

/// Asks a server, and returns what it answers; `None` if it cannot be asked. The caller limits the time.
pub(super) async fn ask(
    server: &NameServer,
    counters: &Counters,
    asked: &Asked,
) -> Option<Result<Answer, Failure>> {
    match &server.way {
        Way::Datagram(address, stream) => match by_datagram(*address, counters, asked).await {
            Ok(Some(answer)) => Some(answer),
            Ok(None) => {
                counters.count(Counted::Truncated);
                let Some(stream) = stream else { return Some(Err(Failure::Truncated)) };
                let answer = by_stream(&Address::Inet(*address), &**stream, counters, asked, LONGEST).await;
                Some(answer.unwrap_or(Err(Failure::Truncated)))
            }
            Err(_) => None,
        },
        Way::Stream(address, connector) => {
            by_stream(address, &**connector, counters, asked, usize::from(asked.payload)).await.ok()
        }
    }
}

/// Asks by datagrams. Returns `None` if the answer does not fit in one.
async fn by_datagram(
    address: SocketAddr,
    counters: &Counters,
    asked: &Asked,
) -> io::Result<Option<Result<Answer, Failure>>> {
    let message = query(asked.id, &asked.question, asked.payload);
    let sent = async {
        let any = match address {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        // The kernel chooses a random port.
        let socket = UdpSocket::bind(any).await?;
        socket.connect(address).await?;
        socket.send(&message).await?;
        io::Result::Ok(socket)
    };
    let socket = sent.await.inspect_err(|_| counters.count(Counted::SendError))?;
    counters.count(Counted::Sent);
    let payload = usize::from(asked.payload);
    let mut buffer = vec![0; payload + 1];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if length > payload {
            counters.count(Counted::TooBig);
            continue;
        }
        match read(&buffer[..length], asked.id, &asked.question, payload) {
            Read::Truncated => return Ok(None),
            other => {
                if let Some(answer) = counted(other, counters) {
                    return Ok(Some(answer));
                }
            }
        }
    }
}

/// Asks over a stream, where each message has its length before it.
async fn by_stream(
    address: &Address,
    connector: &dyn Connector,
    counters: &Counters,
    asked: &Asked,
    payload: usize,
) -> io::Result<Result<Answer, Failure>> {
    let message = query(asked.id, &asked.question, asked.payload);
    let sent = async {
        let target = Target::new(address.clone());
        let mut stream = connector.connect(&target).await.map_err(io::Error::other)?;
        let length = u16::try_from(message.len()).map_err(io::Error::other)?;
        let framed = [&length.to_be_bytes()[..], &message].concat();
        stream.write_all(&framed).await?;
        stream.flush().await?;
        io::Result::Ok(stream)
    };
    let mut stream = sent.await.inspect_err(|_| counters.count(Counted::SendError))?;
    counters.count(Counted::Sent);
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length).await?;
        let mut buffer = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut buffer).await?;
        if buffer.len() > payload {
            counters.count(Counted::TooBig);
            continue;
        }
        match read(&buffer, asked.id, &asked.question, payload) {
            Read::Truncated => {
                counters.count(Counted::Truncated);
                return Ok(Err(Failure::Truncated));
            }
            other => {
                if let Some(answer) = counted(other, counters) {
                    return Ok(answer);
                }
            }
        }
    }
}

/// Counts a message, and returns what it says if it is an answer.
fn counted(read: Read, counters: &Counters) -> Option<Result<Answer, Failure>> {
    let counted = match &read {
        Read::Answer(_) => Counted::Valid,
        Read::Failed(failure) => Counted::from(*failure),
        Read::Truncated => Counted::Truncated,
        Read::Outdated => Counted::Outdated,
        Read::Foreign => Counted::Invalid,
    };
    counters.count(counted);
    match read {
        Read::Answer(answer) => Some(Ok(answer)),
        Read::Failed(failure) => Some(Err(failure)),
        Read::Truncated | Read::Outdated | Read::Foreign => None,
    }
}
