//! Why a side of an exchange cannot go on, and what is to be said to a side that is given up.

/// The reason that goes with the end of an exchange or of a connection, by the numbers of RFC 9113, section 7. A codec
/// whose protocol has no numbers closes or resets the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(pub(crate) u32);

impl ErrorCode {
    /// `NO_ERROR`: the response is whole, and the rest of the request is not wanted.
    pub(crate) const NONE: ErrorCode = ErrorCode(0x0);
    /// `INTERNAL_ERROR`: the proxy cannot go on.
    pub(crate) const INTERNAL: ErrorCode = ErrorCode(0x2);
    /// `REFUSED_STREAM`: the client got nothing, and may send its request again.
    pub(crate) const REFUSED: ErrorCode = ErrorCode(0x7);
    /// `CANCEL`: the exchange is no longer wanted.
    pub(crate) const CANCEL: ErrorCode = ErrorCode(0x8);
}

/// Why a side cannot go on.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "connections of HTTP/1 cannot reset one exchange, or refuse it")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It sent what is no message.
    Malformed,
    /// It ended before its message did.
    Ended,
    /// Its connection failed.
    Failed,
    /// It reset this exchange. Others of its connection go on.
    Reset(ErrorCode),
    /// It did not begin to process the request, which may be sent again whatever it is.
    Refused,
}

impl Broken {
    /// What the other side of the exchange is to be told.
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Broken::Reset(code) => code,
            Broken::Ended | Broken::Failed | Broken::Refused => ErrorCode::CANCEL,
            Broken::Malformed => ErrorCode::INTERNAL,
        }
    }
}

/// How a client left that waits for a server or for a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departure {
    /// It closed its direction. One that has sent a request may still read the response.
    Closed,
    /// Its connection broke, or it reset the exchange.
    Broke,
}
