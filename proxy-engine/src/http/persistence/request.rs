//! The cookie of a request: finds the server that it names, and hides it from servers if that is wanted.
//!
//! ```text
//!  Cookie: NAME=SERVER[|<last>[|<first>]]      read, rewritten or inserted
//!  Cookie: NAME=SERVER~VALUE                   prefix: VALUE is the application's
//! ```

use proxy_http::cookies::{Keep, edit_request};
use proxy_http::{Fields, TooLarge};

use super::dates::{self, Dates, Outdated};
use crate::observe::ClientCookie;
use crate::policy::{CookieMode, CookiePolicy};
use crate::upstream::Backend;
use crate::upstream::server_cookie::ClientValue;

/// The search for the server of a request in its cookies. If there are several with the name, as in HAProxy, the first
/// one that names a server decides.
#[derive(Debug)]
pub(crate) struct ClientCookies<'a> {
    pub(crate) policy: &'a CookiePolicy,
    pub(crate) backend: &'a Backend,
    /// Whether the cookies are not looked at: another rule has chosen the server, or says so.
    pub(crate) is_ignored: bool,
    /// Whether they lead to servers that are down.
    pub(crate) is_forced: bool,
    /// What was found.
    pub(crate) found: ClientCookie,
    /// The dates of the client.
    pub(crate) dates: Dates,
    /// The index of the server.
    pub(crate) server: Option<usize>,
}

impl ClientCookies<'_> {
    /// Looks at all cookies of a request, and changes those with the name.
    ///
    /// # Errors
    /// There is no room for a change.
    pub(crate) fn read(&mut self, fields: &mut Fields) -> Result<(), TooLarge> {
        let mut at = 0;
        while at < fields.len() {
            let field = fields.iter().nth(at).filter(|field| field.name == b"cookie");
            let edited = field.and_then(|field| {
                edit_request(field.value, |name, value| match name == self.policy.name.as_bytes() {
                    true => self.cookie(value),
                    false => Keep::Whole,
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
    }

    /// Looks at one cookie.
    fn cookie(&mut self, value: &[u8]) -> Keep {
        let is_prefix = self.policy.mode == CookieMode::Prefix;
        let delimiter = if is_prefix { b'~' } else { b'|' };
        let end = value.iter().position(|byte| *byte == delimiter);
        let name = &value[..end.unwrap_or(value.len())];
        if let Some(end) = end.filter(|_| !is_prefix) {
            let Dates { last, first } = Dates::read(&value[end + 1..]);
            self.dates = Dates { last: last.or(self.dates.last), first: first.or(self.dates.first) };
        }
        let outdated = match self.dates == Dates::default() || !self.policy.is_dated() {
            true => None,
            false => self.dates.outdated(self.policy, dates::now()),
        };
        match outdated {
            Some(why) => {
                self.dates = Dates::default();
                self.found = match why {
                    Outdated::Expired => ClientCookie::Expired,
                    Outdated::Old => ClientCookie::Old,
                };
            }
            None => self.find(name),
        }
        match end {
            Some(end) if is_prefix => Keep::Without(end + 1),
            _ if self.policy.is_hidden() => Keep::No,
            _ => Keep::Whole,
        }
    }

    /// Finds the server whose cookie has this value. Several may share one: the first that is not down is used.
    fn find(&mut self, name: &[u8]) {
        let is_ignored = self.is_ignored || self.server.is_some();
        // A client may have been told to forget its server.
        if !is_ignored && !name.is_empty() {
            let wanted = ClientValue::new(name);
            for (index, server) in self.backend.servers().iter().enumerate() {
                if !server.cookie().is(&wanted) {
                    continue;
                }
                let is_up = server.takes_returning();
                self.found = if is_up { ClientCookie::Valid } else { ClientCookie::Down };
                if self.is_forced || self.backend.may_return_to(server) {
                    self.server = Some(index);
                    return;
                }
            }
        }
        if self.found == ClientCookie::None {
            self.found = if is_ignored { ClientCookie::Unused } else { ClientCookie::Invalid };
        }
    }
}
