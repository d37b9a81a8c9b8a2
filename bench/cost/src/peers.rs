//! Client and origin in one thread: each step waits until the proxy has nothing left to do, so that the proxy does
//! the same in every run.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use braid_load::Opening;

use crate::cases::{Case, SERVER_NAME, Unit};
use crate::proxy::Proxy;
use crate::quiet::PATIENCE;

/// The time between two units whose lines are logged: several times what the log's thread waits for further lines
/// before it sleeps, so that it is woken for each line.
const LOG_INTERVAL: Duration = Duration::from_millis(4);

const REQUEST: &[u8] =
    b"GET /resource HTTP/1.1\r\nHost: origin.example\r\nUser-Agent: braid-cost\r\nAccept: */*\r\n\r\n";
/// A response with a body of 128 bytes.
const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 128\r\n\r\n\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// The payload of a TCP session in each direction.
const PAYLOAD: &[u8] = &[b'x'; 100];
const BLANK_LINE: &[u8] = b"\r\n\r\n";
/// A buffer size larger than any message here.
const BUFFER: usize = 4096;

/// The origin's listening socket, which has to exist before the proxy starts.
#[derive(Debug)]
pub(crate) struct Origin {
    listener: TcpListener,
}

impl Origin {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen as origin")?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener })
    }

    pub(crate) fn addr(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Returns a connection that the proxy has opened, if there is one.
    fn accepted(&self) -> anyhow::Result<Option<TcpStream>> {
        match self.listener.accept() {
            Ok((stream, _)) => Ok(Some(prepared(stream)?)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error).context("accept as origin"),
        }
    }
}

/// The proxy, the origin and the state of their connections.
#[derive(Debug)]
pub(crate) struct Peers<'a> {
    proxy: &'a Proxy,
    origin: &'a Origin,
    /// The one connection that serves all requests in HTTP mode.
    server: Option<TcpStream>,
    /// The time that a unit has to wait for the log line of the one before.
    interval: Duration,
    /// Whether a TCP session begins with a PROXY header and a ClientHello.
    is_named: bool,
}

impl<'a> Peers<'a> {
    pub(crate) fn new(proxy: &'a Proxy, origin: &'a Origin, case: &Case) -> anyhow::Result<Self> {
        proxy.quiet()?;
        // The connections that checked whether the proxy listens.
        while origin.accepted()?.is_some() {}
        proxy.quiet()?;
        let interval = if case.log { LOG_INTERVAL } else { Duration::ZERO };
        Ok(Self { proxy, origin, server: None, interval, is_named: case.unit == Unit::NamedConnection })
    }

    pub(crate) fn client(&self) -> anyhow::Result<TcpStream> {
        let client = prepared(TcpStream::connect(self.proxy.addr()).context("connect to braid")?)?;
        self.proxy.quiet()?;
        Ok(client)
    }

    /// Sends one request and receives its response.
    pub(crate) fn request(&mut self, client: &mut TcpStream) -> anyhow::Result<()> {
        client.write_all(REQUEST)?;
        self.proxy.quiet()?;
        let server = match (&mut self.server, self.origin.accepted()?) {
            (Some(_), Some(_)) => bail!("braid has opened a second connection to its server"),
            (Some(server), None) => server,
            (none, accepted) => none.insert(accepted.context("braid has not connected to its server")?),
        };
        receive(server, 0).context("a request at the origin")?;
        server.write_all(RESPONSE)?;
        self.proxy.quiet()?;
        let answer = receive(client, 128).context("an answer at the client")?;
        ensure!(
            answer.starts_with(b"HTTP/1.1 200 OK\r\n"),
            "an answer is {:?}",
            String::from_utf8_lossy(&answer)
        );
        self.pause()
    }

