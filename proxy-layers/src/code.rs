//! The errors of these layers, with the numbers, names and texts that `fc_err`, `fc_err_name` and `fc_err_str`
//! return.
//!
//! The numbers are part of the configuration language: rules and log formats compare them.

use std::fmt;

use proto_core::layer::LayerCode;

use crate::addresses::Addresses;

/// An error that occurred before a connection could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ErrorCode {
    /// The client closed before it had sent a byte of a PROXY header.
    PrxEmpty = 11,
    /// The connection failed, or was reset, before the PROXY header was complete.
    PrxAbort = 12,
    /// No PROXY header arrived within the timeout for handshakes.
    PrxTimeout = 13,
    /// The bytes received begin a PROXY header and end before it is complete.
    PrxTruncated = 14,
    /// The bytes received are no PROXY header.
    PrxNotHdr = 15,
    /// A PROXY header with a mistake in it.
    PrxBadHdr = 16,
    /// A PROXY header of version 1 for neither TCP4, TCP6 nor UNKNOWN.
    PrxBadProto = 17,
    /// The client closed before it had sent a byte of a NetScaler header.
    CipEmpty = 18,
    /// The connection failed, or was reset, before the NetScaler header was complete.
    CipAbort = 19,
    /// No NetScaler header arrived within the timeout for handshakes.
    CipTimeout = 20,
    /// The bytes received begin a NetScaler header and end before it is complete.
    CipTruncated = 21,
    /// A NetScaler header with the wrong magic number.
    CipBadMagic = 22,
    /// A NetScaler header of an unknown version, or for a protocol other than TCP over IPv4 or IPv6.
    CipBadProto = 23,
    /// The request to a SOCKS4 proxy could not be sent.
    Socks4Send = 39,
    /// The SOCKS4 proxy closed before it had responded.
    Socks4Recv = 40,
    /// The SOCKS4 proxy refused to connect.
    Socks4Deny = 41,
    /// The connection to the SOCKS4 proxy failed, or was reset, before the proxy had responded.
    Socks4Abort = 42,
}

impl ErrorCode {
    /// All codes, in the order of their numbers.
    pub const ALL: [ErrorCode; 17] = [
        ErrorCode::PrxEmpty,
        ErrorCode::PrxAbort,
        ErrorCode::PrxTimeout,
        ErrorCode::PrxTruncated,
        ErrorCode::PrxNotHdr,
        ErrorCode::PrxBadHdr,
        ErrorCode::PrxBadProto,
        ErrorCode::CipEmpty,
        ErrorCode::CipAbort,
        ErrorCode::CipTimeout,
        ErrorCode::CipTruncated,
        ErrorCode::CipBadMagic,
        ErrorCode::CipBadProto,
        ErrorCode::Socks4Send,
        ErrorCode::Socks4Recv,
        ErrorCode::Socks4Deny,
        ErrorCode::Socks4Abort,
    ];

