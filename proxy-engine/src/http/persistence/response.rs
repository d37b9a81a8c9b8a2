//! The cookie of a response: changes what the server has set, or adds one that names the server.

use proxy_http::cookies::{Change, edit_response};
use proxy_http::{Fields, TooLarge};

use super::dates::{self, Dates};
use crate::observe::ResponseCookie;
use crate::policy::{CookieMode, CookiePolicy};
use crate::upstream::Server;

/// The attributes of a cookie that makes clients forget their server.
const FORGET: &[u8] = b"=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/";

/// The cookies of a response.
#[derive(Debug)]
pub(crate) struct ServerCookies<'a> {
    pub(crate) policy: &'a CookiePolicy,
    pub(crate) server: &'a Server,
    /// Whether the server was chosen by a cookie or a rule rather than by the balancing algorithm.
    pub(crate) is_direct: bool,
    /// The dates in the cookie of the request.
    pub(crate) dates: Dates,
    /// What was done.
    pub(crate) done: ResponseCookie,
}

impl ServerCookies<'_> {
    /// Changes the cookies that the server sets.
    ///
    /// # Errors
    /// There is no room for a change.
    pub(crate) fn change(&mut self, fields: &mut Fields) -> Result<(), TooLarge> {
        self.server.cookie().with(|value| {
            let mut at = 0;
            while at < fields.len() {
                let field = fields.iter().nth(at).filter(|field| field.name == b"set-cookie");
                let edited = field.and_then(|field| {
                    edit_response(field.value, |name, _| match name == self.policy.name.as_bytes() {
                        true => self.cookie(value),
                        false => Change::Nothing,
                    })
                });
                match edited {
                    Some(new) if new.is_empty() => {
                        fields.remove_at(at);
                        continue;
                    }
                    Some(new) => fields.replace(at, &new)?,
                    None => {}
                }
                at += 1;
            }
            Ok(())
        })
    }

    /// Decides about a cookie of the server.
    fn cookie<'v>(&mut self, value: Option<&'v str>) -> Change<'v> {
        let (done, change) = match (self.policy.mode, value) {
            _ if self.policy.preserve => (ResponseCookie::Passive, Change::Nothing),
            (CookieMode::Insert, _) => (ResponseCookie::Deleted, Change::Remove),
            _ if self.is_direct && self.policy.indirect => (ResponseCookie::Deleted, Change::Remove),
            (CookieMode::Rewrite, Some(value)) => {
                (ResponseCookie::Rewritten, Change::Replace(value.as_bytes()))
            }
            (CookieMode::Prefix, Some(value)) => {
                (ResponseCookie::Rewritten, Change::Prefix(value.as_bytes()))
            }
            _ => (ResponseCookie::Passive, Change::Nothing),
        };
        self.done = done;
        change
    }

    /// Adds a cookie if the client is to have one, and returns whether it was added. `is_post` says whether the request
    /// was a POST.
    ///
    /// # Errors
    /// There is no room for it.
    pub(crate) fn insert(&mut self, fields: &mut Fields, is_post: bool) -> Result<bool, TooLarge> {
        let policy = self.policy;
        let is_preserved = policy.preserve && self.done == ResponseCookie::Passive;
        if policy.mode != CookieMode::Insert || is_preserved || policy.post_only && !is_post {
            return Ok(false);
        }
        let needs_now = policy.is_dated() || self.dates != Dates::default();
        let now = if needs_now { dates::now() } else { 0 };
        if self.is_direct && !self.dates.are_due(policy, now) {
            return Ok(false);
        }
        let (cookie, has_value) = self.server.cookie().with(|value| (self.text(value, now), value.is_some()));
        fields.add(b"set-cookie", &cookie)?;
        // The server is the same, and only the date is another one.
        let is_update = has_value && self.is_direct;
        self.done = if is_update { ResponseCookie::Updated } else { ResponseCookie::Inserted };
        Ok(true)
    }

    /// Returns the cookie that leads to the server. One without a value is not to be led to: the client is made to
    /// forget the cookie that it has.
    fn text(&self, value: Option<&str>, now: i64) -> Vec<u8> {
        let mut text = self.policy.name.as_bytes().to_vec();
        match value {
            None => text.extend_from_slice(FORGET),
            Some(value) => {
                text.push(b'=');
                text.extend_from_slice(value.as_bytes());
                self.dates.write(self.policy, now, &mut text);
                text.extend_from_slice(b"; path=/");
            }
        }
        text.extend_from_slice(self.policy.attributes.as_bytes());
        text
    }
}
