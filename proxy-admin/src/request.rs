//! From bytes to requests: lines of commands, and the payload after a line. No I/O here.
//!
//! ```text
//!            `\` byte: kept as it is
//!            ┌──┐  `;` next command
//!            │  ▼  ┌──┐
//!        ┌─► command ─┘ ── line feed ────────────────────────────► Request
//!        │      └── line feed after `<<pattern` ─► payload ── a line that is the pattern ──► Request
//! ```

/// The longest word after `<<`; a longer one does not begin a payload.
const LONGEST_PATTERN: usize = 64;

/// A line: commands to be executed one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// The commands, with their escapes. There is at least one, perhaps empty.
    pub(crate) commands: Vec<Vec<u8>>,
    /// The payload after the last command, without the line feed before the pattern. `None` if there is none.
    pub(crate) payload: Option<Vec<u8>>,
}

/// The error of a client that sent more than the limits. What follows cannot be parsed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooLong {
    #[error("The command line is longer than {0} bytes ('tune.bufsize').")]
    Line(usize),
    #[error("The payload is longer than {0} bytes ('tune.cli.max-payload-size').")]
    Payload(usize),
}

/// A parser of a stream of bytes into requests. It reads every byte once, and keeps no more than its limits.
#[derive(Debug)]
pub(crate) struct Reader {
    longest_line: usize,
    longest_payload: usize,
    /// The commands of this line so far; the last is incomplete.
    commands: Vec<Vec<u8>>,
    /// The number of bytes of this line.
    length: usize,
    /// Whether the last byte was a backslash that escapes the next one.
    escaped: bool,
    payload: Option<Payload>,
}

/// A payload that is incomplete.
#[derive(Debug)]
struct Payload {
    /// The line that ends the payload.
    pattern: Vec<u8>,
    text: Vec<u8>,
    /// The offset at which its last line begins.
    line: usize,
}

impl Reader {
    pub(crate) fn new(longest_line: usize, longest_payload: usize) -> Reader {
        let (commands, length, escaped, payload) = (vec![Vec::new()], 0, false, None);
        Reader { longest_line, longest_payload, commands, length, escaped, payload }
    }

    /// Returns whether a payload has begun and not ended.
    pub(crate) fn in_payload(&self) -> bool {
        self.payload.is_some()
    }

