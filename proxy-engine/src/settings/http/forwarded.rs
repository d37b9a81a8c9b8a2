//! `option forwardfor` and `option originalto`: telling servers who asked, and where.

use std::net::IpAddr;

use proxy_config::inventory;
use proxy_config::{Directive, Line, Parsed, Sections, Word, mistake};

/// `option forwardfor`: the client's address, in a field of the request.
///
/// Frontend and backend may both say it. Then as in HAProxy the field of the backend is written, once; not if the
/// address is in the network of either; and not if the request has the field and both say `if-none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardFor {
    /// The name of the field, in lower case; `x-forwarded-for` unless told.
    pub name: String,
    /// Clients whose address is not told.
    pub except: Option<Network>,
    /// A request that has the field already keeps it as it is. Otherwise another one is added behind.
    pub if_none: bool,
}

/// `option originalto`: the address that the client connected to, in a field of the request. Frontend and backend work
/// together as for [`ForwardFor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalTo {
    /// The name of the field, in lower case; `x-original-to` unless told.
    pub name: String,
    /// Addresses that are not told.
    pub except: Option<Network>,
}

const BOTH: Sections = Sections::PROXY.or(Sections::DEFAULTS);

inventory::submit! {
    Directive::new(
        "option forwardfor",
        "[except <network>] [header <name>] [if-none]",
        BOTH,
        "tell servers the client's address in X-Forwarded-For",
        |line| {
            let mut option = ForwardFor { name: "x-forwarded-for".to_owned(), except: None, if_none: false };
            while let Some(word) = line.args.take() {
                match &*word.text {
                    "except" => option.except = Some(network(line)?),
                    "header" => option.name = name(line)?,
                    "if-none" => option.if_none = true,
                    _ => return Err(Box::new(mistake(word.span, unexpected(word)).expected("except, header or if-none"))),
                }
            }
            line.section.set(option);
            Ok(())
        },
    )
}

inventory::submit! {
    Directive::new(
        "option originalto",
        "[except <network>] [header <name>]",
        BOTH,
        "tell servers in X-Original-To where the client connected to",
        |line| {
            let mut option = OriginalTo { name: "x-original-to".to_owned(), except: None };
            while let Some(word) = line.args.take() {
                match &*word.text {
                    "except" => option.except = Some(network(line)?),
                    "header" => option.name = name(line)?,
                    _ => return Err(Box::new(mistake(word.span, unexpected(word)).expected("except or header"))),
                }
            }
            line.section.set(option);
            Ok(())
        },
    )
}

fn unexpected(word: &Word) -> String {
    format!("unexpected '{}' behind the option", word.text)
}

fn network(line: &mut Line<'_, '_>) -> Parsed<Network> {
    const WHAT: &str = "an address, perhaps with a mask: 192.0.2.0/24";
    let word = line.args.word(WHAT)?;
    Network::parse(word).ok_or_else(|| line.args.bad(word, WHAT))
}

fn name(line: &mut Line<'_, '_>) -> Parsed<String> {
    const WHAT: &str = "the name of a field";
    let word = line.args.word(WHAT)?;
    match is_token(word) {
        true => Ok(word.to_ascii_lowercase()),
        false => Err(line.args.bad(word, WHAT)),
    }
}

/// Whether a text may be the name of a field (`token` of RFC 9110, section 5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    let marks = b"!#$%&'*+-.^_`|~";
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
}

/// Some addresses: those that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    mask: u128,
}

impl Network {
    /// Reads `192.0.2.1`, `192.0.2.0/24`, `192.0.2.0/255.255.255.0` or `2001:db8::/32`.
    fn parse(text: &str) -> Option<Network> {
        let (address, mask) = match text.split_once('/') {
            Some((address, mask)) => (address, Some(mask)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let mask = match mask {
            None => bits(width, width),
            Some(mask) if mask.contains('.') && address.is_ipv4() => {
                u128::from(mask.parse::<std::net::Ipv4Addr>().ok()?.to_bits())
            }
            Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits(length.parse().ok().filter(|length| *length <= width)?, width)
            }
            Some(_) => return None,
        };
        Some(Network { address, mask })
    }

    /// Whether an address is one of them. An IPv4 address is one, however it is written.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                u128::from(own.to_bits() ^ other.to_bits()) & self.mask == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()) & self.mask == 0,
            // A network of mapped addresses.
            (IpAddr::V6(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_ipv6_mapped().to_bits()) & self.mask == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) => false,
        }
    }
}

/// So many ones at the upper end of so many bits.
fn bits(ones: u32, width: u32) -> u128 {
    let all = u128::MAX >> (128 - width);
    all & !all.checked_shr(ones).unwrap_or(0)
}
