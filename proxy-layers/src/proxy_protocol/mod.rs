//! The PROXY protocol: a header with the addresses of the client's connection, which a proxy sends before the bytes
//! of its own (<https://www.haproxy.org/download/3.5/doc/proxy-protocol.txt>).
//!
//! [`parse`] reads both versions, [`write_v1`] and [`write_v2`] write them.
//!
//! There are crates that read such headers (`ppp`, `proxy-header`). They keep to the specification, and HAProxy
//! does not: it takes port 65537 for 1, `1.2.3.256` for 1.2.4.0, an empty address for 0.0.0.0, lines of any length
//! and words after the ports of a TCP6 line, but no words after UNKNOWN and no family that it does not know; it
//! checks checksums and limits the lengths of some values. The result of such a crate comes too late to decide any
//! of this.

mod header;
mod read_v1;
mod read_v2;
mod tlv;
mod write_v1;
mod write_v2;

pub use header::{Header, Version};
pub use tlv::{Tlv, Tlvs, kind};
pub use write_v1::write_v1;
pub use write_v2::{Extras, NoRoom, Tls, write_v2};

use crate::code::{ErrorCode, Refused};
use crate::progress::Progress;

/// Reads the header at the beginning of `bytes`, which are all bytes received so far.
///
/// At most the first `limit` bytes are read, usually [`HEADER_MAX`](crate::HEADER_MAX): a header that does not end
/// there is truncated. The one allocation for a header is as long as its TLVs.
///
/// # Errors
/// Returns [`Refused`] if no more bytes make these a valid header. What HAProxy calls truncated is
/// [`Progress::NeedMore`] as long as the first bytes can still begin a header; later mistakes are found when the
/// header is complete.
pub fn parse(bytes: &[u8], limit: usize) -> Result<Progress<Header>, Refused> {
    let seen = bytes.get(..limit).unwrap_or(bytes);
    let progress = if seen.starts_with(read_v1::MAGIC) {
        read_v1::read(seen)?
    } else if read_v1::MAGIC.starts_with(seen) {
        // The signature of version 2 is different, so this is version 1, or too few bytes to know.
        Progress::need(read_v1::SHORTEST - seen.len())
    } else {
        read_v2::read(seen, limit)?
    };
    match progress {
        Progress::NeedMore { .. } if seen.len() >= limit => Err(ErrorCode::PrxTruncated.into()),
        progress => Ok(progress),
    }
}

/// Returns why a connection is refused that ended, or is not waited for, after `received`, when [`parse`] needs
/// more bytes.
///
/// HAProxy has this code for these bytes whether the connection has been closed or not.
pub fn ended(received: &[u8]) -> Refused {
    let code = match received {
        [] => ErrorCode::PrxEmpty,
        _ if read_v1::is_cut_in_protocol(received) => ErrorCode::PrxBadProto,
        _ => ErrorCode::PrxTruncated,
    };
    code.into()
}

#[cfg(test)]
mod tests;
