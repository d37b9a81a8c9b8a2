//! `option ldap-check`: the server accepts an anonymous bind of LDAPv3 (RFC 4511, section 4.2).

use proxy_config::{Line, Parsed};

use super::entry::check;
use crate::plan::Choice;
use crate::rules::{Custom, Expect, Pattern, RuleList, Send};
use crate::status::Status;

check!("ldap-check", "", "check servers with an anonymous bind of LDAP", choose);

/// A message with the identifier 1: a bind request of version 3, without a name and with an empty password.
const BIND: [u8; 14] = [0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03, 0x04, 0x00, 0x80, 0x00];
/// The shortest response.
const LEAST: usize = 14;

const OTHER: &[u8] = b"Not LDAPv3 protocol";
const REFUSED: &[u8] = b"See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9";

fn choose(_: &mut Line<'_, '_>) -> Parsed<Choice> {
    let response = Expect { least: Some(LEAST), ..Expect::new(Pattern::Custom(response)) };
    Ok(Choice::protocol(RuleList::default().send(Send::Bytes(BIND.into())).expect(response)))
}

/// What is wrong with a response.
enum Wrong {
    /// It is not complete.
    Short,
    /// It is something else.
    Other,
}

fn response(bytes: &[u8], is_final: bool) -> Custom {
    match result_code(bytes) {
        Ok(0) => Custom::Passed(b"Success".to_vec()),
        Ok(code) => Custom::Failed(Status::Layer7Status, i32::from(code), REFUSED.to_vec()),
        Err(Wrong::Short) if !is_final => Custom::Wait,
        Err(Wrong::Short) => Custom::Failed(Status::Layer7Invalid, 0, Vec::new()),
        Err(Wrong::Other) => Custom::Failed(Status::Layer7Invalid, 0, OTHER.to_vec()),
    }
}

/// Returns the result code of a bind response.
fn result_code(bytes: &[u8]) -> Result<u8, Wrong> {
    let rest = after(bytes, &[0x30])?;
    let (length, rest) = length(rest)?;
    if rest.len() < length {
        return Err(Wrong::Short);
    }
    // The identifier of the message, and the type of the response.
    let rest = after(rest, &[0x02, 0x01, 0x01, 0x61])?;
    let (first, rest) = rest.split_first().ok_or(Wrong::Short)?;
    // The response is as long as the message says; its own length is not needed.
    let skipped = if first & 0x80 == 0 { 0 } else { usize::from(first & 0x7f) };
    let rest = rest.get(skipped..).ok_or(Wrong::Short)?;
    let rest = after(rest, &[0x0a, 0x01])?;
    rest.first().copied().ok_or(Wrong::Short)
}

/// Returns what follows some bytes.
fn after<'a>(bytes: &'a [u8], expected: &[u8]) -> Result<&'a [u8], Wrong> {
    let begin = &bytes[..bytes.len().min(expected.len())];
    if !expected.starts_with(begin) {
        return Err(Wrong::Other);
    }
    bytes.get(expected.len()..).ok_or(Wrong::Short)
}

/// Returns a length of BER, in one byte, or in two or four after their number, and what follows it.
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), Wrong> {
    let (first, rest) = bytes.split_first().ok_or(Wrong::Short)?;
    if first & 0x80 == 0 {
        return Ok((usize::from(*first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count != 2 && count != 4 {
        return Err(Wrong::Other);
    }
    let (digits, rest) = rest.split_at_checked(count).ok_or(Wrong::Short)?;
    Ok((digits.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest))
}
