//! A server's connection.

use std::task::{Context, Poll, ready};

use proto_core::layer::Prefixed;
use proto_core::stream::Stream;
use proxy_http::{BodyLength, Method, Request, Response};

use super::{Incoming, Outgoing, Records, add, broken, name_upgrade};
use crate::http::buffers::Buffers;
use crate::http::exchange::{BackExchange, BodyIn, Broken, Head, Next};
use crate::tests::http::format::{REQUEST, RESPONSE};

impl BackExchange for Records {
    fn send_head(&mut self, head: &Request, body: BodyLength, next: Next) {
        let text = String::from_utf8_lossy;
        self.method = head.method();
        let first = (&*text(head.method_name()), &*text(head.target()));
        self.put_head(REQUEST, first, body, head.fields());
        self.goes_on &= next != Next::Close;
        self.incoming = Incoming::Head;
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Response,
        room: &mut [u8],
    ) -> Poll<Result<Head, Broken>> {
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
                let next = if tunnel { Next::Tunnel } else { Next::Exchange };
                return Poll::Ready(Ok(Head { body, next }));
            }
            match ready!(self.poll_more(cx, room)) {
                Ok(0) if !self.input.is_empty() => return Poll::Ready(Err(Broken::Malformed)),
                read => broken(read)?,
            }
        }
    }

    fn stream(&self) -> &dyn Stream {
        &*self.stream
    }

    fn is_reusable(&self) -> bool {
        let is_carried = self.outgoing == Outgoing::Nothing && self.is_complete();
        let is_silent = self.input.is_empty() && !self.is_at_end;
        self.goes_on && is_carried && is_silent && self.output.is_empty()
    }

    fn rest(&mut self, _: &Buffers) {}

    fn wake(&mut self, _: &Buffers) {}

    fn is_quiet(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_more(cx, &mut [0]).is_pending()
    }

    fn into_stream(self: Box<Self>) -> Box<dyn Stream> {
        Prefixed::new(self.input, self.stream)
    }
}
