//! `option pgsql-check`: the server answers the beginning of a session with a request for authentication.

use proxy_config::{Line, Parsed};

use super::entry::check;
use crate::plan::Choice;
use crate::rules::{Connect, Custom, Expect, Note, Pattern, RuleKind, RuleList, Send};
use crate::status::Status;

check!("pgsql-check", "user <name>", "check servers with the beginning of a session of PostgreSQL", choose);

fn choose(line: &mut Line<'_, '_>) -> Parsed<Choice> {
    line.args.one_of(&[("user", ())])?;
    let user = line.args.word("the name of a user")?;
    let response = Expect {
        error_status: Some(Status::Layer7Status),
        on_error: Some(Note::Text("PostgreSQL unknown error")),
        on_success: Some(Note::Text("PostgreSQL server is ok")),
        ..Expect::new(Pattern::Custom(response))
    };
    let rules = RuleList::default()
        .then(RuleKind::Connect(Box::new(Connect::lingering())))
        .send(Send::Bytes(startup(user.as_bytes()).into()))
        .expect(response);
    Ok(Choice::protocol(rules))
}

/// Returns the first message of a client: its length, version 3.0, and a list of settings.
fn startup(user: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 3, 0, 0];
    body.extend_from_slice(b"user\0");
    body.extend_from_slice(user);
    body.extend_from_slice(&[0, 0]);
    // A word of the configuration is shorter than a message may be.
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    let mut message = length.to_be_bytes().to_vec();
    message.extend_from_slice(&body);
    message
}

/// The length of the type of a message and of its length.
const HEADER: usize = 5;
/// The kinds of authentication that a server may ask for.
const KINDS: [u8; 9] = [0, 2, 3, 4, 5, 6, 7, 9, 10];

fn response(bytes: &[u8], is_final: bool) -> Custom {
    match bytes {
        [b'E', length @ ..] => {
            let length = length.first_chunk().map(|length| u32::from_be_bytes(*length) as usize);
            let is_complete = length.is_some_and(|length| bytes.len() > length);
            if !is_complete && !is_final {
                return Custom::Wait;
            }
            // The first field of an error is its severity, after a letter that says so.
            let text = bytes.get(HEADER + 1..).unwrap_or_default();
            Custom::Failed(Status::Layer7Invalid, 0, text.to_vec())
        }
        [b'R', 0, 0, 0, _, 0, 0, 0, kind, ..] if KINDS.contains(kind) => Custom::Continue,
        _ if bytes.len() < HEADER + 4 && !is_final => Custom::Wait,
        _ => Custom::Failed(Status::Layer7Status, 0, Vec::new()),
    }
}
