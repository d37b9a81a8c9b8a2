//! A message of the table, and how it goes over a connection in one codec and the other.

use proto_core::stream::Stream;
use proxy_http::h1::{BodyDecoder, Limits, RequestParser, ResponseParser};
use proxy_http::{Fields, Method, Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::records;

/// How a peer of the proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Http1,
    Records,
}

/// A message, as both languages can say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// `GET /` or `200`.
    pub(super) start: String,
    pub(super) body: Vec<u8>,
    /// Whether there is a body at all, and whether its length is said before it.
    pub(super) framing: Framing,
    pub(super) trailers: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Framing {
    #[default]
    None,
    Known,
    Unknown,
}

impl Message {
    pub(super) fn new(start: &str) -> Message {
        Message { start: start.to_owned(), ..Message::default() }
    }

    pub(super) fn known(start: &str, body: &[u8]) -> Message {
        Message { body: body.to_vec(), framing: Framing::Known, ..Message::new(start) }
    }

    pub(super) fn unknown(start: &str, body: &[u8], trailers: &[(&str, &str)]) -> Message {
        let trailers = trailers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let trailers = trailers.collect();
        Message { body: body.to_vec(), framing: Framing::Unknown, trailers, ..Message::new(start) }
    }

    fn is_request(&self) -> bool {
        !self.start.starts_with(|first: char| first.is_ascii_digit())
    }

    fn bytes(&self, language: Language) -> Vec<u8> {
        match language {
            Language::Http1 => self.http1(),
            Language::Records => self.records(),
        }
    }

    fn http1(&self) -> Vec<u8> {
        let mut text = match self.is_request() {
            true => format!("{} HTTP/1.1\r\nhost: a\r\n", self.start),
            false => format!("HTTP/1.1 {} X\r\n", self.start),
        };
        match self.framing {
            Framing::None => text += "\r\n",
            Framing::Known => text += &format!("content-length: {}\r\n\r\n", self.body.len()),
            Framing::Unknown => text += "transfer-encoding: chunked\r\n\r\n",
        }
        let mut bytes = text.into_bytes();
        if self.framing == Framing::Unknown {
            bytes.extend(format!("{:x}\r\n", self.body.len()).bytes());
            bytes.extend(&self.body);
            bytes.extend(b"\r\n0\r\n");
            for (name, value) in &self.trailers {
                bytes.extend(format!("{name}: {value}\r\n").bytes());
            }
            bytes.extend(b"\r\n");
        } else {
            bytes.extend(&self.body);
        }
        bytes
    }

    fn records(&self) -> Vec<u8> {
        let length = match self.framing {
            Framing::None => "none".to_owned(),
            Framing::Known => self.body.len().to_string(),
            Framing::Unknown => "unknown".to_owned(),
        };
        let (tag, first) = match self.start.split_once(' ') {
            Some((method, target)) => (b'Q', format!("{method}={target}")),
            None => (b'R', format!("status={}", self.start)),
        };
        let mut bytes = records::record(tag, format!("{first}\nlength={length}\nhost=a\n").as_bytes());
        if self.framing != Framing::None {
            bytes.extend(records::record(b'D', &self.body));
            let lines: String =
                self.trailers.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
            bytes.extend(records::record(b'E', lines.as_bytes()));
        }
        bytes
    }

    /// The first message of some bytes, and how many of them it takes. A response is one to this method.
    fn read(bytes: &[u8], language: Language, to: Option<Method>) -> Option<(Message, usize)> {
        match language {
            Language::Http1 => Message::read_http1(bytes, to),
            Language::Records => Message::read_records(bytes, to),
        }
    }

    fn read_http1(bytes: &[u8], to: Option<Method>) -> Option<(Message, usize)> {
        let mut input = bytes.to_vec();
        let (start, framing) = match to {
            None => {
                let mut request = Request::new();
                let meta = RequestParser::new(Limits::default()).parse(&mut input, &mut request).unwrap()?;
                let method = String::from_utf8_lossy(request.method_name()).into_owned();
                (format!("{method} {}", String::from_utf8_lossy(request.target())), meta.body)
            }
            Some(to) => {
                let mut response = Response::new();
                let meta =
                    ResponseParser::new(Limits::default()).parse(&mut input, &mut response, to).unwrap()?;
                (response.status().to_string(), meta.body)
            }
        };
        let mut decoder = BodyDecoder::new(framing);
        let rest = input.len();
        let decoded = decoder.decode(&mut input).unwrap();
        if !decoder.is_done() {
            return None;
        }
        let framing = match framing {
            proxy_http::h1::Framing::None => Framing::None,
            proxy_http::h1::Framing::Length(_) => Framing::Known,
            _ => Framing::Unknown,
        };
        let trailers = fields(decoder.trailers());
        let message = Message { start, body: input[..decoded.data].to_vec(), framing, trailers };
        Some((message, bytes.len() - rest + decoded.consumed))
    }

    fn read_records(bytes: &[u8], to: Option<Method>) -> Option<(Message, usize)> {
        let (_, head, mut used) = records::first(bytes)?;
        let lines = records::pairs(head);
        let (first, length) = (&lines[0], &*lines[1].1);
        let start = if to.is_some() { first.1.clone() } else { format!("{} {}", first.0, first.1) };
        let framing = match length {
            "none" => Framing::None,
            "unknown" => Framing::Unknown,
            _ => Framing::Known,
        };
        let mut message = Message { framing, ..Message::new(&start) };
        if framing == Framing::None {
            return Some((message, used));
        }
        loop {
            let (tag, text, more) = records::first(&bytes[used..])?;
            used += more;
            if tag == b'E' {
                message.trailers = records::pairs(text);
                return Some((message, used));
            }
            message.body.extend(text);
        }
    }
}

fn fields(fields: &Fields) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    fields.iter().map(|field| (text(field.name), text(field.value))).collect()
}

/// A peer of the proxy.
pub(super) struct Peer {
    stream: Box<dyn Stream>,
    language: Language,
    input: Vec<u8>,
}

impl Peer {
    pub(super) fn new(stream: Box<dyn Stream>, language: Language) -> Peer {
        Peer { stream, language, input: Vec::new() }
    }

    pub(super) async fn say(&mut self, message: &Message) {
        self.stream.write_all(&message.bytes(self.language)).await.unwrap();
    }

    /// The next message; a response is one to this method. `None` at the end.
    pub(super) async fn hear(&mut self, to: Option<Method>) -> Option<Message> {
        loop {
            if let Some((message, used)) = Message::read(&self.input, self.language, to) {
                self.input.drain(..used);
                return Some(message);
            }
            let mut room = [0; 4096];
            match self.stream.read(&mut room).await.unwrap() {
                0 => return None,
                n => self.input.extend(&room[..n]),
            }
        }
    }
}
