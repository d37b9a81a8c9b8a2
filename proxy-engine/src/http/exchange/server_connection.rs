//! The server's connection of an exchange: what logs need of it, whether it may serve other clients, and whether it is
//! kept afterwards.

use proxy_http::Response;

use super::Exchange;
use crate::connection::KeptServer;
use crate::http::servers::{ServerExchange, Servers};
use proxy_rules::HookPoint;

impl Exchange<'_> {
    /// Keeps the connection of a finished exchange for another one, or closes it.
    pub(super) fn give_back(&mut self, server: ServerExchange) {
        let Some(slot) = &self.dispatch.slot else { return };
        let servers = Servers {
            connection: self.connection,
            policy: self.back_policy(),
            traces: &self.traces,
            behalf: None,
            only_new: false,
        };
        servers.give_back(slot.server(), server, self.closes_server());
    }

    /// Keeps the facts of the server's connection that log lines need after the exchange has released it, and rules on
    /// a reply of the proxy if one may follow.
    pub(super) fn keep_server(&mut self, server: &ServerExchange, has_failed: bool) {
        let log = &self.connection.status.ingress.frontend.log;
        let mut meter = self.activity.meter.borrow_mut();
        let is_logged = log.server_connection && meter.wants_record();
        let mut has_rules = false;
        if has_failed {
            if let Some(kind) = server.look().failure() {
                meter.server_broke(kind);
            }
            has_rules =
                self.sections().any(|section| !section.rules.at(HookPoint::HttpAfterResponse).is_empty());
        }
        drop(meter);
        if is_logged || has_rules {
            self.kept = Some(Box::new(KeptServer::of(&*server.look().stream(), server.findings())));
        }
    }

    /// Records what is known of the server's connection and its paths, if the log needs it.
    pub(super) fn look_at_server(&self, server: &ServerExchange) {
        let log = &self.connection.status.ingress.frontend.log;
        let mut meter = self.activity.meter.borrow_mut();
        if !meter.wants_record() {
            return;
        }
        if log.own_address {
            meter.comes_from(server.look().stream().local_addr());
        }
        if log.connections {
            let info = server.look().stream().info();
            if !info.is_plain() {
                meter.server_is(info);
            }
        }
    }
}

/// Returns whether a server authenticates the connection rather than the request: no other client may use it then.
pub(super) fn is_negotiation(response: &Response) -> bool {
    let name: &[u8] = match response.status() {
        401 => b"www-authenticate",
        407 => b"proxy-authenticate",
        _ => return false,
    };
    let begins = |value: &[u8], word: &[u8]| {
        value.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
    };
    response.fields().all(name).any(|value| begins(value, b"negotiate") || begins(value, b"ntlm"))
}
