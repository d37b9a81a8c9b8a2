//! `cookie` of sections and server lines: the cookie by which a client comes back to the same server.

/// What is done with the cookie of a persistence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CookieMode {
    /// It is only read: the server sets it.
    #[default]
    Passive,
    /// `rewrite`: the server sets it, and its value is replaced.
    Rewrite,
    /// `insert`: it is added to responses.
    Insert,
    /// `prefix`: the name of the server is added to the value of a cookie of the application.
    Prefix,
}

/// `cookie` of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookiePolicy {
    /// The name of the cookie.
    pub name: String,
    /// What is done with it.
    pub mode: CookieMode,
    /// `indirect`: servers do not see the cookie, and what they set is removed from responses to clients that have it.
    pub indirect: bool,
    /// `preserve`: a cookie that the server sets itself is left alone.
    pub preserve: bool,
    /// `nocache`: a response that may be cached is made private if the cookie is added to it.
    pub no_cache: bool,
    /// `postonly`: the cookie is added only to responses to POST.
    pub post_only: bool,
    /// `maxidle`: the time without a request after which the cookie is ignored, in seconds.
    pub max_idle: Option<u32>,
    /// `maxlife`: the time after the first request after which the cookie is ignored, in seconds.
    pub max_life: Option<u32>,
    /// `dynamic`: servers without a value have one that is made of their address and a key.
    pub dynamic: bool,
    /// The attributes of a cookie that is added, after its path, each after a semicolon.
    pub attributes: String,
}

impl CookiePolicy {
    /// Returns whether log lines say what has happened to the cookie: a cookie that is only read does not count.
    pub fn is_logged(&self) -> bool {
        self.mode != CookieMode::Passive || self.indirect
    }

    /// Returns whether the cookie is removed from requests.
    pub fn is_hidden(&self) -> bool {
        self.mode == CookieMode::Insert && self.indirect
    }

    /// Returns whether its value has dates.
    pub fn is_dated(&self) -> bool {
        self.max_idle.is_some() || self.max_life.is_some()
    }
}

/// `dynamic-cookie-key`: the key of the values that are made of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamicCookieKey(pub String);

/// `cookie` of a server line: the value of the cookie that leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCookieValue(pub String);

/// `option persist`: clients are led to a server that is down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Persist(pub bool);