    /// Returns the number, as in `fc_err` and `bc_err`.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Returns the name, as in `fc_err_name` and `bc_err_name`.
    pub fn name(self) -> &'static str {
        match self {
            ErrorCode::PrxEmpty => "PRX_EMPTY",
            ErrorCode::PrxAbort => "PRX_ABORT",
            ErrorCode::PrxTimeout => "PRX_TIMEOUT",
            ErrorCode::PrxTruncated => "PRX_TRUNCATED",
            ErrorCode::PrxNotHdr => "PRX_NOT_HDR",
            ErrorCode::PrxBadHdr => "PRX_BAD_HDR",
            ErrorCode::PrxBadProto => "PRX_BAD_PROTO",
            ErrorCode::CipEmpty => "CIP_EMPTY",
            ErrorCode::CipAbort => "CIP_ABORT",
            ErrorCode::CipTimeout => "CIP_TIMEOUT",
            ErrorCode::CipTruncated => "CIP_TRUNCATED",
            ErrorCode::CipBadMagic => "CIP_BAD_MAGIC",
            ErrorCode::CipBadProto => "CIP_BAD_PROTO",
            ErrorCode::Socks4Send => "SOCKS4_SEND",
            ErrorCode::Socks4Recv => "SOCKS4_RECV",
            ErrorCode::Socks4Deny => "SOCKS4_DENY",
            ErrorCode::Socks4Abort => "SOCKS4_ABORT",
        }
    }

    /// Returns the text, as in `fc_err_str`, `bc_err_str` and the log line of a failed connection.
    pub fn message(self) -> &'static str {
        match self {
            ErrorCode::PrxEmpty => "Connection closed while waiting for PROXY protocol header",
            ErrorCode::PrxAbort => "Connection error while waiting for PROXY protocol header",
            ErrorCode::PrxTimeout => "Timeout while waiting for PROXY protocol header",
            ErrorCode::PrxTruncated => "Truncated PROXY protocol header received",
            ErrorCode::PrxNotHdr => "Received something which does not look like a PROXY protocol header",
            ErrorCode::PrxBadHdr => "Received an invalid PROXY protocol header",
            ErrorCode::PrxBadProto => "Received an unhandled protocol in the PROXY protocol header",
            ErrorCode::CipEmpty => "Connection closed while waiting for NetScaler Client IP header",
            ErrorCode::CipAbort => "Connection error while waiting for NetScaler Client IP header",
            ErrorCode::CipTimeout => "Timeout while waiting for a NetScaler Client IP header",
            ErrorCode::CipTruncated => "Truncated NetScaler Client IP header received",
            ErrorCode::CipBadMagic => "Received an invalid NetScaler Client IP magic number",
            ErrorCode::CipBadProto => "Received an unhandled protocol in the NetScaler Client IP header",
            ErrorCode::Socks4Send => "SOCKS4 Proxy write error during handshake",
            ErrorCode::Socks4Recv => "SOCKS4 Proxy read error during handshake",
            ErrorCode::Socks4Deny => "SOCKS4 Proxy deny the request",
            ErrorCode::Socks4Abort => "SOCKS4 Proxy handshake aborted by server",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// The refusal of a header. The connection is to be closed; its log line has the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct Refused {
    /// The reason. `None` for a value that is longer than a proxy wants to keep, for which HAProxy has no code:
    /// `fc_err` has no value then, and its default log line says "Success".
    pub code: Option<ErrorCode>,
    /// The addresses that came before the mistake, if any did. The log line of the failed connection shows these
    /// instead of the real ones.
    pub addresses: Option<Addresses>,
}

impl Refused {
    pub(crate) fn with(addresses: Option<Addresses>) -> Self {
        Self { code: None, addresses }
    }

    /// Returns the text for the log line of the failed connection.
    pub fn message(&self) -> &'static str {
        self.code.map_or("Success", ErrorCode::message)
    }
}

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        Self { code: Some(code), addresses: None }
    }
}

/// The code of what HAProxy refuses without a reason.
pub(crate) const NO_CODE: LayerCode = LayerCode { number: 0, name: "", text: "Success", is_silence: true };

/// Returns the form of a code that logs and rules use.
pub(crate) fn layer_code(code: ErrorCode) -> LayerCode {
    use ErrorCode::{CipAbort, CipEmpty, CipTimeout, PrxAbort, PrxEmpty, PrxTimeout};
    let is_silence = matches!(code, PrxEmpty | PrxAbort | PrxTimeout | CipEmpty | CipAbort | CipTimeout);
    LayerCode { number: code.number().into(), name: code.name(), text: code.message(), is_silence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_names_are_those_of_the_language() {
        assert!(ErrorCode::ALL.is_sorted_by(|one, other| one.number() < other.number()));
        for (number, code) in (11..=23).chain(39..=42).zip(ErrorCode::ALL) {
            assert_eq!(code.number(), number, "{code:?}");
            let squeezed = code.name().replace('_', "").to_lowercase();
            assert_eq!(squeezed, format!("{code:?}").to_lowercase());
        }
    }

    #[test]
    fn an_error_says_what_its_log_line_says() {
        let refused = Refused::from(ErrorCode::PrxBadHdr);
        assert_eq!(refused.to_string(), "Received an invalid PROXY protocol header");
        assert_eq!(Refused::with(None).to_string(), "Success");
    }
}
