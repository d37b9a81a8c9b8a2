//! A client that can stop in the middle of a body for an action of the test: in one thread, with blocking calls.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use braid_load::{Pattern, Resource, Seed, Transport, Verdict};
use braid_tests::measured::measured;
use braid_tests::mptcp;
use braid_tests::ns::Namespace;

use crate::transfer::{LIMIT, circumstances};

/// The size of chunks that are requested or sent: not a power of two, so that they end anywhere in a buffer.
pub(crate) const CHUNK: u64 = 30_000;
/// The bytes of one write.
const PIECE: u64 = 64 << 10;

/// The longest wait of a client while a path fails: some retransmission timers, the first of which is 200 ms.
const HAND_OVER: Duration = Duration::from_secs(5);

/// The framing of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length,
    Chunked,
}

impl Framing {
    fn chunk(self) -> Option<NonZeroU64> {
        (self == Self::Chunked).then(|| NonZeroU64::new(CHUNK)).flatten()
    }
}

/// A connection that carries requests, one after the other.
#[derive(Debug)]
pub(crate) struct Client {
    reader: BufReader<TcpStream>,
    /// The longest wait of a call.
    pub(crate) longest_stall: Duration,
}

impl Client {
    /// Reports the longest wait, which must not exceed that of a hand-over.
    pub(crate) fn tell(&self, what: &str) {
        measured(format_args!("HTTP {what}: longest stall {:.0} ms", self.longest_stall.as_secs_f64() * 1e3));
        assert!(self.longest_stall < HAND_OVER, "{what}: {:?}; {}", self.longest_stall, circumstances());
    }

    /// Connects from inside a namespace.
    pub(crate) fn connect(namespace: &Namespace, to: SocketAddr, transport: Transport) -> Self {
        let connect = || match transport {
            Transport::Mptcp => mptcp::connect(to),
            Transport::Tcp => TcpStream::connect(to),
        };
        let stream = namespace.run(connect).unwrap().unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { reader: BufReader::with_capacity(PIECE as usize, stream), longest_stall: Duration::ZERO }
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        self.reader.get_ref()
    }

    /// Requests a body, and reads it.
    pub(crate) fn get(&mut self, bytes: u64, framing: Framing) {
        self.begin_get(bytes, framing).finish();
    }

    /// Requests a body, and reads the head of the response.
    pub(crate) fn begin_get(&mut self, bytes: u64, framing: Framing) -> Download<'_> {
        let resource = Resource { bytes, seed: Seed::random(), chunk: framing.chunk() };
        self.write(format!("GET {resource} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes());
        let length = self.answer();
        // The framing of the origin has to be preserved.
        assert_eq!(length, (framing == Framing::Length).then_some(bytes));
        let left = length.unwrap_or_default();
        Download { client: self, pattern: Pattern::new(resource.seed), bytes, framing, got: 0, left }
    }

    /// Begins to send a body.
    pub(crate) fn begin_post(&mut self, bytes: u64, framing: Framing) -> Upload<'_> {
        let resource = Resource { bytes: 0, seed: Seed::random(), chunk: None };
        let header = match framing {
            Framing::Length => format!("Content-Length: {bytes}"),
            Framing::Chunked => "Transfer-Encoding: chunked".to_owned(),
        };
        self.write(format!("POST {resource} HTTP/1.1\r\nHost: test\r\n{header}\r\n\r\n").as_bytes());
        Upload { client: self, pattern: Pattern::new(resource.seed), bytes, framing, sent: 0 }
    }

    fn timed<T>(&mut self, call: impl FnOnce(&mut BufReader<TcpStream>) -> io::Result<T>) -> T {
        let begin = Instant::now();
        let done = call(&mut self.reader).unwrap();
        self.longest_stall = self.longest_stall.max(begin.elapsed());
        done
    }

