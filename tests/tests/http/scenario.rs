//! The rows of a file of cases: a piece of configuration, and what the peers do and see, one step per line.
//!
//! ```text
//! let GET = GET / HTTP/1.1|host: a||            a name for a repeated text; for the syntax of bytes see `text`
//! all: defaults: option http-server-close       a line for all rows that follow
//!
//! == name_of_the_row
//! since: 3.5                                    the first version of HAProxy known to pass, if 2.6 does not
//! global: | defaults: | front: | back: LINE     lines of the configuration, any number
//! log: option tcplog | log: -                   the format of the log instead of `option httplog`; `-`: none
//! server: check maxconn 1                       what follows the address of server s1; `-`: no such server
//! more: section TITLE | more: LINE              sections after all others, and their lines
//! file: NAME TEXT                               a file in `{dir}`
//! mptcp                                         the frontend and client `c` speak MPTCP
//! c> BYTES                                      client `c` sends, and connects before that if it has not yet
//! s< BYTES                                      server `s` receives exactly these; it is the next connection to `{s}`
//! c= 503 NAME: VALUE|NAME: VALUE||BODY          an answer with this status, among others these headers, and this body;
//!                                               `c=- 503` is an answer to HEAD. Only the status is required
//! c log PATTERN                                 the next line of the log about `c`; see `braid_tests::log_line`. `@`
//!                                               is what `c` has received since its last line; for HAProxy, which
//!                                               counts differently, any number
//! c line GOLDEN                                 the same line from its first byte to its last; see
//!                                               `braid_tests::whole_line`. `{c}` is a client, `{s}` a server,
//!                                               `{front}` the frontend, `{c:ip}`, `{c:port}` and `{c:port:hex}` parts
//!                                               of them, `{program}`, `{pid}` and `{pid:hex}` the process, `{space}`
//!                                               one at the end. `@112` is a number of bytes that HAProxy counts
//!                                               differently
//! log line GOLDEN                               the next line about any client that was not read by `log line` yet
//! c unlogged                                    no further line so far
//! text log TEXT                                 a line with this text, about any client
//! c VERB                                        connect, accept, fin, eof, gone, broken, reset, close, unread BYTES,
//!                                               trickle BYTES, chunks BYTES (of which they are made, to the last),
//!                                               pour N, take N (bytes of a pattern; as chunks: pour-chunked,
//!                                               take-chunked; with the end after them: pour-and-close)
//! idle                                          waits until the program is idle
//! why: REASON                                   has to precede:
//! braid: LINE | haproxy: LINE                   a line for one of the two, where they intentionally differ
//! ```
//!
//! Peers are clients if their names begin with `c`, else servers on the listener of their letter (`s`, `t`, `u`). A new
//! name is a new connection: `s` twice is a reused connection, and `s` and `s2` are two. What no line mentions must not
//! happen: at the end no peer may have bytes or connections that were not received.

use std::fs;
use std::path::Path;

use braid_tests::program::Version;

use crate::text::{Names, bytes, named};

/// The version of rows without `since`. All were recorded with 3.5-dev5.
const OLDEST: Version = Version(2, 6);

/// The program that runs a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Braid,
    HAProxy,
}

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) since: Version,
    /// The lines of the configuration, each with its section.
    pub(crate) config: Vec<(String, String, Option<Who>)>,
    /// The line that chooses the format of the log; `None` without one.
    pub(crate) log: Option<String>,
    /// The words after the address of `s1`; `None` without such a server.
    pub(crate) server: Option<String>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) mptcp: bool,
    pub(crate) steps: Vec<Step>,
}

/// A line of a script.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The line number, for messages.
    pub(crate) line: usize,
    pub(crate) who: Option<Who>,
    pub(crate) peer: String,
    pub(crate) verb: Verb,
}

/// The framing of a body of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Plain,
    Chunked,
}

/// An action of a peer, or something that it waits for.
#[derive(Clone, Debug)]
pub(crate) enum Verb {
    Connect,
    Accept,
    Send(Vec<u8>),
    /// Sends each byte in a write of its own.
    Trickle(Vec<u8>),
    Receive(Vec<u8>),
    Answer {
        status: u16,
        headers: Vec<String>,
        body: Option<Vec<u8>>,
        to_head: bool,
    },
    /// Sends this many bytes in the background.
    Pour(usize, Framing),
    /// Sends this many bytes in the background, and then ends its direction.
    PourAndClose(usize),
    Take(usize, Framing),
    /// Receives chunks to their end, with this data, however they are cut.
    Chunks(Vec<u8>),
    /// Waits until these bytes have arrived, and does not read them.
    Unread(Vec<u8>),
    Fin,
    Eof,
    /// Waits until it is closed or reset, and discards what comes before.
    Gone,
    /// Waits until it is reset, with nothing before that.
    Broken,
    Reset,
    Close,
    Log(String),
    /// As [`Log`](Self::Log), with the whole line.
    Line(String),
    /// Checks that no line follows the last one about it that was looked at. It would have arrived before a later line.
    Unlogged,
    Idle,
}

/// Reads the rows of a file.
pub(crate) fn read(file: &Path) -> Vec<Row> {
    let text = fs::read_to_string(file).unwrap();
    let mut reader = Reader::default();
    for (number, line) in text.lines().enumerate() {
        let read = reader.line(number + 1, line);
        read.unwrap_or_else(|error| panic!("{}:{}: {error}", file.display(), number + 1));
    }
    reader.rows
}

impl Row {
    /// Makes the row of a test without a table, from lines as in a file.
    pub(crate) fn new(name: &str, lines: &str) -> Self {
        let mut reader = Reader::default();
        reader.row(0, name).unwrap();
        lines.lines().enumerate().for_each(|(number, line)| reader.line(number + 1, line).unwrap());
        reader.rows.remove(0)
    }
}

