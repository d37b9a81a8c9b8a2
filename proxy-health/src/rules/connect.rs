//! `tcp-check connect` and `http-check connect`: opens a connection.

use proto_core::address::{AddressSpec, Rules};
use proxy_config::endpoint::address;
use proxy_config::{Line, Parsed, Spanned, Word, mistake};
use proxy_rules::{Expression, HookPoint, Points};

use super::read::{Read, text_of};

/// The port that a check connects to.
#[derive(Debug)]
pub enum Port {
    /// A fixed one.
    Number(u16),
    /// The value of an expression, if it is one.
    Expression(Expression),
}

/// A connection.
#[derive(Debug, Default)]
pub struct Connect {
    /// Whether the line of the server says how to connect, for what is not said here (`default`).
    pub default: bool,
    /// Whether there is no line for it: a check connects first.
    pub implicit: bool,
    /// The address, if it is not that of the server.
    pub address: Option<Spanned<AddressSpec>>,
    /// The port, if it is neither that of the server nor in the address.
    pub port: Option<Port>,
    /// Whether a header of the PROXY protocol is sent first.
    pub send_proxy: bool,
    /// Whether the connection is made through the SOCKS4 proxy of the server.
    pub via_socks4: bool,
    /// Whether the connection is closed in order rather than reset.
    pub linger: bool,
}

impl Connect {
    /// The connection of a check without a line for it.
    pub fn implicit() -> Connect {
        Connect { default: true, implicit: true, ..Connect::default() }
    }

    /// The connection of a protocol whose servers expect that it is closed in order.
    pub fn lingering() -> Connect {
        Connect { default: true, linger: true, ..Connect::default() }
    }
}

/// The words of TLS.
const SECURITY: [&str; 3] = ["ssl", "sni", "alpn"];
const WORDS: &str = "one of default, port, addr, send-proxy, via-socks4, linger, proto, comment";

/// Reads the words after `connect`.
pub(super) fn read(line: &mut Line<'_, '_>, hook: HookPoint) -> Parsed<Read<Connect>> {
    let (mut connect, mut comment) = (Connect::default(), None);
    while let Some(word) = line.args.take() {
        line.args.after(&word.text);
        match &*word.text {
            "default" => connect.default = true,
            "send-proxy" => connect.send_proxy = true,
            "via-socks4" => connect.via_socks4 = true,
            "linger" => connect.linger = true,
            "comment" => comment = Some(text_of(line, "a comment")?),
            "addr" => {
                let word = line.args.word("an address")?;
                connect.address = Some(Spanned {
                    value: address(word, &Rules::SERVER, line.surroundings)?,
                    span: word.span,
                });
            }
            "port" => connect.port = Some(port(line)?),
            "proto" => proto(line, hook)?,
            text if SECURITY.contains(&text) => return Err(security(word)),
            _ => {
                let problem =
                    mistake(word.span, format!("unknown argument '{}' of '{hook} connect'", word.text));
                return Err(Box::new(problem.expected(WORDS)));
            }
        }
    }
    Ok(Read { value: connect, comment })
}

/// Reads a port: a number, or an expression.
fn port(line: &mut Line<'_, '_>) -> Parsed<Port> {
    let what = "a port from 1 to 65535, or an expression";
    let word = line.args.word(what)?;
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = word.parse().ok().filter(|port| *port > 0);
        return number.map(Port::Number).ok_or_else(|| line.args.bad(word, what));
    }
    let text = proxy_rules::Text::of(word);
    Expression::parse(text, Points::CHECK, line.surroundings).map(Port::Expression)
}

/// Reads the protocol of a connection, of which there is only one for each kind of check.
fn proto(line: &mut Line<'_, '_>, hook: HookPoint) -> Parsed {
    let only = if hook == HookPoint::HttpCheck { "h1" } else { "none" };
    let word = line.args.word("the protocol of the connection")?;
    match word.text == only {
        true => Ok(()),
        false => Err(line.args.bad(word, format!("'{only}', the only protocol of '{hook}'"))),
    }
}

/// Refuses a word of TLS.
pub(crate) fn security(word: &Word) -> proxy_config::Mistake {
    let message = format!("'{}' is not supported yet: there is no TLS to servers", word.text);
    mistake(word.span, message)
}
