//! A second codec: the neutral message as records of a tag, a length and a text. It exists to show that the proxy knows
//! nothing of HTTP/1.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use proto_core::stream::Stream;
use proxy_http::{BodyLength, Fields, Request, Response};
use tokio::io::ReadBuf;

use crate::http::buffers::Buffers;
use crate::http::exchange::{
    Arrival, BackExchange, BodyIn, BodyOut, Broken, Codecs, FrontConnection, FrontExchange, Gone, Head, Next,
    Part, RequestFacts,
};

/// This codec on both sides.
pub(super) const CODECS: Codecs = Codecs {
    front: |stream, _| Box::new(Records::new(stream)),
    back: |stream, _| Box::new(Records::new(stream)),
};

/// A record: its tag and its text.
pub(super) fn record(tag: u8, text: &[u8]) -> Vec<u8> {
    [&[tag][..], &u32::try_from(text.len()).unwrap().to_be_bytes(), text].concat()
}

/// The first record of some bytes, and how many of them it takes.
pub(super) fn first(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (head, rest) = bytes.split_at_checked(5)?;
    let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize;
    Some((head[0], rest.get(..length)?, 5 + length))
}

/// Names and values, one to a line.
pub(super) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(text).unwrap();
    text.lines().filter_map(|line| line.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

fn text(first: (&str, String), body: BodyLength, fields: &Fields) -> Vec<u8> {
    let length = match body {
        BodyLength::Empty => "none".to_owned(),
        BodyLength::Known(length) => length.to_string(),
        BodyLength::Unknown => "unknown".to_owned(),
    };
    let mut text = format!("{}={}\nlength={length}\n", first.0, first.1);
    for field in fields.iter() {
        text +=
            &format!("{}={}\n", String::from_utf8_lossy(field.name), String::from_utf8_lossy(field.value));
    }
    text.into_bytes()
}

fn length(text: &str) -> BodyLength {
    match text {
        "none" => BodyLength::Empty,
        "unknown" => BodyLength::Unknown,
        length => BodyLength::Known(length.parse().unwrap()),
    }
}

#[derive(Debug)]
struct Records {
    stream: Box<dyn Stream>,
    input: Vec<u8>,
    output: Vec<u8>,
    trailers: Fields,
    /// The message that comes in has come.
    is_complete: bool,
    /// The one that goes out has gone.
    is_sent: bool,
    is_at_end: bool,
    goes_on: bool,
    received: u64,
    sent: u64,
}

impl Records {
    fn new(stream: Box<dyn Stream>) -> Records {
        Records {
            stream,
            input: Vec::new(),
            output: Vec::new(),
            trailers: Fields::default(),
            is_complete: true,
            is_sent: true,
            is_at_end: false,
            goes_on: true,
            received: 0,
            sent: 0,
        }
    }

    fn poll_more(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(room);
        ready!(Pin::new(&mut *self.stream).poll_read(cx, &mut buffer))?;
        let n = buffer.filled().len();
        self.input.extend_from_slice(buffer.filled());
        self.received += n as u64;
        self.is_at_end = n == 0;
        Poll::Ready(Ok(n))
    }

    fn head(&mut self, tag: u8, text: Vec<u8>, body: BodyLength, next: Next) {
        self.output.extend(record(tag, &text));
        self.is_sent = body == BodyLength::Empty;
        self.goes_on &= next == Next::Exchange;
    }
}

impl BodyIn for Records {
    fn poll_body(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Result<Part, Broken>> {
        loop {
            if self.is_complete {
                return Poll::Ready(Ok(Part::End));
            }
            match first(&self.input) {
                Some((b'D', data, used)) => {
                    let n = data.len().min(room.len());
                    room[..n].copy_from_slice(&data[..n]);
                    let rest = data[n..].to_vec();
                    self.input.drain(..used);
                    if !rest.is_empty() {
                        self.input.splice(..0, record(b'D', &rest));
                    }
                    return Poll::Ready(Ok(Part::Data(n)));
                }
                Some((b'E', trailers, used)) => {
                    self.trailers.clear();
                    for (name, value) in pairs(trailers) {
                        self.trailers.add(name.as_bytes(), value.as_bytes()).unwrap();
                    }
                    self.input.drain(..used);
                    self.is_complete = true;
                }
                Some(_) => return Poll::Ready(Err(Broken::Malformed)),
                None => match ready!(self.poll_more(cx, room)) {
                    Ok(0) => return Poll::Ready(Err(Broken::Ended)),
                    Ok(_) => {}
                    Err(_) => return Poll::Ready(Err(Broken::Failed)),
                },
            }
        }
    }

    fn trailers(&self) -> &Fields {
        &self.trailers
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }
}

impl BodyOut for Records {
    fn send(&mut self, _: &mut Context<'_>, data: &[u8], end: Option<&Fields>) -> io::Result<()> {
        if !self.is_sent && !data.is_empty() {
            self.output.extend(record(b'D', data));
        }
        if let Some(trailers) = end
            && !self.is_sent
        {
            let lines = trailers.iter().map(|field| {
                format!("{}={}\n", String::from_utf8_lossy(field.name), String::from_utf8_lossy(field.value))
            });
            self.output.extend(record(b'E', lines.collect::<String>().as_bytes()));
            self.is_sent = true;
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.output.is_empty() {
            let n = ready!(Pin::new(&mut *self.stream).poll_write(cx, &self.output))?;
            self.output.drain(..n);
            self.sent += n as u64;
        }
        Pin::new(&mut *self.stream).poll_flush(cx)
    }

    fn kept(&self) -> usize {
        self.output.len()
    }
}

impl FrontExchange for Records {
    fn send_head(&mut self, head: &Response, body: BodyLength, next: Next) {
        self.head(b'R', text(("status", head.status().to_string()), body, head.fields()), body, next);
    }

    fn poll_gone(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Gone> {
        match ready!(self.poll_more(cx, room)) {
            Ok(0) => Poll::Ready(Gone::Closed),
            Ok(_) => Poll::Pending,
            Err(_) => Poll::Ready(Gone::Broke),
        }
    }

    fn unsend(&mut self) -> bool {
        false
    }

    fn stream(&self) -> &dyn Stream {
        &*self.stream
    }

    fn received(&self) -> u64 {
        self.received
    }

    fn consumed(&self) -> u64 {
        self.received - self.input.len() as u64
    }

    fn sent(&self) -> u64 {
        self.sent
    }

    fn into_stream(self: Box<Self>) -> Box<dyn Stream> {
        self.stream
    }
}

impl FrontConnection for Records {
    fn poll_begun(&mut self, cx: &mut Context<'_>, room: &mut [u8], _: &Buffers) -> Poll<io::Result<bool>> {
        if self.input.is_empty() {
            return self.poll_more(cx, room).map_ok(|n| n > 0);
        }
        Poll::Ready(Ok(true))
    }

    fn poll_request(
        &mut self,
        cx: &mut Context<'_>,
        request: &mut Request,
        room: &mut [u8],
    ) -> Poll<Arrival> {
        loop {
            match first(&self.input) {
                Some((b'Q', text, used)) => {
                    let mut lines = pairs(text).into_iter();
                    let (method, target) = lines.next().unwrap();
                    let body = length(&lines.next().unwrap().1);
                    request.set_method(method.as_bytes()).unwrap();
                    request.set_target(target.as_bytes()).unwrap();
                    for (name, value) in lines {
                        request.fields_mut().add(name.as_bytes(), value.as_bytes()).unwrap();
                    }
                    self.input.drain(..used);
                    self.is_complete = body == BodyLength::Empty;
                    let facts = RequestFacts { body, upgrade: false, expects_continue: false };
                    return Poll::Ready(Arrival::Request(facts));
                }
                Some(_) => return Poll::Ready(Arrival::Malformed(400)),
                None => match ready!(self.poll_more(cx, room)) {
                    Ok(0) => return Poll::Ready(Arrival::Ended),
                    Ok(_) => {}
                    Err(_) => return Poll::Ready(Arrival::Failed),
                },
            }
        }
    }

    fn begun(&self) -> &[u8] {
        &self.input
    }

    fn is_kept_alive(&self) -> bool {
        self.goes_on && self.is_complete && !self.is_at_end
    }

    fn rest(&mut self, _: &Buffers) {}

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut *self.stream).poll_shutdown(cx)
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<()> {
        while let Ok(1..) = ready!(self.poll_more(cx, room)) {
            self.input.clear();
        }
        Poll::Ready(())
    }
}

impl BackExchange for Records {
    fn send_head(&mut self, head: &Request, body: BodyLength, next: Next) {
        let method = String::from_utf8_lossy(head.method_name()).into_owned();
        let target = String::from_utf8_lossy(head.target()).into_owned();
        self.head(b'Q', text((&method, target), body, head.fields()), body, next);
        self.is_complete = false;
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Response,
        room: &mut [u8],
    ) -> Poll<Result<Head, Broken>> {
        loop {
            match first(&self.input) {
                Some((b'R', text, used)) => {
                    let mut lines = pairs(text).into_iter();
                    let status = lines.next().unwrap().1.parse().unwrap();
                    let body = length(&lines.next().unwrap().1);
                    head.clear();
                    head.set_status(status, b"").unwrap();
                    for (name, value) in lines {
                        head.fields_mut().add(name.as_bytes(), value.as_bytes()).unwrap();
                    }
                    self.input.drain(..used);
                    self.is_complete = body == BodyLength::Empty && !head.is_interim();
                    return Poll::Ready(Ok(Head { body, next: Next::Exchange }));
                }
                Some(_) => return Poll::Ready(Err(Broken::Malformed)),
                None => match ready!(self.poll_more(cx, room)) {
                    Ok(0) => return Poll::Ready(Err(Broken::Ended)),
                    Ok(_) => {}
                    Err(_) => return Poll::Ready(Err(Broken::Failed)),
                },
            }
        }
    }

    fn stream(&self) -> &dyn Stream {
        &*self.stream
    }

    fn is_reusable(&self) -> bool {
        self.goes_on && self.is_sent && self.is_complete && self.input.is_empty() && !self.is_at_end
    }

    fn rest(&mut self, _: &Buffers) {}

    fn wake(&mut self, _: &Buffers) {}

    fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_more(cx, &mut [0]).is_pending()
    }

    fn into_stream(self: Box<Self>) -> Box<dyn Stream> {
        self.stream
    }
}
