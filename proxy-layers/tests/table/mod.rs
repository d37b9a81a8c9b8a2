//! Tables of headers, and what happens to a connection that begins with each. Two tests read them: one compares
//! them with the readers of this crate, one with a real HAProxy.
//!
//! ```text
//! name of the row
//!   > piece that is sent
//!!   > piece that is sent once the one before it has been read
//!   then close
//!   = verdict
//!!   ~ verdict of a reader that waits for all pieces, where HAProxy does not
//! ```
//!
//! A piece is a list of hexadecimal numbers, texts in quotes with `\r \n \0 \\`, and `SIG`, the signature of
//! version 2; `*3` after one of them repeats it. After the last piece a request follows, unless there is `then
//! close` or `then wait`. A verdict is `told SOURCE DESTINATION`, or `own` for the addresses of the connection,
//! with values as `E0=6869`; or `refused CODE`, where the code is a name or `-`, with `as SOURCE` if the log shows
//! an address of the refused header. Lines that begin with `#` are comments.

use std::net::SocketAddr;

/// The signature of version 2.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// What the client does after its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Sends a request, with the last piece.
    Request,
    /// Half-closes its connection.
    Close,
    /// Waits until the connection is closed.
    Wait,
}

/// What happens to the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The connection is accepted.
    Accepted {
        /// The addresses of the header, if they replace those of the connection.
        told: Option<(SocketAddr, SocketAddr)>,
        /// The first value of each type that has one.
        values: Vec<(u8, Vec<u8>)>,
    },
    /// The connection is closed.
    Refused {
        /// The name of the code, if there is one.
        code: Option<String>,
        /// The address that the log shows, if it is from the header.
        shown: Option<SocketAddr>,
    },
}

/// One row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) then: Then,
    /// The verdict of HAProxy.
    pub(crate) verdict: Verdict,
    /// The verdict of a reader that waits for all pieces.
    pub(crate) patient: Verdict,
}

/// Reads a table.
pub(crate) fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).peekable();
    while let Some(name) = lines.next() {
        assert!(!name.starts_with(' '), "not a name: {name}");
        let (mut pieces, mut then) = (Vec::new(), Then::Request);
        let (mut verdict, mut patient) = (None, None);
        while let Some(line) = lines.next_if(|line| line.starts_with(' ')) {
            match line.trim().split_once(' ') {
                Some((">", piece)) => pieces.push(bytes(piece)),
                Some(("then", "close")) => then = Then::Close,
                Some(("then", "wait")) => then = Then::Wait,
                Some(("=", text)) => verdict = Some(read_verdict(text)),
                Some(("~", text)) => patient = Some(read_verdict(text)),
                _ => panic!("{name}: {line}"),
            }
        }
        let verdict = verdict.unwrap_or_else(|| panic!("{name} has no verdict"));
        let patient = patient.unwrap_or_else(|| verdict.clone());
        rows.push(Row { name: name.to_owned(), pieces, then, verdict, patient });
    }
    rows
}

fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let token;
        (token, rest) = match rest.strip_prefix('"').map(|quoted| quoted.split_once('"').unwrap()) {
            Some((text, after)) => (unescaped(text), after),
            None => {
                let (word, after) = rest.split_at(rest.find([' ', '*']).unwrap_or(rest.len()));
                (if word == "SIG" { SIGNATURE.to_vec() } else { hex(word) }, after)
            }
        };
        let mut times = 1;
        if let Some(after) = rest.strip_prefix('*') {
            let (number, after) = after.split_at(after.find(' ').unwrap_or(after.len()));
            (times, rest) = (number.parse().unwrap(), after);
        }
        bytes.extend(token.repeat(times));
        rest = rest.trim_start();
    }
    bytes
}

fn unescaped(text: &str) -> Vec<u8> {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0").replace("\\\\", "\\").into_bytes()
}

fn hex(word: &str) -> Vec<u8> {
    assert!(word.len().is_multiple_of(2), "half a byte: {word}");
    (0..word.len()).step_by(2).map(|at| u8::from_str_radix(&word[at..at + 2], 16).unwrap()).collect()
}

fn read_verdict(text: &str) -> Verdict {
    let words: Vec<_> = text.split_whitespace().collect();
    match words[..] {
        ["refused", code, ref rest @ ..] => Verdict::Refused {
            code: (code != "-").then(|| code.to_owned()),
            shown: match rest {
                [] => None,
                ["as", address] => Some(address.parse().unwrap()),
                _ => panic!("not an address: {text}"),
            },
        },
        ["told", source, destination, ref rest @ ..] => {
            accepted(Some((source.parse().unwrap(), destination.parse().unwrap())), rest)
        }
        ["own", ref rest @ ..] => accepted(None, rest),
        _ => panic!("not a verdict: {text}"),
    }
}

fn accepted(told: Option<(SocketAddr, SocketAddr)>, values: &[&str]) -> Verdict {
    let value = |word: &&str| {
        let (kind, value) = word.split_once('=').unwrap();
        (hex(kind)[0], bytes(value))
    };
    Verdict::Accepted { told, values: values.iter().map(value).collect() }
}
