//! `option smtpchk`: the server greets, answers HELO or EHLO, and takes its leave (RFC 5321).

use proxy_config::{Line, Parsed};

use super::entry::check;
use crate::plan::Choice;
use crate::rules::{Code, Connect, Custom, Expect, Note, Pattern, RuleKind, RuleList, Send};
use crate::status::Status;

check!("smtpchk", "[HELO|EHLO <domain>]", "check servers with a session of SMTP", choose);

fn choose(line: &mut Line<'_, '_>) -> Parsed<Choice> {
    let hello = match line.args.is_empty() {
        true => "HELO localhost\r\n".to_owned(),
        false => {
            let verb = line.args.one_of(&[("HELO", "HELO"), ("EHLO", "EHLO")])?;
            let what = "a domain, of printable characters";
            let domain = line.args.word(what)?;
            if !domain.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(line.args.bad(domain, what));
            }
            format!("{verb} {}\r\n", domain.text)
        }
    };
    let rules = RuleList::default()
        .then(RuleKind::Connect(Box::new(Connect::lingering())))
        .expect(Expect {
            error_status: Some(Status::Layer7Invalid),
            on_error: Some(Note::Line(0)),
            ..Expect::new(Pattern::Custom(is_reply))
        })
        .expect(success(is_success))
        .send(Send::Bytes(hello.into_bytes().into()))
        .expect(success(is_whole_success))
        // Some servers log a session that ends without it as an error.
        .send(Send::Bytes((*b"QUIT\r\n").into()))
        .expect(success(is_success));
    Ok(Choice::protocol(rules))
}

/// The offset of the text after a code.
const TEXT: usize = 4;

/// Returns an expectation about a code, whose text describes the result.
fn success(is: fn(&[u8], bool) -> Custom) -> Expect {
    Expect {
        error_status: Some(Status::Layer7Status),
        on_error: Some(Note::Line(TEXT)),
        on_success: Some(Note::Line(TEXT)),
        code: Some(Code::Digits(3)),
        ..Expect::new(Pattern::Custom(is))
    }
}

/// Returns the code of a line and the byte after it.
fn code(line: &[u8]) -> Option<([u8; 3], u8)> {
    let [first, second, third, after, ..] = line else { return None };
    let code = [*first, *second, *third];
    code.iter().all(u8::is_ascii_digit).then_some((code, *after))
}

fn decide(is: bool, status: Status) -> Custom {
    if is { Custom::Continue } else { Custom::Failed(status, 0, Vec::new()) }
}

/// Returns the first line, once it has arrived as a whole: a response that was compared too early would be continued in
/// the one to the next command.
fn first_line(bytes: &[u8], is_final: bool) -> Option<(&[u8], &[u8])> {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => Some(bytes.split_at(end + 1)),
        None => is_final.then_some((bytes, &[][..])),
    }
}

/// The greeting is a reply of one line.
fn is_reply(bytes: &[u8], is_final: bool) -> Custom {
    match first_line(bytes, is_final) {
        Some((line, _)) => decide(matches!(code(line), Some((_, b' ' | b'\r'))), Status::Layer7Invalid),
        None => Custom::Wait,
    }
}

fn is_success(bytes: &[u8], is_final: bool) -> Custom {
    match first_line(bytes, is_final) {
        Some((line, _)) => decide(matches!(code(line), Some(([b'2', ..], _))), Status::Layer7Status),
        None => Custom::Wait,
    }
}

/// The reply has any number of lines, of which all but the last have a hyphen after the code.
fn is_whole_success(bytes: &[u8], is_final: bool) -> Custom {
    let mut rest = bytes;
    while let Some((line, after)) = first_line(rest, is_final) {
        match code(line) {
            Some(([b'2', ..], b' ' | b'\r')) => return Custom::Continue,
            Some(([b'2', ..], b'-')) if !after.is_empty() || !is_final => rest = after,
            _ => return decide(false, Status::Layer7Status),
        }
    }
    Custom::Wait
}