    /// Opens a TCP session that carries a payload in both directions; returns the client's and the server's end.
    pub(crate) fn session(&self) -> anyhow::Result<(TcpStream, TcpStream)> {
        let mut client = self.client()?;
        let [sent, passed] = [true, false].map(|proxy_header| match self.is_named {
            true => Opening::new(proxy_header, Some(SERVER_NAME)),
            false => Opening::default(),
        });
        let begins = || -> anyhow::Result<TcpStream> {
            self.origin.accepted()?.context("braid has not connected to its server")
        };
        let mut server = match self.is_named {
            false => begins()?,
            true => {
                client.write_all(sent.bytes())?;
                self.proxy.quiet()?;
                let mut server = begins()?;
                let mut got = vec![0; passed.bytes().len()];
                server.read_exact(&mut got)?;
                ensure!(got == passed.bytes(), "the ClientHello has changed");
                server
            }
        };
        self.carry(&mut client, &mut server).context("from the client to the origin")?;
        self.carry(&mut server, &mut client).context("from the origin to the client")?;
        Ok((client, server))
    }

    /// Closes a session, the client's end first.
    pub(crate) fn end(&self, (client, mut server): (TcpStream, TcpStream)) -> anyhow::Result<()> {
        drop(client);
        self.proxy.quiet()?;
        ensure!(server.read(&mut [0])? == 0, "the origin got more than the client had sent");
        drop(server);
        self.proxy.quiet()?;
        self.pause()
    }

    fn carry(&self, from: &mut TcpStream, to: &mut TcpStream) -> anyhow::Result<()> {
        from.write_all(PAYLOAD)?;
        self.proxy.quiet()?;
        let mut got = [0; PAYLOAD.len()];
        to.read_exact(&mut got)?;
        ensure!(got == PAYLOAD, "the payload has changed");
        Ok(())
    }

    fn pause(&self) -> anyhow::Result<()> {
        if self.interval.is_zero() {
            return Ok(());
        }
        let due = Instant::now() + self.interval;
        while let Some(left) = due.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            thread::park_timeout(left);
        }
        self.proxy.quiet()
    }
}

/// Returns an error if a connection that should be idle has ended or received something.
pub(crate) fn expect_idle(stream: &TcpStream) -> anyhow::Result<()> {
    stream.set_nonblocking(true)?;
    match stream.peek(&mut [0]) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error).context("an idle connection"),
        Ok(0) => bail!("braid has closed an idle connection"),
        Ok(_) => bail!("braid has sent something on an idle connection"),
    }
}

fn prepared(stream: TcpStream) -> anyhow::Result<TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Reads a head and a body of that length.
fn receive(stream: &mut TcpStream, body: usize) -> anyhow::Result<Vec<u8>> {
    let (mut buffer, mut len) = ([0; BUFFER], 0);
    while !is_complete(&buffer[..len], body)? {
        match stream.read(&mut buffer[len..])? {
            0 => bail!("it ended after {len} bytes"),
            count => len += count,
        }
    }
    Ok(buffer[..len].to_vec())
}

fn is_complete(message: &[u8], body: usize) -> anyhow::Result<bool> {
    let Some(head) = message.windows(BLANK_LINE.len()).position(|window| window == BLANK_LINE) else {
        return Ok(false);
    };
    let got = message.len() - head - BLANK_LINE.len();
    ensure!(got <= body, "its body has {got} bytes of {body}");
    Ok(got == body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_complete_with_its_last_byte() {
        let (head, body) = RESPONSE.split_at(RESPONSE.len() - 128);
        assert!(head.ends_with(BLANK_LINE) && !body.contains(&b'\n'));
        assert!(!is_complete(&head[..20], 128).unwrap() && !is_complete(head, 128).unwrap());
        assert!(!is_complete(&RESPONSE[..RESPONSE.len() - 1], 128).unwrap());
        assert!(is_complete(RESPONSE, 128).unwrap());
        assert!(is_complete(RESPONSE, 127).is_err());
        assert!(is_complete(REQUEST, 0).unwrap());
    }
}
