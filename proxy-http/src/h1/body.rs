//! The bytes after a head.

use super::block::Block;
use super::chunk::ChunkLine;
use super::error::{BodyErrorKind, HeadErrorKind};
use super::facts::Part;
use super::{BodyError, Framing, Limits};
use crate::fields::Fields;

/// The result of decoding some raw bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The number of raw bytes that were used.
    pub consumed: usize,
    /// The number of bytes of data, which are at the beginning of the buffer now.
    pub data: usize,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The number of bytes left of a body with a length.
    Data(u64),
    UntilClose,
    ChunkLine(ChunkLine),
    /// The number of bytes left of a chunk.
    Chunk(u64),
    ChunkCr,
    ChunkLf,
    Trailers,
    Done,
    Failed(BodyError),
}

impl State {
    fn of(framing: Framing) -> State {
        match framing {
            Framing::None | Framing::Length(0) => State::Done,
            Framing::Length(length) => State::Data(length),
            Framing::Chunked => State::ChunkLine(ChunkLine::NEW),
            Framing::UntilClose => State::UntilClose,
        }
    }
}

/// A decoder of the bytes of a body.
#[derive(Debug)]
pub struct BodyDecoder {
    state: State,
    limits: Limits,
    /// The number of raw bytes used so far.
    position: u64,
    /// Boxed, and made when the first byte of one has arrived: few messages have trailers.
    trailers: Option<Box<Trailers>>,
}

/// Trailers that are being read, or have been.
#[derive(Debug)]
struct Trailers {
    fields: Fields,
    block: Block,
    /// The offset up to which they were scanned.
    scanned: usize,
}

/// Trailers grow by a quarter, and by no less than this number of bytes: what comes slowly takes little more than its
/// own length.
const STEP: usize = 256;

impl BodyDecoder {
    /// Creates a decoder for a body with this framing.
    pub fn new(framing: Framing) -> BodyDecoder {
        BodyDecoder::with_limits(framing, Limits::default())
    }

    /// Creates a decoder for a body with this framing, and with limits for chunk lines and trailers.
    pub fn with_limits(framing: Framing, limits: Limits) -> BodyDecoder {
        BodyDecoder { state: State::of(framing), limits, position: 0, trailers: None }
    }

    /// Returns the limits for chunk lines and trailers.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Starts the next body; the memory is kept unless it is more than most trailers need.
    #[inline]
    pub fn restart(&mut self, framing: Framing) {
        self.state = State::of(framing);
        self.position = 0;
        if let Some(trailers) = &mut self.trailers {
            trailers.fields.trim();
            trailers.block = Block::new(Part::Trailers, self.limits.accept_unsafe);
            trailers.scanned = 0;
        }
    }

    /// Drops the trailers of a body that has ended, and their memory.
    pub fn release(&mut self) {
        self.trailers = None;
    }