    /// Returns the next request that these bytes complete, and removes its bytes; removes all bytes if they
    /// complete none.
    pub(crate) fn next(&mut self, bytes: &mut &[u8]) -> Option<Result<Request, TooLong>> {
        while let Some((&byte, rest)) = bytes.split_first() {
            *bytes = rest;
            let taken = match &mut self.payload {
                Some(_) => self.payload_byte(byte),
                None => self.command_byte(byte),
            };
            match taken {
                Ok(false) => {}
                Ok(true) => return Some(Ok(self.complete())),
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }

    /// Returns whether the request is complete.
    fn command_byte(&mut self, byte: u8) -> Result<bool, TooLong> {
        self.length += 1;
        if self.length >= self.longest_line {
            return Err(TooLong::Line(self.longest_line));
        }
        match byte {
            // HAProxy's commands are C strings: a NUL ends one, whatever is before it.
            0 => self.commands.push(Vec::new()),
            _ if self.escaped => self.push(byte),
            b';' => self.commands.push(Vec::new()),
            b'\n' => return Ok(self.end_of_line()),
            _ => self.push(byte),
        }
        self.escaped = byte == b'\\' && !self.escaped;
        Ok(false)
    }

    fn push(&mut self, byte: u8) {
        if let Some(command) = self.commands.last_mut() {
            command.push(byte);
        }
    }

    fn end_of_line(&mut self) -> bool {
        let Some(command) = self.commands.last_mut() else { return true };
        let carriage_return = command.last() == Some(&b'\r');
        if carriage_return {
            command.pop();
        }
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let word = command.iter().rposition(blank).map_or(0, |blank| blank + 1);
        if let Some(pattern) =
            command[word..].strip_prefix(b"<<").filter(|word| word.len() <= LONGEST_PATTERN)
        {
            self.payload = Some(Payload { pattern: pattern.to_vec(), text: Vec::new(), line: 0 });
            command.truncate(word);
            return false;
        }
        if carriage_return {
            // As in HAProxy, it ends the command, and the line feed ends an empty one.
            self.commands.push(Vec::new());
        }
        true
    }

    fn payload_byte(&mut self, byte: u8) -> Result<bool, TooLong> {
        let Some(payload) = &mut self.payload else { return Ok(false) };
        if payload.text.len() >= self.longest_payload {
            return Err(TooLong::Payload(self.longest_payload));
        }
        if byte == b'\n' {
            if payload.text[payload.line..] == payload.pattern {
                // The line feed before the pattern is not part of it either.
                payload.text.truncate(payload.line.saturating_sub(1));
                return Ok(true);
            }
            payload.line = payload.text.len() + 1;
        }
        payload.text.push(byte);
        Ok(false)
    }

    fn complete(&mut self) -> Request {
        let commands = std::mem::replace(&mut self.commands, vec![Vec::new()]);
        (self.length, self.escaped) = (0, false);
        let payload = self.payload.take().map(|payload| payload.text).filter(|text| !text.is_empty());
        Request { commands, payload }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns all requests, up to the first mistake.
    fn read(reader: &mut Reader, mut bytes: &[u8]) -> Vec<Result<Request, TooLong>> {
        let mut requests = Vec::new();
        while let Some(request) = reader.next(&mut bytes) {
            let failed = request.is_err();
            requests.push(request);
            if failed {
                break;
            }
        }
        requests
    }

    fn requests(text: &str) -> Vec<(Vec<String>, Option<String>)> {
        let string = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let request = |request: Result<Request, TooLong>| {
            let Request { commands, payload } = request.unwrap();
            (commands.into_iter().map(string).collect(), payload.map(string))
        };
        read(&mut Reader::new(200, 100), text.as_bytes()).into_iter().map(request).collect()
    }

    fn plain(commands: &[&str]) -> (Vec<String>, Option<String>) {
        (commands.iter().map(|&command| command.into()).collect(), None)
    }

    #[test]
    fn lines_and_semicolons() {
        assert_eq!(requests("a b;c\n\nd;\n"), [plain(&["a b", "c"]), plain(&[""]), plain(&["d", ""])]);
        assert_eq!(requests("a\\;b\\\\;c\\\nd\n"), [plain(&["a\\;b\\\\", "c\\\nd"])]);
        assert_eq!(requests("a\r\n\r\nb\0c\n"), [plain(&["a", ""]), plain(&["", ""]), plain(&["b", "c"])]);
        assert_eq!(requests("unfinished"), []);
    }

    #[test]
    fn payloads() {
        let with = |command: &str, payload: &str| (vec![command.to_owned()], Some(payload.to_owned()));
        assert_eq!(requests("a <<\nx\ny;z\\\n\nb\n"), [with("a ", "x\ny;z\\"), plain(&["b"])]);
        assert_eq!(requests("a <<END\r\n\nx\r\nEND \nEND\n"), [with("a ", "\nx\r\nEND ")]);
        assert_eq!(requests("a <<\n\n"), [plain(&["a "])]);
        assert_eq!(requests("a <<\nx\n"), []);
        // Without a space before it, or with too long a pattern, it is a word like others.
        assert_eq!(requests("a<<\n"), [plain(&["a<<"])]);
        assert_eq!(
            requests(&format!("<<{}\n", "p".repeat(65))),
            [plain(&[&format!("<<{}", "p".repeat(65))])]
        );
        assert_eq!(requests(&format!("<<{0}\nx\n{0}\n", "p".repeat(64))), [with("", "x")]);
    }

    #[test]
    fn nothing_is_kept_beyond_the_limits() {
        assert_eq!(read(&mut Reader::new(5, 5), b"abcd\n"), [Err(TooLong::Line(5))]);
        assert_eq!(read(&mut Reader::new(5, 5), b"abc\nabcde")[1..], [Err(TooLong::Line(5))]);
        assert_eq!(read(&mut Reader::new(5, 5), b"<<\n12345678"), [Err(TooLong::Payload(5))]);
    }

    proptest! {
        /// However the bytes are split, the same requests result, and no more bytes than were put in.
        #[test]
        fn splits_do_not_matter(bytes in "[ab\\\\; <\r\n\0]{0,80}", cut in 0..80_usize) {
            let bytes = bytes.as_bytes();
            let whole = read(&mut Reader::new(40, 20), bytes);
            let (before, after) = bytes.split_at(cut.min(bytes.len()));
            let mut reader = Reader::new(40, 20);
            let mut parts = read(&mut reader, before);
            if parts.last().is_none_or(Result::is_ok) {
                parts.extend(read(&mut reader, after));
            }
            prop_assert_eq!(&whole, &parts);
            let kept = |request: &Request| {
                request.commands.iter().map(Vec::len).sum::<usize>() + request.payload.as_ref().map_or(0, Vec::len)
            };
            let sum: usize = whole.iter().flatten().map(kept).sum();
            prop_assert!(sum <= bytes.len());
        }
    }
}
