//! Reads version 2.
//!
//! ```text
//!  0            12      13     14     16
//! ┌────────────┬───────┬──────┬──────┬──────────────────────┬──────┬──────┬─
//! │ signature  │ver cmd│family│length│ addresses and ports  │ TLV  │ TLV  │ …
//! └────────────┴───────┴──────┴──────┴──────────────────────┴──────┴──────┴─
//!                                    └── length bytes: 12 for TCP over IPv4, 36 over IPv6; none with LOCAL ──
//! ```

use std::net::{Ipv4Addr, Ipv6Addr};

use super::header::{Header, Version};
use super::tlv::{Tlv, kind};
use crate::addresses::Addresses;
use crate::code::{ErrorCode, Refused};
use crate::progress::Progress;

/// The first bytes of the header.
pub(super) const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// The number of bytes up to and including the length.
pub(super) const FIXED: usize = 16;
const VERSION: u8 = 0x20;
const VERSION_MASK: u8 = 0xf0;
const COMMAND_MASK: u8 = 0x0f;
const LOCAL: u8 = 0;
const PROXY: u8 = 1;
/// TCP over IPv4 and IPv6: the families whose addresses are used.
pub(super) const TCP4: u8 = 0x11;
pub(super) const TCP6: u8 = 0x21;
/// The longest values that are accepted: of [`kind::AUTHORITY`], of [`kind::UNIQUE_ID`], of any type.
const AUTHORITY_MAX: usize = 255;
const UNIQUE_ID_MAX: usize = 128;
const VALUE_MAX: usize = 1024;
/// HAProxy looks for the values of a header of another family from its first byte on. The signature reads as a
/// value that ends here: a shorter header is cut off within it, and in a longer one that value is too long to be
/// kept.
const SIGNATURE_AS_VALUE: usize = 3 + 0x0a0d;

/// Reads bytes that do not begin like version 1.
pub(super) fn read(bytes: &[u8], limit: usize) -> Result<Progress<Header>, Refused> {
    let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED>() else {
        let missing = FIXED - bytes.len();
        return if may_begin(bytes) {
            Ok(Progress::need(missing))
        } else {
            Err(ErrorCode::PrxTruncated.into())
        };
    };
    if !may_begin(fixed) {
        return Err(ErrorCode::PrxNotHdr.into());
    }
    let [.., command, family, high, low] = *fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if FIXED + length > limit {
        return Err(ErrorCode::PrxTruncated.into());
    }
    let Some(body) = rest.get(..length) else {
        return Ok(Progress::need(length - rest.len()));
    };
    let (addresses, tlvs) = match (command & COMMAND_MASK, family) {
        (PROXY, TCP4) => split(body, addresses4)?,
        (PROXY, TCP6) => split(body, addresses6)?,
        (PROXY, _) if FIXED + length < SIGNATURE_AS_VALUE => return Err(ErrorCode::PrxBadHdr.into()),
        (PROXY, _) => return Err(Refused::with(None)),
        // LOCAL may have addresses; they are read as values, too.
        (LOCAL, _) => (None, body),
        _ => return Err(ErrorCode::PrxBadHdr.into()),
    };
    let before = &bytes[..FIXED + length - tlvs.len()];
    let tlvs = check(before, tlvs).map_err(|code| Refused { code, addresses })?;
    let header = Header { version: Version::V2, addresses, tlvs };
    Ok(Progress::Done { length: FIXED + length, header })
}

/// Returns whether these are the first bytes of a header, or all of one.
fn may_begin(bytes: &[u8]) -> bool {
    let version = bytes.get(SIGNATURE.len());
    SIGNATURE.iter().zip(bytes).all(|(expected, byte)| expected == byte)
        && version.is_none_or(|byte| byte & VERSION_MASK == VERSION)
}

type Split<'a> = (Option<Addresses>, &'a [u8]);

/// Returns the addresses, and the values after them.
fn split<const N: usize>(body: &[u8], addresses: fn(&[u8; N]) -> Addresses) -> Result<Split<'_>, Refused> {
    match body.split_first_chunk() {
        Some((first, tlvs)) => Ok((Some(addresses(first)), tlvs)),
        None => Err(ErrorCode::PrxBadHdr.into()),
    }
}

fn addresses4(bytes: &[u8; 12]) -> Addresses {
    let &[a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
    Addresses::new(
        (Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([i, j])),
        (Ipv4Addr::new(e, f, g, h), u16::from_be_bytes([k, l])),
    )
}

fn addresses6(bytes: &[u8; 36]) -> Addresses {
    let [mut source, mut destination] = [[0; 16]; 2];
    source.copy_from_slice(&bytes[..16]);
    destination.copy_from_slice(&bytes[16..32]);
    let &[.., i, j, k, l] = bytes;
    Addresses::new(
        (Ipv6Addr::from(source), u16::from_be_bytes([i, j])),
        (Ipv6Addr::from(destination), u16::from_be_bytes([k, l])),
    )
}

/// Checks the values, which follow `before` in the header; returns them with checksums of zero.
fn check(before: &[u8], tlvs: &[u8]) -> Result<Box<[u8]>, Option<ErrorCode>> {
    const BAD: Option<ErrorCode> = Some(ErrorCode::PrxBadHdr);
    let mut kept = Box::<[u8]>::from(tlvs);
    let mut rest = tlvs;
    while !rest.is_empty() {
        let (tlv, after) = Tlv::first(rest).ok_or(BAD)?;
        match tlv.kind {
            kind::CRC32C => {
                let told: [u8; 4] = tlv.value.try_into().map_err(|_| BAD)?;
                let end = tlvs.len() - after.len();
                kept[end - told.len()..end].fill(0);
                let really = crc32c::crc32c_append(crc32c::crc32c(before), &kept);
                if really != u32::from_be_bytes(told) {
                    return Err(BAD);
                }
            }
            kind::AUTHORITY if tlv.value.len() > AUTHORITY_MAX => return Err(BAD),
            kind::UNIQUE_ID if tlv.value.len() > UNIQUE_ID_MAX => return Err(BAD),
            _ => {}
        }
        if tlv.value.len() > VALUE_MAX {
            return Err(None);
        }
        rest = after;
    }
    Ok(kept)
}
