//! Makes frontends of sections: their listeners, and the settings of their sessions.

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::sync::Arc;

use proto_core::options::SocketOption;
use proxy_config::endpoint::{Bind, Binds};
use proxy_config::{Diagnostic, Diagnostics, FileNames, Id, Kind, Parsed, default_backend};
use proxy_relay::SideTimeouts;
use proxy_rules::captures::CapturePolicy;
use proxy_rules::{HookPoint, SectionRules, UseBackends};

use super::bind_address::BindAddress;
use super::{Assembly, Proxy, ids, tcp_keep_alive};
use crate::connection::SampledFrontend;
use crate::policy::{
    BindName, BindProto, FrontendPolicy, HttpPolicy, ListenerStatistics, MaxConn, SessionRate, TcpTuning,
    Timeouts,
};
use crate::{Backend, FrontendConfig, ListenerConfig, LogOptions, Switching};

/// A frontend whose sockets are not bound yet.
#[derive(Debug)]
pub struct PlannedFrontend {
    name: String,
    id: u32,
    place: usize,
    listeners: Vec<PlannedListener>,
    backend: Option<String>,
    switching: UseBackends,
    policy: FrontendPolicy,
    sampled: Arc<SampledFrontend>,
}

/// A listener whose socket is not bound yet.
#[derive(Debug)]
struct PlannedListener {
    address: BindAddress,
    name: Option<String>,
    given: Option<Id>,
    id: u32,
    maxconn: Option<usize>,
    proto: BindProto,
}

impl PlannedFrontend {
    /// Returns the name of the section.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the numbers of the frontend for samples.
    pub(super) fn sampled(&self) -> Arc<SampledFrontend> {
        Arc::clone(&self.sampled)
    }

    /// Returns the settings of HTTP, in mode http.
    pub fn http(&self) -> Option<&Arc<HttpPolicy>> {
        self.policy.http.as_ref()
    }

    /// Returns the addresses that the frontend listens on.
    pub(super) fn listens_on(&self) -> impl Iterator<Item = &BindAddress> {
        self.listeners.iter().map(|listener| &listener.address)
    }

    /// Returns the addresses that the frontend listens on, mutably.
    pub(super) fn bind_addresses(&mut self) -> impl Iterator<Item = &mut BindAddress> {
        self.listeners.iter_mut().map(|listener| &mut listener.address)
    }
}

impl Assembly<'_> {
    pub(super) fn frontend(
        &self,
        proxy: &Proxy<'_>,
        inherited: &mut Vec<RawFd>,
        diagnostics: &mut Diagnostics,
    ) -> PlannedFrontend {
        let Proxy { section, id, place, ref http, ref upgrade, request_limits, ref inspection, .. } = *proxy;
        let none = Binds::default();
        let Binds(binds) = section.get().unwrap_or(&none);
        let tuning: TcpTuning = section.values.get_or_default();
        let mut listeners = Vec::new();
        for bind in binds {
            let planned = self.listeners(&tuning, bind, inherited);
            listeners.extend(diagnostics.take(planned).unwrap_or_default());
        }
        let given = listeners.iter().map(|listener| (listener.given.as_ref(), listener.address.span));
        let ids = ids::assign(given, ids::FIRST, diagnostics);
        listeners.iter_mut().zip(ids).for_each(|(listener, id)| listener.id = id);
        // After an error nothing is known: there may be a line that was not understood.
        if binds.is_empty() && diagnostics.is_usable() {
            let message = format!("{} '{}' has no 'bind' directive", section.kind, section.name);
            let help = match section.kind {
                Kind::Listen => "no client can reach it; use 'backend' if it serves other frontends",
                _ => "no client can reach it",
            };
            diagnostics.push(Diagnostic::warning(section.span(), message).help(help));
        }
        let timeouts: Timeouts = section.values.get_or_default();
        let backend = match default_backend(section) {
            Some(name) => Some(name.value.clone()),
            None => section.kind.is_backend().then(|| section.name.value.clone()),
        };
        let rules: SectionRules = section.values.get_or_default();
        PlannedFrontend {
            name: section.name.value.clone(),
            id,
            place,
            listeners,
            backend,
            switching: section.values.get_or_default(),
            sampled: Arc::default(),
            policy: FrontendPolicy {
                shows_listeners: section.values.get_or_default::<ListenerStatistics>().0,
                http: http.clone(),
                upgrade: upgrade.clone(),
                request_limits,
                client: SideTimeouts { inactivity: timeouts.client, fin: timeouts.client_fin },
                handshake: timeouts.client_hs.or(timeouts.client),
                connection_rules: rules.at(HookPoint::TcpConnection).clone(),
                session_rules: rules.at(HookPoint::TcpSession).clone(),
                inspection: inspection.clone(),
                maxconn: section.get::<MaxConn>().map_or(self.maxconn, |maxconn| maxconn.limit()),
                session_rate: section.values.get_or_default::<SessionRate>().0,
                captures: section
                    .get::<CapturePolicy>()
                    .filter(|policy| !policy.is_empty())
                    .cloned()
                    .map(Arc::new),
                unique_ids: section.values.get_or_default(),
                options: tuning.smart_accept.then_some(SocketOption::DelayAck).into_iter().collect(),
            },
        }
    }

    /// Plans a listener for each address of a bind line.
    fn listeners(
        &self,
        tuning: &TcpTuning,
        bind: &Bind,
        inherited: &mut Vec<RawFd>,
    ) -> Parsed<Vec<PlannedListener>> {
        let Bind { span, addresses, parameters } = bind;
        let values = &parameters.values;
        let mut addresses = self.bind_addresses(*span, addresses, parameters, inherited)?;
        // The options of the section apply to IP only.
        for address in addresses.iter_mut().filter(|address| address.address.inet().is_some()) {
            tcp_keep_alive::apply(&tuning.client, &mut address.settings);
            if tuning.no_linger {
                address.settings.options.set(SocketOption::NoLinger);
            }
        }
        // The first address of a range gets the configured number, and the others get free ones.
        let mut given = values.get::<Id>().copied();
        let listener = |address| PlannedListener {
            address,
            name: values.get::<BindName>().map(|name| name.0.clone()),
            given: given.take(),
            id: 0,
            maxconn: values.get::<MaxConn>().and_then(|maxconn| maxconn.limit()),
            proto: values.get_or_default(),
        };
        Ok(addresses.into_iter().map(listener).collect())
    }

    /// Binds all addresses of a frontend, still without a log. Failures are reported, each with its line.
    pub fn bind(
        &self,
        planned: PlannedFrontend,
        backends: &Arc<HashMap<String, Arc<Backend>>>,
        diagnostics: &mut Diagnostics,
    ) -> FrontendConfig {
        let purpose = format!("frontend '{}'", planned.name);
        let listen = |PlannedListener { mut address, name, id, maxconn, proto, .. }| {
            let protocol = address.protocol();
            let layers = std::mem::take(&mut address.layers);
            let socket = self.bind_address(address, &purpose, diagnostics)?;
            Some(ListenerConfig { name, maxconn, layers, proto, ..ListenerConfig::new(id, protocol, socket) })
        };
        FrontendConfig {
            listeners: planned.listeners.into_iter().filter_map(listen).collect(),
            name: planned.name,
            id: planned.id,
            place: planned.place,
            policy: planned.policy,
            backend: planned.backend.and_then(|name| backends.get(&name).cloned()),
            switching: Switching::new(planned.switching, Arc::clone(backends)),
            log: LogOptions::default(),
            access_log: None,
            files: FileNames::default(),
            sampled: planned.sampled,
        }
    }
}
