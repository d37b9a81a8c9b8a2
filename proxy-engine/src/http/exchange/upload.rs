//! The body of a request as a server gets it: what was read ahead, then the rest.
//!
//! Bytes that were read ahead (`option http-buffer-request`) or may have to be sent again (`retry-on`) are kept here,
//! up to the size of a buffer.

use std::rc::Rc;
use std::task::{Context, Poll, ready};

use proxy_http::Fields;

use crate::exchange::body::{BodyIn, Part};
use crate::exchange::error::Broken;
use crate::exchange::front::FrontExchange;
use crate::exchange::memory::Memory;

/// The kept part of a request's body.
#[derive(Debug)]
pub(crate) struct Upload {
    memory: Rc<Memory>,
    kept: Vec<u8>,
    given: usize,
    /// Whether bytes stay here after they were sent, to be sent again.
    repeatable: bool,
    /// The most bytes that are kept.
    limit: usize,
    /// Whether more arrived than can be kept: it cannot be sent again.
    overflown: bool,
    /// Whether a server was sent any of the body.
    was_given: bool,
}

impl Upload {
    pub(crate) fn new(limit: usize, memory: &Rc<Memory>) -> Upload {
        Upload {
            memory: Rc::clone(memory),
            kept: Vec::new(),
            given: 0,
            repeatable: false,
            limit,
            overflown: false,
            was_given: false,
        }
    }

    /// Discards the kept bytes and returns their buffer to the worker.
    pub(crate) fn release(&mut self) {
        self.memory.give(std::mem::take(&mut self.kept));
        self.given = 0;
    }

    /// Takes the kept bytes.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.given = 0;
        std::mem::take(&mut self.kept)
    }

    /// Keeps bytes after they were sent from now on, as long as they fit.
    pub(crate) fn keep(&mut self) {
        self.repeatable = true;
    }

    /// Reads ahead. Ready at the end of the body, or when no more can be kept.
    pub(crate) fn poll_ahead(
        &mut self,
        cx: &mut Context<'_>,
        front: &mut dyn FrontExchange,
        buffer: &mut [u8],
    ) -> Poll<Result<(), Broken>> {
        loop {
            if front.is_complete() || self.is_full() {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_part(cx, front, buffer))?;
        }
    }

    /// Returns whether no more can be kept.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= self.limit
    }

    /// Reads ahead once. Fails if there is no memory for more.
    pub(crate) fn poll_part(
        &mut self,
        cx: &mut Context<'_>,
        front: &mut dyn FrontExchange,
        buffer: &mut [u8],
    ) -> Poll<Result<(), Broken>> {
        let length = buffer.len().min(self.limit - self.kept.len());
        let length = length.min(self.memory.budget().room(&self.kept));
        if let Part::Data(n) = ready!(front.poll_body(cx, &mut buffer[..length]))? {
            self.memory.append(&mut self.kept, &buffer[..n])?;
        }
        Poll::Ready(Ok(()))
    }

    /// Goes back to the beginning. Returns whether that is possible: all bytes that were sent are still kept.
    pub(crate) fn rewind(&mut self) -> bool {
        let possible = !self.was_given || self.repeatable && !self.overflown;
        if possible {
            self.given = 0;
        }
        possible
    }

    /// Returns the body to send: the kept part, then what arrives.
    pub(crate) fn with<'a>(&'a mut self, front: &'a mut dyn FrontExchange) -> UploadBody<'a> {
        UploadBody { upload: self, front }
    }

    fn is_given(&self) -> bool {
        self.given == self.kept.len()
    }
}

/// The body that is sent to a server.
#[derive(Debug)]
pub(crate) struct UploadBody<'a> {
    upload: &'a mut Upload,
    front: &'a mut dyn FrontExchange,
}

impl BodyIn for UploadBody<'_> {
    fn poll_body(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<Part, Broken>> {
        let upload = &mut *self.upload;
        if !upload.is_given() {
            let waiting = &upload.kept[upload.given..];
            let n = waiting.len().min(buffer.len());
            buffer[..n].copy_from_slice(&waiting[..n]);
            upload.given += n;
            upload.was_given = true;
            if !upload.repeatable && upload.is_given() {
                upload.release();
            }
            return Poll::Ready(Ok(Part::Data(n)));
        }
        let part = ready!(self.front.poll_body(cx, buffer));
        upload.was_given |= matches!(part, Ok(Part::Data(_)));
        if let Ok(Part::Data(n)) = part
            && upload.repeatable
            && !upload.overflown
        {
            let fits = upload.kept.len() + n <= upload.limit;
            if fits && upload.memory.append(&mut upload.kept, &buffer[..n]).is_ok() {
                upload.given += n;
            } else {
                upload.release();
                upload.overflown = true;
            }
        }
        Poll::Ready(part)
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        if self.upload.is_given() { self.front.poll_end(cx) } else { Poll::Pending }
    }

    fn trailers(&self) -> &Fields {
        self.front.trailers()
    }

    fn is_complete(&self) -> bool {
        self.upload.is_given() && self.front.is_complete()
    }
}