    fn write(&mut self, data: &[u8]) {
        self.timed(|reader| reader.get_mut().write_all(data));
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.timed(|reader| reader.read_line(&mut line));
        line.strip_suffix("\r\n").unwrap_or_else(|| panic!("the stream ended in {line:?}")).to_owned()
    }

    /// Reads a head, and returns the length of the body; without one it is chunked.
    fn answer(&mut self) -> Option<u64> {
        let status = self.line();
        assert!(status.starts_with("HTTP/1.1 200 "), "{status}");
        let (mut length, mut chunked) = (None, false);
        loop {
            let line = self.line().to_ascii_lowercase();
            match line.split_once(": ") {
                None if line.is_empty() => break,
                Some(("content-length", value)) => length = Some(value.parse().unwrap()),
                Some(("transfer-encoding", value)) => chunked = value == "chunked",
                Some(("connection", value)) => assert_ne!(value, "close"),
                _ => {}
            }
        }
        assert!(length.is_some() != chunked, "{length:?}, {chunked}");
        length
    }
}

/// A response whose body is being received.
#[derive(Debug)]
pub(crate) struct Download<'a> {
    client: &'a mut Client,
    pattern: Pattern,
    bytes: u64,
    framing: Framing,
    got: u64,
    /// The bytes left of this chunk, or of the body.
    left: u64,
}

impl Download<'_> {
    /// Reads the body up to this byte.
    pub(crate) fn take(&mut self, to: u64) {
        while self.got < to {
            if self.left == 0 {
                self.left = self.size_line();
                assert_ne!(self.left, 0, "the last chunk after {} bytes", self.got);
            }
            self.client.timed(|reader| reader.fill_buf().map(drop));
            let data = self.client.reader.buffer();
            assert!(!data.is_empty(), "the stream ended after {} bytes", self.got);
            let count = (data.len() as u64).min(self.left);
            self.pattern.check(self.got, &data[..count as usize]).unwrap();
            self.client.reader.consume(count as usize);
            self.got += count;
            self.left -= count;
            if self.left == 0 && self.framing == Framing::Chunked {
                assert_eq!(self.client.line(), "");
            }
        }
    }

    /// Reads the rest, and checks that nothing follows.
    pub(crate) fn finish(mut self) {
        self.take(self.bytes);
        if self.framing == Framing::Chunked {
            assert_eq!((self.left, self.size_line()), (0, 0));
            assert_eq!(self.client.line(), "");
        }
        assert_eq!(self.got, self.bytes);
        assert_eq!(self.client.reader.buffer(), b"");
    }

    fn size_line(&mut self) -> u64 {
        u64::from_str_radix(&self.client.line(), 16).unwrap()
    }
}

/// A request whose body is being sent.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    client: &'a mut Client,
    pattern: Pattern,
    bytes: u64,
    framing: Framing,
    sent: u64,
}

impl Upload<'_> {
    /// Sends the body up to this byte.
    pub(crate) fn send(&mut self, to: u64) {
        let mut piece = vec![0; PIECE.max(CHUNK) as usize];
        while self.sent < to {
            let size = if self.framing == Framing::Chunked { CHUNK } else { PIECE }.min(to - self.sent);
            let data = &mut piece[..size as usize];
            self.pattern.fill(self.sent, data);
            match self.framing {
                Framing::Length => self.client.write(data),
                Framing::Chunked => {
                    self.client.write(&[format!("{size:x}\r\n").as_bytes(), data, b"\r\n"].concat());
                }
            }
            self.sent += size;
        }
    }

    /// Sends the rest, and checks that the origin got all of it, and nothing else.
    pub(crate) fn finish(mut self) {
        self.send(self.bytes);
        if self.framing == Framing::Chunked {
            self.client.write(b"0\r\n\r\n");
        }
        let mut text = vec![0; self.client.answer().unwrap() as usize];
        self.client.timed(|reader| reader.read_exact(&mut text));
        let verdict = Verdict::parse(&text).unwrap();
        assert_eq!((verdict.bytes, verdict.mismatch), (self.bytes, None), "{verdict}");
    }
}
