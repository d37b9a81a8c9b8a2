//! A server's connection.

use std::task::{Context, Poll, ready};

use proto_core::layer::Prefixed;
use proto_core::stream::Stream;
use proxy_http::{BodyLength, Method, Request, Response};

use super::{Incoming, Outgoing, Records, add, broken, name_upgrade};
use crate::exchange::back::{BackExchange, ResponseFacts, SerialBack};
use crate::exchange::body::BodyIn;
use crate::exchange::error::{Broken, ErrorCode};
use crate::exchange::memory::Memory;
use crate::exchange::{Continuation, StreamRef};
use crate::tests::http::format::{REQUEST, RESPONSE};

impl BackExchange for Records {
    fn send_head(&mut self, head: &Request, body: BodyLength, then: Continuation) {
        let text = String::from_utf8_lossy;
        self.method = head.method();
        let first = (&*text(head.method_name()), &*text(head.target()));
        self.put_head(REQUEST, first, body, head.fields());
        self.goes_on &= then != Continuation::Close;
        self.incoming = Incoming::Head;
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Response,
        room: &mut [u8],
    ) -> Poll<Result<ResponseFacts, Broken>> {
        loop {
            if let Some(taken) = self.take_head(RESPONSE) {
                let ((_, status), body, fields) = taken?;
                let status = status.parse().unwrap();
                head.clear();
                head.set_status(status, b"X").unwrap();
                add(head.fields_mut(), &fields);
                name_upgrade(head.fields_mut());
                if head.is_interim() {
                    self.incoming = Incoming::Head;
                }
                let tunnel =
                    status == 101 || (self.method == Method::Connect && (200..300).contains(&status));
                let then = if tunnel { Continuation::Tunnel } else { Continuation::KeepAlive };
                return Poll::Ready(Ok(ResponseFacts { body, then }));
            }
            match ready!(self.poll_more(cx, room)) {
                Ok(0) if !self.input.is_empty() => return Poll::Ready(Err(Broken::Malformed)),
                read => broken(read)?,
            }
        }
    }

    fn reset(&mut self, _: ErrorCode) {
        self.goes_on = false;
    }

    fn stream(&self) -> StreamRef<'_> {
        StreamRef::Own(&*self.stream)
    }

    fn into_stream(self: Box<Self>) -> Box<dyn Stream> {
        Prefixed::new(self.input, self.stream)
    }
}

impl SerialBack for Records {
    fn is_reusable(&self) -> bool {
        let is_carried = self.outgoing == Outgoing::Nothing && self.is_complete();
        let is_silent = self.input.is_empty() && !self.is_at_end;
        self.goes_on && is_carried && is_silent && self.output.is_empty()
    }

    fn release_memory(&mut self, _: &Memory) {}

    fn take_memory(&mut self, _: &Memory) {}

    fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_more(cx, &mut [0]).is_pending()
    }
}
