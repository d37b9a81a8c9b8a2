//! A message of the table, independent of the language in which peers send it.

use proxy_http::h1::{Framing, Limits, RequestParser, ResponseParser};
use proxy_http::{BodyLength, Method, Request, Response};

use super::format::{self, DATA, END, HEAD, REQUEST, RESPONSE};
use super::wire::READ;

/// The codec of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Http1,
    Records,
}

/// A language, and the number of the exchange if the language has numbers.
pub(super) type Voice = (Language, u32);

/// A message. Its fields exclude those for framing and for the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The first line: `GET /` or `200`.
    pub(super) start: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) length: BodyLength,
    pub(super) body: Vec<u8>,
    pub(super) trailers: Vec<(String, String)>,
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Message {
    /// Makes a message without a body; a request is for the host `a`.
    pub(super) fn new(start: &str) -> Message {
        let is_request = start.contains(' ');
        let fields = owned(if is_request { &[("host", "a")] } else { &[] });
        let (length, body, trailers) = (BodyLength::Empty, Vec::new(), Vec::new());
        Message { start: start.to_owned(), fields, length, body, trailers }
    }

    /// Makes a message with a body of known length.
    pub(super) fn known(start: &str, body: &[u8]) -> Message {
        Message { length: BodyLength::Known(body.len() as u64), body: body.to_vec(), ..Message::new(start) }
    }

    /// Makes a message with a body of unknown length.
    pub(super) fn unknown(start: &str, body: &[u8], trailers: &[(&str, &str)]) -> Message {
        let trailers = owned(trailers);
        Message { length: BodyLength::Unknown, body: body.to_vec(), trailers, ..Message::new(start) }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Message {
        self.fields.extend(owned(&[(name, value)]));
        self
    }

    /// Returns whether another response follows.
    pub(super) fn is_interim(&self) -> bool {
        self.start.starts_with('1') && self.start != "101"
    }

    pub(super) fn method(&self) -> Method {
        Method::of(self.start.split(' ').next().unwrap().as_bytes())
    }

    pub(super) fn bytes(&self, voice: Voice) -> Vec<u8> {
        [self.head(voice), self.data(voice, &self.body), self.end(voice)].concat()
    }

    pub(super) fn head(&self, voice: Voice) -> Vec<u8> {
        let pairs = self.fields.iter().map(|(name, value)| (&**name, &**value));
        let start = self.start.split_once(' ');
        if voice.0 == Language::Records {
            let length = format::length(self.length);
            let (tag, first) = start.map_or((RESPONSE, ("status", &*self.start)), |first| (REQUEST, first));
            let lines = format::lines([first, ("length", &length)].into_iter().chain(pairs));
            return format::record(tag, voice.1, &lines);
        }
        let mut text = match start {
            Some(_) => format!("{} HTTP/1.1\r\n", self.start),
            None => format!("HTTP/1.1 {} X\r\n", self.start),
        };
        for (name, value) in pairs {
            text += &format!("{name}: {value}\r\n");
            if name == "upgrade" {
                text += "connection: upgrade\r\n";
            }
        }
        match self.length {
            BodyLength::Empty => {}
            BodyLength::Known(length) => text += &format!("content-length: {length}\r\n"),
            BodyLength::Unknown => text += "transfer-encoding: chunked\r\n",
        }
        (text + "\r\n").into_bytes()
    }

    /// Encodes a part of the body.
    pub(super) fn data(&self, voice: Voice, data: &[u8]) -> Vec<u8> {
        match (voice.0, self.length) {
            _ if data.is_empty() => Vec::new(),
            // In pieces that the proxy reads one at a time.
            (Language::Records, _) => {
                data.chunks(READ).flat_map(|piece| format::record(DATA, voice.1, piece)).collect()
            }
            (Language::Http1, BodyLength::Unknown) => {
                [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
            }
            (Language::Http1, _) => data.to_vec(),
        }
    }

    /// Encodes the head, and so much of the body.
    pub(super) fn part(&self, voice: Voice, length: usize) -> Vec<u8> {
        [self.head(voice), self.data(voice, &self.body[..length])].concat()
    }

    /// Encodes what follows the body.
    pub(super) fn end(&self, voice: Voice) -> Vec<u8> {
        let pairs = self.trailers.iter().map(|(name, value)| (&**name, &**value));
        match (voice.0, self.length) {
            (_, BodyLength::Empty) => Vec::new(),
            (Language::Records, _) => format::record(END, voice.1, &format::lines(pairs)),
            (Language::Http1, BodyLength::Known(_)) => Vec::new(),
            (Language::Http1, BodyLength::Unknown) => {
                let lines: String = pairs.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                format!("0\r\n{lines}\r\n").into_bytes()
            }
        }
    }

    /// Returns bytes that are neither a message nor a chunk of a body.
    pub(super) fn junk((language, number): Voice) -> Vec<u8> {
        match language {
            Language::Http1 => b"\x01\r\n\r\n".to_vec(),
            Language::Records => format::record(b'?', number, b""),
        }
    }
}

/// Parses a head. Returns the message without a body, the framing of the body in HTTP/1, and the bytes of the head.
/// `to` is the method of the request, for a response.
pub(super) fn take_head(
    bytes: &[u8],
    language: Language,
    to: Option<Method>,
) -> Option<(Message, Framing, usize)> {
    match language {
        Language::Http1 => take_http1(bytes, to),
        Language::Records => {
            let expected = if to.is_some() { RESPONSE } else { REQUEST };
            let text = format::text(bytes).filter(|_| bytes[0] == expected)?;
            let mut fields = format::pairs(text);
            let length = format::body(&fields.remove(1).1);
            let first = fields.remove(0);
            let start = if to.is_some() { first.1 } else { format!("{} {}", first.0, first.1) };
            let message = settled(Message { fields, length, ..Message::new(&start) });
            Some((message, Framing::None, HEAD + text.len()))
        }
    }
}

fn take_http1(bytes: &[u8], to: Option<Method>) -> Option<(Message, Framing, usize)> {
    let mut input = bytes.to_vec();
    let (start, mut fields, framing) = match to {
        None => {
            let mut request = Request::new();
            let meta = RequestParser::new(Limits::default()).parse(&mut input, &mut request).unwrap()?;
            let text = String::from_utf8_lossy;
            let start = format!("{} {}", text(request.method_name()), text(request.target()));
            (start, format::strings(request.fields()), meta.body)
        }
        Some(to) => {
            let mut response = Response::new();
            let meta = ResponseParser::new(Limits::default()).parse(&mut input, &mut response, to);
            let meta = meta.unwrap()?;
            (response.status().to_string(), format::strings(response.fields()), meta.body)
        }
    };
    let says = |name: &str| fields.iter().any(|(it, _)| it == name);
    assert!(says("connection") || !says("upgrade"), "an offer that nobody may take");
    fields.retain(|(name, _)| name != "connection" && name != "transfer-encoding");
    let message = settled(Message { fields, length: framing.length(), ..Message::new(&start) });
    Some((message, framing, bytes.len() - input.len()))
}

/// Removes what duplicates the length of a body.
fn settled(mut message: Message) -> Message {
    if message.length != BodyLength::Empty {
        message.fields.retain(|(name, _)| name != "content-length");
    }
    message
}