    /// Decodes raw bytes and leaves the data in their place: `bytes[..data]`. `consumed` of the raw bytes were
    /// used; those after them belong to what follows the message. Incomplete chunk lines and trailers are stored,
    /// so everything is consumed up to the end of the message.
    ///
    /// # Errors
    /// Returns an error if the bytes are not such a body; data that was decoded in this call is lost then.
    pub fn decode(&mut self, bytes: &mut [u8]) -> Result<Decoded, BodyError> {
        let (mut read, mut data) = (0, 0);
        while read < bytes.len() {
            match self.state {
                State::Done => break,
                State::Failed(error) => return Err(error),
                State::Data(left) | State::Chunk(left) => {
                    let count = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - read);
                    if read != data {
                        bytes.copy_within(read..read + count, data);
                    }
                    self.moved(count as u64);
                    read += count;
                    data += count;
                }
                State::UntilClose => {
                    let count = bytes.len() - read;
                    self.moved(count as u64);
                    read += count;
                    data += count;
                }
                State::Trailers => read += self.trailer_bytes(&bytes[read..])?,
                State::ChunkLine(_) | State::ChunkCr | State::ChunkLf => {
                    self.line_byte(bytes[read]).map_err(|kind| self.fail(kind, self.position))?;
                    self.position += 1;
                    read += 1;
                }
            }
        }
        Ok(Decoded { consumed: read, data })
    }

    /// Returns whether the end was reached.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Tells the decoder that no more bytes will come.
    ///
    /// # Errors
    /// Returns an error if the body is incomplete.
    pub fn end_of_input(&mut self) -> Result<(), BodyError> {
        match self.state {
            State::Done => Ok(()),
            State::UntilClose => {
                self.state = State::Done;
                Ok(())
            }
            State::Failed(error) => Err(error),
            _ => Err(self.fail(BodyErrorKind::Truncated, self.position)),
        }
    }

    /// Returns the trailers, once the end was reached.
    pub fn trailers(&self) -> &Fields {
        self.trailers.as_ref().map_or(Fields::NONE, |trailers| &trailers.fields)
    }

    /// Returns how many of the next raw bytes are data and may be moved without decoding; `u64::MAX` for all until
    /// the connection is closed. `None` if a chunk line or trailers come next, or at the end.
    pub fn raw_remaining(&self) -> Option<u64> {
        match self.state {
            State::Data(left) | State::Chunk(left) => Some(left),
            State::UntilClose => Some(u64::MAX),
            _ => None,
        }
    }

    /// Notes that this many of those bytes were moved.
    pub fn moved(&mut self, count: u64) {
        self.position = self.position.saturating_add(count);
        self.state = match self.state {
            State::Data(left) if left <= count => State::Done,
            State::Data(left) => State::Data(left - count),
            State::Chunk(left) if left <= count => State::ChunkCr,
            State::Chunk(left) => State::Chunk(left - count),
            state => state,
        };
    }

    fn fail(&mut self, kind: BodyErrorKind, position: u64) -> BodyError {
        let error = BodyError { kind, position };
        self.state = State::Failed(error);
        error
    }

    /// Reads one byte of the lines around the data of chunks.
    fn line_byte(&mut self, byte: u8) -> Result<(), BodyErrorKind> {
        self.state = match (self.state, byte) {
            (State::ChunkLine(mut line), _) => match line.next(byte, self.limits.head)? {
                None => State::ChunkLine(line),
                Some(0) => State::Trailers,
                Some(size) => State::Chunk(size),
            },
            (State::ChunkCr, b'\r') => State::ChunkLf,
            (State::ChunkLf, b'\n') => State::ChunkLine(ChunkLine::NEW),
            (State::ChunkCr | State::ChunkLf, _) => return Err(BodyErrorKind::ChunkEnd),
            (state, _) => state,
        };
        Ok(())
    }

    /// Reads as many of the bytes as possible as trailers; returns their number.
    fn trailer_bytes(&mut self, bytes: &[u8]) -> Result<usize, BodyError> {
        if let (None, [b'\r', b'\n', ..]) = (&self.trailers, bytes) {
            self.position += 2;
            self.state = State::Done;
            return Ok(2);
        }
        let trailers = self.trailers.get_or_insert_with(|| {
            let block = Block::new(Part::Trailers, self.limits.accept_unsafe);
            Box::new(Trailers { fields: Fields::default(), block, scanned: 0 })
        });
        let Trailers { fields, block, scanned } = &mut **trailers;
        let start = self.position - fields.arena().len() as u64;
        let (arena, index) = fields.parts_mut();
        let before = arena.len();
        let count = bytes.len().min(self.limits.head.saturating_sub(before));
        if arena.capacity() < before + count {
            arena.reserve_exact(count.max(before / 4).max(STEP));
        }
        arena.extend_from_slice(&bytes[..count]);
        let step = match block.next(arena, scanned, index, &self.limits) {
            Ok(true) => block.settle(arena, index, true).map(|()| true),
            Ok(false) if arena.len() >= self.limits.head => Err((HeadErrorKind::TooLarge, arena.len())),
            step => step,
        };
        match step {
            Ok(is_complete) => {
                arena.truncate(*scanned);
                let used = arena.len() - before;
                self.position += used as u64;
                if is_complete {
                    self.state = State::Done;
                }
                Ok(used)
            }
            Err((kind, at)) => Err(self.fail(BodyErrorKind::Trailers(kind), start + at as u64)),
        }
    }
}
