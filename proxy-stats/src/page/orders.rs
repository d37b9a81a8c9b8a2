//! Changes that operators order with the form of the page.

use std::sync::Arc;

use proxy_engine::commands::Handle;
use proxy_engine::{Admin, Backend, Operational};
use proxy_health::CheckSource;

use crate::urlencoded::decoded;

/// The longest list of servers in one form.
const MOST_SERVERS: usize = 4096;

/// What a form orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// The names of servers.
    servers: Vec<String>,
    /// What is done with them.
    action: String,
    /// The name of their backend, or its number after a `#`.
    backend: String,
    /// The token of the page.
    pub(super) token: String,
}

/// What became of an order. The code is part of the address that the browser loads next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of it was done.
    Done,
    /// Nothing was ordered.
    Nothing,
    /// Some of the servers do not exist.
    Partly,
    /// The form was too long.
    TooLong,
    /// The client may not change anything.
    Denied,
    /// The backend or the action does not exist.
    Unknown,
}

impl Outcome {
    const ALL: [(Outcome, &str, &str); 6] = [
        (Outcome::Done, "DONE", "The servers were changed."),
        (Outcome::Nothing, "NONE", "Nothing was changed: choose servers and an action."),
        (Outcome::Partly, "PART", "Not all of the servers were changed: some do not exist."),
        (Outcome::TooLong, "EXCD", "Nothing was changed: the form was too long, choose fewer servers."),
        (Outcome::Denied, "DENY", "Nothing was changed: you may not do this."),
        (Outcome::Unknown, "UNKN", "Nothing was changed: there is no such backend or action."),
    ];

    /// Returns the word in an address.
    pub(super) fn code(self) -> &'static str {
        Outcome::ALL.iter().find(|(outcome, ..)| *outcome == self).map_or("UNKN", |(_, code, _)| code)
    }

    /// Returns the outcome with this word.
    pub(super) fn of_code(code: &[u8]) -> Option<Outcome> {
        Outcome::ALL.iter().find(|(_, own, _)| own.as_bytes() == code).map(|(outcome, ..)| *outcome)
    }

    /// Returns what the page says.
    pub(super) fn text(self) -> &'static str {
        Outcome::ALL.iter().find(|(outcome, ..)| *outcome == self).map_or("", |(.., text)| text)
    }
}

/// The actions of the form, and their names.
pub(super) const ACTIONS: [(&str, &str); 13] = [
    ("ready", "Make ready"),
    ("drain", "Drain: no new sessions"),
    ("maint", "Put in maintenance"),
    ("dhlth", "Disable health checks"),
    ("ehlth", "Enable health checks"),
    ("hrunn", "Health: up"),
    ("hnolb", "Health: no new sessions"),
    ("hdown", "Health: down"),
    ("dagent", "Disable agent checks"),
    ("eagent", "Enable agent checks"),
    ("arunn", "Agent: up"),
    ("adown", "Agent: down"),
    ("shutdown", "End all sessions"),
];

impl Order {
    /// Reads a form.
    pub(super) fn read(body: &[u8]) -> Option<Order> {
        let mut order = Order::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=')?);
            let value = decoded(&value[1..])?;
            match name {
                b"s" if order.servers.len() == MOST_SERVERS => return None,
                b"s" => order.servers.push(value),
                b"action" => order.action = value,
                b"b" => order.backend = value,
                b"token" => order.token = value,
                _ => {}
            }
        }
        Some(order)
    }

    /// Does what is ordered.
    pub(super) fn carry_out(&self, engine: &Handle) -> Outcome {
        if self.servers.is_empty() || self.action.is_empty() {
            return Outcome::Nothing;
        }
        let numbered = || {
            let id: u32 = self.backend.strip_prefix('#')?.parse().ok()?;
            engine.backends.iter().find(|backend| backend.id() == id)
        };
        let Some(backend) = engine.backend(&self.backend).or_else(numbered) else { return Outcome::Unknown };
        if !ACTIONS.iter().any(|(action, _)| *action == self.action) {
            return Outcome::Unknown;
        }
        let (mut is_complete, mut is_any) = (true, false);
        for server in &self.servers {
            match backend.index_of(server) {
                Some(index) => is_any |= self.change(backend, index),
                None => is_complete = false,
            }
        }
        match (is_complete, is_any) {
            (false, _) => Outcome::Partly,
            (true, true) => Outcome::Done,
            (true, false) => Outcome::Nothing,
        }
    }

    /// Changes a server. Returns whether it can be changed like this: only a check that there is can be enabled.
    fn change(&self, backend: &Arc<Backend>, index: usize) -> bool {
        const CAUSE: &str = "changed from Web interface";
        let server = &backend.servers()[index];
        let enable = |source, is_enabled| {
            let (is_configured, _) = server.has_check(source);
            if is_configured {
                server.enable_check(source, is_enabled);
            }
            is_configured
        };
        let health = |operational| {
            let is_own = server.tracked().is_none();
            if is_own {
                backend.set_health(index, CheckSource::Health, operational, CAUSE);
            }
            is_own
        };
        let agent = |operational| {
            let (_, is_enabled) = server.has_check(CheckSource::Agent);
            if is_enabled {
                backend.set_health(index, CheckSource::Agent, operational, CAUSE);
            }
            is_enabled
        };
        match &*self.action {
            "dhlth" => return enable(CheckSource::Health, false),
            "ehlth" => return enable(CheckSource::Health, true),
            "hrunn" => return health(Operational::Running),
            "hnolb" => return health(Operational::Stopping),
            "hdown" => return health(Operational::Stopped),
            "dagent" => return enable(CheckSource::Agent, false),
            "eagent" => return enable(CheckSource::Agent, true),
            "arunn" => return agent(Operational::Running),
            "adown" => return agent(Operational::Stopped),
            "shutdown" => backend.kill_sessions(index),
            "ready" => {
                backend.clear_admin(index, Admin::FORCED_DRAIN);
                backend.clear_admin(index, Admin::FORCED_MAINT);
            }
            "drain" => {
                backend.set_admin(index, Admin::FORCED_DRAIN, CAUSE);
                backend.clear_admin(index, Admin::FORCED_MAINT);
            }
            _ => {
                backend.set_admin(index, Admin::FORCED_MAINT, CAUSE);
                backend.clear_admin(index, Admin::FORCED_DRAIN);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read() {
        let order = Order::read(b"s=srv1&s=a%20b&action=maint&b=%233&token=t&x=y").unwrap();
        let expected = Order {
            servers: vec!["srv1".into(), "a b".into()],
            action: "maint".into(),
            backend: "#3".into(),
            token: "t".into(),
        };
        assert_eq!(order, expected);
        assert_eq!(Order::read(b"s=%zz"), None);
        assert_eq!(Order::read(b"s"), None);
        assert_eq!(Order::read("s=a&".repeat(MOST_SERVERS + 1).as_bytes()), None);
    }

    #[test]
    fn outcomes_have_codes() {
        for (outcome, code, text) in Outcome::ALL {
            assert_eq!(Outcome::of_code(code.as_bytes()), Some(outcome));
            assert_eq!((outcome.code(), outcome.text()), (code, text));
        }
        assert_eq!(Outcome::of_code(b"<b>"), None);
    }
}