#[derive(Debug, Default)]
struct Reader {
    names: Names,
    all: Vec<String>,
    rows: Vec<Row>,
    reason: bool,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(name) = line.strip_prefix("== ") {
            return self.row(number, name);
        }
        if let Some(definition) = line.strip_prefix("let ") {
            let (name, text) = definition.split_once(" = ").ok_or("let NAME = TEXT")?;
            self.names.insert(name.to_owned(), named(text, &self.names)?);
            return Ok(());
        }
        if let Some(line) = line.strip_prefix("all: ") {
            self.all.push(line.to_owned());
            return Ok(());
        }
        self.line_of_row(number, None, line)
    }

    fn row(&mut self, number: usize, name: &str) -> Result<(), String> {
        if self.rows.iter().any(|row| row.name == name) {
            return Err("a second row of this name".to_owned());
        }
        self.rows.push(Row {
            name: name.to_owned(),
            since: OLDEST,
            config: Vec::new(),
            log: Some("option httplog".to_owned()),
            server: Some(String::new()),
            files: Vec::new(),
            mptcp: false,
            steps: Vec::new(),
        });
        self.reason = false;
        self.all.clone().iter().try_for_each(|line| self.line_of_row(number, None, line))
    }

    fn line_of_row(&mut self, number: usize, who: Option<Who>, line: &str) -> Result<(), String> {
        let row = self.rows.last_mut().ok_or("a line before the first row")?;
        if line == "mptcp" {
            row.mptcp = true;
            return Ok(());
        }
        let word = line.split(' ').next().unwrap_or_default();
        let rest = line[word.len()..].trim();
        match word {
            "why:" => self.reason = true,
            "braid:" | "haproxy:" => {
                if !self.reason {
                    return Err("no reason before it".to_owned());
                }
                let who = if word == "braid:" { Who::Braid } else { Who::HAProxy };
                return self.line_of_row(number, Some(who), rest);
            }
            "since:" => {
                let (major, minor) = rest.split_once('.').ok_or("not a version")?;
                row.since = Version(major.parse().unwrap(), minor.parse().unwrap());
            }
            "global:" | "defaults:" | "front:" | "back:" | "more:" => {
                row.config.push((word.trim_end_matches(':').to_owned(), rest.to_owned(), who));
            }
            "log:" => row.log = (rest != "-").then(|| rest.to_owned()),
            "server:" => row.server = (rest != "-").then(|| rest.to_owned()),
            "file:" => {
                let (name, text) = rest.split_once(' ').ok_or("file: NAME TEXT")?;
                row.files.push((name.to_owned(), bytes(text, &self.names)?));
            }
            _ => {
                let (peer, verb) = verb(word, rest, &self.names)?;
                row.steps.push(Step { line: number, who, peer, verb });
            }
        }
        Ok(())
    }
}

fn verb(word: &str, rest: &str, names: &Names) -> Result<(String, Verb), String> {
    let own = |peer: &str, verb| Ok((peer.to_owned(), verb));
    if word == "idle" {
        return own("", Verb::Idle);
    }
    if let Some(peer) = word.strip_suffix('>') {
        return own(peer, Verb::Send(bytes(rest, names)?));
    }
    if let Some(peer) = word.strip_suffix('<') {
        return own(peer, Verb::Receive(bytes(rest, names)?));
    }
    if let Some(peer) = word.strip_suffix("=-") {
        return own(peer, answer(rest, true, names)?);
    }
    if let Some(peer) = word.strip_suffix('=') {
        return own(peer, answer(rest, false, names)?);
    }
    let (name, argument) = rest.split_once(' ').unwrap_or((rest, ""));
    let count = || argument.parse::<usize>().map_err(|error| format!("{argument:?}: {error}"));
    let verb = match name {
        "connect" => Verb::Connect,
        "accept" => Verb::Accept,
        "trickle" => Verb::Trickle(bytes(argument, names)?),
        "unread" => Verb::Unread(bytes(argument, names)?),
        "chunks" => Verb::Chunks(bytes(argument, names)?),
        "pour" => Verb::Pour(count()?, Framing::Plain),
        "pour-and-close" => Verb::PourAndClose(count()?),
        "pour-chunked" => Verb::Pour(count()?, Framing::Chunked),
        "take" => Verb::Take(count()?, Framing::Plain),
        "take-chunked" => Verb::Take(count()?, Framing::Chunked),
        "fin" => Verb::Fin,
        "eof" => Verb::Eof,
        "gone" => Verb::Gone,
        "broken" => Verb::Broken,
        "reset" => Verb::Reset,
        "close" => Verb::Close,
        "unlogged" => Verb::Unlogged,
        "log" => Verb::Log(named(argument, names)?),
        "line" => Verb::Line(named(argument, names)?),
        other => return Err(format!("no verb {other:?}")),
    };
    own(word, verb)
}

/// Reads `200 NAME: VALUE|NAME: VALUE||BODY`.
fn answer(text: &str, to_head: bool, names: &Names) -> Result<Verb, String> {
    let (status, rest) = text.split_once(' ').unwrap_or((text, ""));
    let status = status.parse().map_err(|error| format!("status {status:?}: {error}"))?;
    let rest = named(rest, names)?;
    let (headers, body) = match rest.split_once("||") {
        Some((headers, body)) => (headers, Some(bytes(body, names)?)),
        None => (&*rest, None),
    };
    let headers = headers.split('|').filter(|header| !header.is_empty()).map(str::to_owned).collect();
    Ok(Verb::Answer { status, headers, body, to_head })
}
