//! A request's body as servers get it: what was read before it was asked for, then what comes.
//!
//! What was read ahead (`option http-buffer-request`) and what may have to be sent again (`retry-on`) is kept here, up to
//! the size of a buffer.

use std::task::{Context, Poll, ready};

use proxy_http::Fields;

use crate::exchange::body::{BodyIn, Part};
use crate::exchange::error::Broken;
use crate::exchange::front::FrontExchange;
use crate::exchange::memory::Memory;

/// What is kept of a body.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    kept: Vec<u8>,
    given: usize,
    /// What is given stays, to be given again.
    repeatable: bool,
    /// More than that is not kept, in bytes.
    limit: usize,
    /// More came than is kept.
    overflown: bool,
    /// Some of it was given to a server.
    was_given: bool,
}

impl Upload {
    pub(crate) fn new(limit: usize) -> Upload {
        Upload { limit, ..Upload::default() }
    }

    /// Takes a buffer of the worker for the bytes that are kept.
    pub(crate) fn fill(&mut self, memory: &Memory) {
        memory.fill(&mut self.kept);
    }

    /// Returns the buffer of the kept bytes to the worker.
    pub(crate) fn release(&mut self, memory: &Memory) {
        memory.give(std::mem::take(&mut self.kept));
    }

    /// What is given stays from now on, as long as it fits.
    pub(crate) fn keep(&mut self) {
        self.repeatable = true;
    }

    /// Reads ahead; ready at the end of the body, or when no more is kept.
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

    /// Whether no more is kept.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= self.limit
    }

    /// Reads ahead once.
    pub(crate) fn poll_part(
        &mut self,
        cx: &mut Context<'_>,
        front: &mut dyn FrontExchange,
        buffer: &mut [u8],
    ) -> Poll<Result<(), Broken>> {
        let length = buffer.len().min(self.limit - self.kept.len());
        if let Part::Data(n) = ready!(front.poll_body(cx, &mut buffer[..length]))? {
            self.kept.extend_from_slice(&buffer[..n]);
        }
        Poll::Ready(Ok(()))
    }

    /// Begins again, if all that was given is still there.
    pub(crate) fn rewind(&mut self) -> bool {
        let possible = !self.was_given || self.repeatable && !self.overflown;
        if possible {
            self.given = 0;
        }
        possible
    }

    /// What is kept, then what comes.
    pub(crate) fn with<'a>(&'a mut self, front: &'a mut dyn FrontExchange) -> UploadBody<'a> {
        UploadBody { upload: self, front }
    }

    fn is_given(&self) -> bool {
        self.given == self.kept.len()
    }
}

/// A body that is sent to a server.
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
                upload.kept.clear();
                upload.given = 0;
            }
            return Poll::Ready(Ok(Part::Data(n)));
        }
        let part = ready!(self.front.poll_body(cx, buffer));
        upload.was_given |= matches!(part, Ok(Part::Data(_)));
        if let Ok(Part::Data(n)) = part
            && upload.repeatable
            && !upload.overflown
        {
            if upload.kept.len() + n <= upload.limit {
                upload.kept.extend_from_slice(&buffer[..n]);
                upload.given += n;
            } else {
                upload.kept.clear();
                (upload.overflown, upload.given) = (true, 0);
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
