//! When a connection or a request is tried again: `retries`, `retry-on`, `option redispatch`.

use bitflags::bitflags;

/// `retries`: the number of attempts after the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries(pub u32);

impl Default for Retries {
    /// Returns HAProxy's default.
    fn default() -> Retries {
        Retries(3)
    }
}

/// `option redispatch`: the attempts at which a session that could not connect may go to another server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redispatch {
    /// Never: the session stays with its server.
    #[default]
    Off,
    /// Every n-th attempt after the first, unless n is 0.
    Every(u32),
    /// The n-th attempt before the end, and then every multiple; 1 is the last attempt.
    BeforeLast(u32),
}

/// A failure after which a request may be sent once more, within `retries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryCause {
    /// `conn-failure`: no connection could be made, or it failed before the request was sent.
    ConnectFailure,
    /// `empty-response`: the server closed after the request without a byte of a response.
    EmptyResponse,
    /// `junk-response`: what was received is not a response.
    JunkResponse,
    /// `response-timeout`: no response was received in time.
    ResponseTimeout,
    /// `0rtt-rejected`: the server refused early data. It cannot happen, since there is no TLS to servers.
    EarlyDataRejected,
    /// The response has this status.
    Status(u16),
}

bitflags! {
    /// `retry-on`: the causes after which a request is sent again. The default is [`RetryCause::ConnectFailure`] alone.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct RetryOn: u32 {
        /// `conn-failure`.
        const CONNECT_FAILURE = 1;
        /// `empty-response`.
        const EMPTY_RESPONSE = 1 << 1;
        /// `junk-response`.
        const JUNK_RESPONSE = 1 << 2;
        /// `response-timeout`.
        const RESPONSE_TIMEOUT = 1 << 3;
        /// `0rtt-rejected`.
        const EARLY_DATA_REJECTED = 1 << 4;
        /// 401.
        const UNAUTHORIZED = 1 << 5;
        /// 403.
        const FORBIDDEN = 1 << 6;
        /// 404.
        const NOT_FOUND = 1 << 7;
        /// 408.
        const REQUEST_TIMEOUT = 1 << 8;
        /// 421.
        const MISDIRECTED_REQUEST = 1 << 9;
        /// 425.
        const TOO_EARLY = 1 << 10;
        /// 429.
        const TOO_MANY_REQUESTS = 1 << 11;
        /// 500.
        const INTERNAL_SERVER_ERROR = 1 << 12;
        /// 501.
        const NOT_IMPLEMENTED = 1 << 13;
        /// 502.
        const BAD_GATEWAY = 1 << 14;
        /// 503.
        const SERVICE_UNAVAILABLE = 1 << 15;
        /// 504.
        const GATEWAY_TIMEOUT = 1 << 16;

        /// `none`.
        const NONE = 0;
        /// `all-retryable-errors`.
        const ALL_RETRYABLE_ERRORS = Self::CONNECT_FAILURE.bits()
            | Self::EMPTY_RESPONSE.bits()
            | Self::JUNK_RESPONSE.bits()
            | Self::RESPONSE_TIMEOUT.bits()
            | Self::EARLY_DATA_REJECTED.bits()
            | Self::INTERNAL_SERVER_ERROR.bits()
            | Self::BAD_GATEWAY.bits()
            | Self::SERVICE_UNAVAILABLE.bits()
            | Self::GATEWAY_TIMEOUT.bits();
    }
}

impl Default for RetryOn {
    fn default() -> RetryOn {
        RetryOn::CONNECT_FAILURE
    }
}

impl RetryOn {
    /// The statuses that can be a cause, each with its flag.
    pub const STATUSES: [(u16, RetryOn); 12] = [
        (401, RetryOn::UNAUTHORIZED),
        (403, RetryOn::FORBIDDEN),
        (404, RetryOn::NOT_FOUND),
        (408, RetryOn::REQUEST_TIMEOUT),
        (421, RetryOn::MISDIRECTED_REQUEST),
        (425, RetryOn::TOO_EARLY),
        (429, RetryOn::TOO_MANY_REQUESTS),
        (500, RetryOn::INTERNAL_SERVER_ERROR),
        (501, RetryOn::NOT_IMPLEMENTED),
        (502, RetryOn::BAD_GATEWAY),
        (503, RetryOn::SERVICE_UNAVAILABLE),
        (504, RetryOn::GATEWAY_TIMEOUT),
    ];

    /// Returns the flag of a status, if it can be a cause.
    pub fn status(status: u16) -> Option<RetryOn> {
        RetryOn::STATUSES.iter().find(|(known, _)| *known == status).map(|(_, flag)| *flag)
    }

    /// Returns whether it contains a cause.
    pub fn has(self, cause: RetryCause) -> bool {
        let flag = match cause {
            RetryCause::ConnectFailure => RetryOn::CONNECT_FAILURE,
            RetryCause::EmptyResponse => RetryOn::EMPTY_RESPONSE,
            RetryCause::JunkResponse => RetryOn::JUNK_RESPONSE,
            RetryCause::ResponseTimeout => RetryOn::RESPONSE_TIMEOUT,
            RetryCause::EarlyDataRejected => RetryOn::EARLY_DATA_REJECTED,
            RetryCause::Status(status) => match RetryOn::status(status) {
                Some(flag) => flag,
                None => return false,
            },
        };
        self.contains(flag)
    }

    /// Returns whether a failed connection may be tried again. Otherwise `retries` applies to other causes only.
    pub fn retries_connections(self) -> bool {
        self.has(RetryCause::ConnectFailure)
    }

    /// Returns whether the request has to be kept until the response: there is a cause that is known only after the
    /// request was sent.
    pub fn keeps_requests(self) -> bool {
        !self.difference(RetryOn::CONNECT_FAILURE).is_empty()
    }
}
