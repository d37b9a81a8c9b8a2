//! What persistence cookies did, in the two letters that operators of HAProxy know.

/// What the cookie of a request has led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClientCookie {
    /// `N`: there was none.
    #[default]
    None,
    /// `I`: no server has its value.
    Invalid,
    /// `D`: its server is down, or could not be reached.
    Down,
    /// `V`: its server is used.
    Valid,
    /// `E`: it was not used for too long.
    Expired,
    /// `O`: its client came for the first time too long ago.
    Old,
    /// `U`: it was not looked at, since a rule has chosen the server or says so.
    Unused,
}

/// What has happened to the cookie of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ResponseCookie {
    /// `N`: there is none.
    #[default]
    None,
    /// `P`: the server has set it.
    Passive,
    /// `D`: the server has set it, and it was removed.
    Deleted,
    /// `I`: it was added.
    Inserted,
    /// `R`: the server has set it, and its value was changed.
    Rewritten,
    /// `U`: it was added, for the same server with a new date.
    Updated,
}

/// What the cookies of an exchange did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CookieTrace {
    /// Whether log lines say so.
    pub(crate) is_logged: bool,
    pub(crate) client: ClientCookie,
    pub(crate) response: ResponseCookie,
}

impl CookieTrace {
    /// Records that the exchange goes to another server than before.
    pub(super) fn redispatched(&mut self) {
        if self.client == ClientCookie::Valid {
            self.client = ClientCookie::Down;
        }
    }

    /// Returns the letters of a log line, `--` without a cookie.
    pub(super) fn letters(self) -> [u8; 2] {
        if !self.is_logged {
            return *b"--";
        }
        let client = match self.client {
            ClientCookie::None => b'N',
            ClientCookie::Invalid => b'I',
            ClientCookie::Down => b'D',
            ClientCookie::Valid => b'V',
            ClientCookie::Expired => b'E',
            ClientCookie::Old => b'O',
            ClientCookie::Unused => b'U',
        };
        let response = match self.response {
            ResponseCookie::None => b'N',
            ResponseCookie::Passive => b'P',
            ResponseCookie::Deleted => b'D',
            ResponseCookie::Inserted => b'I',
            ResponseCookie::Rewritten => b'R',
            ResponseCookie::Updated => b'U',
        };
        [client, response]
    }
}
