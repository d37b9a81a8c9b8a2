//! `tcp-check send`, `send-lf`, `send-binary`, `send-binary-lf`: sends bytes.

use proxy_config::{Line, Parsed};
use proxy_rules::Format;

use super::hex::from_hex;
use super::read::{Read, format, only_comment};
use super::request::HttpRequest;

/// What is sent.
#[derive(Debug)]
pub enum Send {
    /// Fixed bytes.
    Bytes(Box<[u8]>),
    /// The text of a format.
    Text(Format),
    /// The bytes whose hexadecimal digits are the text of a format.
    Hex(Format),
    /// A request of HTTP.
    Http(HttpRequest),
    /// Bytes that depend on the moment.
    Made(fn() -> Vec<u8>),
}

/// Reads the words after one of the keywords.
pub(super) fn read(line: &mut Line<'_, '_>, keyword: &str) -> Parsed<Read<Send>> {
    let send = match keyword {
        "send" => Send::Bytes(line.args.word("the text to send")?.as_bytes().into()),
        "send-binary" => {
            let what = "an even number of hexadecimal digits";
            let word = line.args.word(what)?;
            let bytes = from_hex(word.as_bytes()).ok_or_else(|| line.args.bad(word, what))?;
            Send::Bytes(bytes.into())
        }
        keyword => {
            let format = format(line, "the text to send")?;
            if keyword == "send-lf" { Send::Text(format) } else { Send::Hex(format) }
        }
    };
    Ok(Read { value: send, comment: only_comment(line, keyword)? })
}
