//! The parsers of hosts, of the families that this crate knows.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::RawFd;
use std::path::PathBuf;

use super::host::{Host, HostName, UNIX_PATH_MAX, UnixAddress};
use super::host_error::HostError;
use crate::family::Family;

/// The parser of one family's hosts. They are printed by the `Display` of [`Host`].
#[derive(Clone, Copy, Debug)]
pub struct FamilyEntry {
    /// The family.
    pub family: Family,
    /// Reads the host part of an address, without its prefix. Only the families of the Internet have a port after it,
    /// which is removed first; a family whose addresses contain another number reads it as part of the host.
    ///
    /// The parser of a transport's family returns [`Host::Other`], or [`Host::Range`] for a text that means several
    /// hosts.
    pub parse: fn(&str) -> Result<Host, HostError>,
}

/// The families that this crate registers itself.
pub(crate) const FAMILIES: &[FamilyEntry] = &[
    FamilyEntry { family: Family::INET4, parse: parse_ipv4 },
    FamilyEntry { family: Family::INET6, parse: parse_ipv6 },
    FamilyEntry { family: Family::UNIX, parse: parse_path },
    FamilyEntry { family: Family::ABNS, parse: |name| parse_abstract(name, true) },
    FamilyEntry { family: Family::ABNSZ, parse: |name| parse_abstract(name, false) },
    FamilyEntry { family: Family::FD, parse: parse_fd },
];

fn parse_ipv4(text: &str) -> Result<Host, HostError> {
    match text {
        // A lone 0 is the short form of 0.0.0.0 (inet_aton(3)).
        "" | "*" | "0" => Ok(Host::Ip(Ipv4Addr::UNSPECIFIED.into())),
        _ => match text.parse::<Ipv4Addr>() {
            Ok(ip) => Ok(Host::Ip(ip.into())),
            Err(_) if text.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_ok() => {
                Err(HostError::malformed("it is an IPv6 address"))
            }
            Err(_) => HostName::parse(text).map(Host::Name),
        },
    }
}

fn parse_ipv6(text: &str) -> Result<Host, HostError> {
    let wrong = |why| Err(HostError::malformed(why));
    let bracketed = text.strip_prefix('[').map(|rest| rest.strip_suffix(']').unwrap_or(rest));
    let bare = bracketed.unwrap_or(text);
    if let Ok(ip) = bare.parse::<Ipv6Addr>() {
        return Ok(Host::Ip(ip.into()));
    }
    if bracketed.is_none() && matches!(bare, "" | "*") {
        return Ok(Host::Ip(Ipv6Addr::UNSPECIFIED.into()));
    }
    if bare.parse::<Ipv4Addr>().is_ok() {
        return wrong("it is an IPv4 address");
    }
    if bare.split_once('%').is_some_and(|(address, _)| address.parse::<Ipv6Addr>().is_ok()) {
        return wrong("a zone index is not supported; use the interface option");
    }
    if bracketed.is_some() || bare.contains(':') {
        return wrong("it is not written as IPv6 addresses are");
    }
    HostName::parse(bare).map(Host::Name)
}

fn parse_path(text: &str) -> Result<Host, HostError> {
    checked_name(text, "a path is missing")?;
    Ok(Host::Unix(UnixAddress::Path(PathBuf::from(text))))
}

fn parse_abstract(text: &str, padded: bool) -> Result<Host, HostError> {
    checked_name(text, "a name is missing")?;
    Ok(Host::Unix(UnixAddress::Abstract { name: text.to_owned(), padded }))
}

fn checked_name(text: &str, missing: &str) -> Result<(), HostError> {
    if text.is_empty() {
        return Err(HostError::malformed(missing));
    }
    if text.contains('\0') {
        return Err(HostError::malformed("it contains a zero byte"));
    }
    if text.len() > UNIX_PATH_MAX {
        return Err(HostError::TooLong { length: text.len(), max: UNIX_PATH_MAX });
    }
    Ok(())
}

fn parse_fd(text: &str) -> Result<Host, HostError> {
    match text.parse::<RawFd>() {
        Ok(fd) if fd >= 0 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(Host::Fd(fd)),
        _ => Err(HostError::malformed("a file descriptor is a number that is not negative")),
    }
}
