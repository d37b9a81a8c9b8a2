//! `option mysql-check`: the server greets, and with a user it accepts an authentication without a password.

use proxy_config::{Line, Parsed};

use super::entry::check;
use crate::plan::Choice;
use crate::rules::{Connect, Custom, Expect, Pattern, RuleKind, RuleList, Send};
use crate::status::Status;

check!(
    "mysql-check",
    "[user <name> [pre-41|post-41|post-80]]",
    "check servers with the greeting of MySQL, or an authentication",
    choose
);

/// The versions of servers whose clients authenticate differently.
#[derive(Clone, Copy)]
enum Clients {
    Before41,
    Since41,
    Since80,
}

fn choose(line: &mut Line<'_, '_>) -> Parsed<Choice> {
    let rules = RuleList::default().then(RuleKind::Connect(Box::new(Connect::lingering())));
    let expect = |custom| Expect::new(Pattern::Custom(custom));
    if line.args.is_empty() {
        return Ok(Choice::protocol(rules.expect(expect(only_greeting))));
    }
    line.args.one_of(&[("user", ())])?;
    let user = line.args.word("the name of a user")?;
    let clients = match line.args.is_empty() {
        true => Clients::Since41,
        false => line.args.one_of(&[
            ("pre-41", Clients::Before41),
            ("post-41", Clients::Since41),
            ("post-80", Clients::Since80),
        ])?,
    };
    // The authentication does not depend on the greeting, so that nothing is waited for before it is sent.
    let send = Send::Bytes(authentication(user.as_bytes(), clients).into());
    Ok(Choice::protocol(rules.send(send).expect(expect(greeting)).expect(expect(acceptance))))
}

/// Returns an authentication, and the command that ends the session.
fn authentication(user: &[u8], clients: Clients) -> Vec<u8> {
    let mut body: Vec<u8> = match clients {
        // Capabilities, and the largest packet.
        Clients::Before41 => vec![0x00, 0x80, 0x00, 0x00, 0x01],
        // Capabilities, the largest packet, UTF-8, and 23 bytes that are reserved. Since 8.0 the capabilities have
        // CLIENT_PLUGIN_AUTH, so that a user whose plugin is not the default one can authenticate.
        Clients::Since41 => vec![0x00, 0x82, 0x00, 0x00, 0x00, 0x80, 0x00, 0x01, 0x21],
        Clients::Since80 => vec![0x00, 0x82, 0x08, 0x00, 0x00, 0x80, 0x00, 0x01, 0x21],
    };
    if !matches!(clients, Clients::Before41) {
        body.extend_from_slice(&[0; 23]);
    }
    body.extend_from_slice(user);
    // The end of the name, and an empty password.
    body.extend_from_slice(&[0, 0]);
    if matches!(clients, Clients::Since80) {
        body.extend_from_slice(b"mysql_native_password\0");
    }
    let mut bytes = packet(1, &body);
    bytes.extend_from_slice(&packet(0, &[QUIT]));
    bytes
}

const QUIT: u8 = 1;

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    // A word of the configuration is shorter than a packet of the protocol may be.
    let [low, middle, high, ..] = body.len().to_le_bytes();
    let mut bytes = vec![low, middle, high, number];
    bytes.extend_from_slice(body);
    bytes
}

/// The length of the header of a packet.
const HEADER: usize = 4;
/// The first byte of a packet that tells an error.
const ERROR: u8 = 0xff;

/// Returns the length of the packet at an offset, with its header; `None` if it is not complete.
fn packet_length(bytes: &[u8], offset: usize) -> Option<usize> {
    let [low, middle, high, _, ..] = bytes.get(offset..)? else { return None };
    let length = HEADER + (usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16);
    (bytes.len() >= offset + length).then_some(length)
}

/// Reads the packet at an offset.
fn read(bytes: &[u8], offset: usize, is_final: bool) -> Custom {
    let Some(length) = packet_length(bytes, offset) else {
        return match is_final {
            true => Custom::Failed(Status::Layer7Invalid, 0, Vec::new()),
            false => Custom::Wait,
        };
    };
    match bytes.get(offset + HEADER..offset + length) {
        Some([ERROR, low, high, text @ ..]) => {
            let code = i32::from(*low) | i32::from(*high) << 8;
            Custom::Failed(Status::Layer7Status, code, text.to_vec())
        }
        Some([ERROR, ..] | []) | None => Custom::Failed(Status::Layer7Invalid, 0, Vec::new()),
        // The greeting has the version of the server, which describes the result.
        Some(_) => {
            let version = bytes.get(HEADER + 1..).unwrap_or_default();
            Custom::Passed(version.split(|byte| *byte == 0).next().unwrap_or_default().to_vec())
        }
    }
}

fn only_greeting(bytes: &[u8], is_final: bool) -> Custom {
    read(bytes, 0, is_final)
}

fn greeting(bytes: &[u8], is_final: bool) -> Custom {
    match read(bytes, 0, is_final) {
        Custom::Passed(_) => Custom::Continue,
        other => other,
    }
}

/// The packet after the greeting.
fn acceptance(bytes: &[u8], is_final: bool) -> Custom {
    match packet_length(bytes, 0) {
        Some(length) => read(bytes, length, is_final),
        None => Custom::Failed(Status::Layer7Invalid, 0, Vec::new()),
    }
}
