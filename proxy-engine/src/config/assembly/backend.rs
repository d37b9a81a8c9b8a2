//! Makes backends of sections: their servers, the balancing algorithm, retries.

use std::collections::HashMap;
use std::sync::Arc;

use proxy_config::endpoint::{Server as ServerLine, Servers};
use proxy_config::{Diagnostic, Diagnostics, Id, Mode, Section, mistake};
use proxy_relay::SideTimeouts;

use super::checks::ServerAddress;
use super::server::ServerStart;
use super::{Assembly, Proxy, ids};
use crate::balance::{Hashing, Key};
use crate::policy::{
    AllBackups, Balancing, CookiePolicy, DynamicCookieKey, FullConn, HashBalanceFactor, HashFunction,
    HashType, Persist, Retries, RetryOn, Switches, Timeouts,
};
use crate::upstream::dynamic_cookies::DynamicCookies;
use crate::{Backend, BackendConfig, BackendTimeouts, balance};

impl Assembly<'_> {
    /// Makes a backend. The addresses of its servers are added to `addresses`.
    pub(super) fn backend(
        &self,
        proxy: &Proxy<'_>,
        addresses: &mut Vec<ServerAddress>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<Backend>> {
        let Proxy { section, id, place, ref http, ref inspection, ref saved, .. } = *proxy;
        let values = &section.values;
        let none = Servers::default();
        let Servers(lines) = values.get().unwrap_or(&none);
        check_names(lines, diagnostics);
        let given = lines.iter().map(|line| (line.parameters.values.get::<Id>(), line.name.span));
        let ids = ids::of_servers(given, diagnostics);
        let mut servers = Vec::with_capacity(lines.len());
        for (line, id) in lines.iter().zip(ids) {
            let last = saved.get(&line.name.value).and_then(|saved| saved.address);
            let start = ServerStart { id, last };
            let server = self.server(proxy, line, start, addresses, diagnostics);
            servers.extend(diagnostics.take(server));
        }
        let balancing: Balancing = values.get_or_default();
        let balance = balance::make(&balancing, values.get_or_default(), &hashing(section, &balancing))
            .map_err(|error| mistake(section.span(), error.to_string()));
        let balance = diagnostics.take(balance)?;
        let timeouts: Timeouts = values.get_or_default();
        // In mode http `retry-on` may have other causes: see `Backend::connect_retries`.
        let may_reconnect = http.is_some() || values.get_or_default::<RetryOn>().retries_connections();
        let backend = Backend::new(BackendConfig {
            name: section.name.value.clone(),
            id,
            place,
            servers,
            algorithm: balancing.algorithm,
            balance,
            timeouts: BackendTimeouts {
                connect: timeouts.connect,
                queue: timeouts.queue,
                server: SideTimeouts { inactivity: timeouts.server, fin: timeouts.server_fin },
                tunnel: timeouts.tunnel,
            },
            retries: if may_reconnect { values.get_or_default::<Retries>().0 } else { 0 },
            redispatch: values.get_or_default(),
            persists: values.get_or_default::<Persist>().0,
            use_servers: values.get_or_default(),
            persist_rules: values.get_or_default(),
            dynamic_cookies: values.get::<CookiePolicy>().is_some_and(|cookie| cookie.dynamic),
            dynamic_cookie_key: values.get::<DynamicCookieKey>().map(|key| key.0.clone()),
            fullconn: values.get_or_default::<FullConn>().0,
            is_id_given: section.get::<Id>().is_some(),
            is_listen: section.kind.is_frontend(),
            allbackups: values.get_or_default::<AllBackups>().0,
            aborts: values.get_or_default::<Switches>().aborts(Mode::Tcp),
            http: http.clone(),
            inspection: inspection.clone(),
        });
        if let Some(mistake) = DynamicCookies::mistake(backend.servers()) {
            diagnostics.push(Diagnostic::warning(section.span(), mistake));
        }
        Some(backend)
    }
}

/// Returns the settings of hashing of a section.
fn hashing(section: &Section, balancing: &Balancing) -> Hashing {
    let kind: HashType = section.values.get_or_default();
    let is_text = kind.function == HashFunction::None;
    Hashing {
        kind,
        balance_factor: section.values.get_or_default::<HashBalanceFactor>().0,
        affinity: section.values.get_or_default(),
        key: balancing.expression.clone().map(|expression| Key::new(expression, is_text)),
    }
}

/// Reports servers with the same name: commands could not distinguish them.
fn check_names(lines: &[ServerLine], diagnostics: &mut Diagnostics) {
    let mut seen = HashMap::with_capacity(lines.len());
    for line in lines {
        if let Some(first) = seen.insert(&line.name.value, line.name.span) {
            let message = format!("server '{}' is declared twice", line.name);
            diagnostics.push(Diagnostic::alert(line.name.span, message).related(first, "first"));
        }
    }
}
