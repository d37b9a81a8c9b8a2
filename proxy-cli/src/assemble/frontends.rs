//! Frontends: places to listen at, and what is known of their sessions.

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::sync::Arc;

use proto_core::options::SocketOption;
use proxy_config::endpoint::{Bind, Binds};
use proxy_config::{
    Configuration, Diagnostic, Diagnostics, Identity, Kind, Parsed, Section, default_backend,
};
use proxy_engine::http::HttpConfig;
use proxy_engine::settings::{BindName, MaxConn, TcpTuning, Timeouts};
use proxy_engine::{Backend, FrontendConfig, ListenerConfig, LogMoment, LogOptions, Switching};
use proxy_relay::SideLimits;
use proxy_rules::UseBackends;

use super::logs::PlannedLogs;
use super::places::Place;
use super::{Assembly, numbers};

/// A frontend before it has sockets.
#[derive(Debug)]
pub(crate) struct PlannedFrontend {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) entrances: Vec<Entrance>,
    pub(crate) logs: PlannedLogs,
    backend: Option<String>,
    switching: UseBackends,
    http: Option<Arc<HttpConfig>>,
    client: SideLimits,
    maxconn: Option<usize>,
    options: Vec<SocketOption>,
}

/// A place of a frontend.
#[derive(Debug)]
pub(crate) struct Entrance {
    pub(super) place: Place,
    name: Option<String>,
    given: Option<Identity>,
    id: u32,
    maxconn: Option<usize>,
}

impl Assembly<'_> {
    pub(super) fn frontend(
        &self,
        section: &Section,
        id: u32,
        http: Option<Arc<HttpConfig>>,
        configuration: &Configuration,
        inherited: &mut Vec<RawFd>,
        diagnostics: &mut Diagnostics,
    ) -> PlannedFrontend {
        let none = Binds::default();
        let Binds(binds) = section.get().unwrap_or(&none);
        let tuning: TcpTuning = section.values.get_or_default();
        let mut entrances = Vec::new();
        for bind in binds {
            let found = self.entrances(&tuning, bind, inherited);
            entrances.extend(diagnostics.take(found).unwrap_or_default());
        }
        let given = entrances.iter().map(|entrance| (entrance.given.as_ref(), entrance.place.span));
        let ids = numbers(given, diagnostics);
        entrances.iter_mut().zip(ids).for_each(|(entrance, id)| entrance.id = id);
        // With mistakes it is not known: the line may be there and not be understood.
        if binds.is_empty() && section.kind == Kind::Frontend && diagnostics.is_usable() {
            let message = format!("frontend '{}' has no 'bind' directive", section.name);
            let help = "nobody can reach it";
            diagnostics.push(Diagnostic::warning(section.span(), message).help(help));
        }
        let timeouts: Timeouts = section.values.get_or_default();
        let backend = match default_backend(section) {
            Some(name) => Some(name.value.clone()),
            None => section.kind.is_backend().then(|| section.name.value.clone()),
        };
        PlannedFrontend {
            name: section.name.value.clone(),
            id,
            entrances,
            logs: self.logs(section, configuration, diagnostics),
            backend,
            switching: section.values.get_or_default(),
            http,
            client: SideLimits { inactivity: timeouts.client, fin: timeouts.client_fin },
            maxconn: section.get::<MaxConn>().map_or(self.maxconn, |maxconn| maxconn.limit()),
            options: tuning.smart_accept.then_some(SocketOption::DelayAck).into_iter().collect(),
        }
    }

    /// Each place of a bind line.
    fn entrances(
        &self,
        tuning: &TcpTuning,
        bind: &Bind,
        inherited: &mut Vec<RawFd>,
    ) -> Parsed<Vec<Entrance>> {
        let Bind { span, addresses, parameters } = bind;
        let values = &parameters.values;
        let mut places = self.places(*span, addresses, parameters, &parameters.settings, inherited)?;
        // What the section says is about IP.
        for place in places.iter_mut().filter(|place| place.address.inet().is_some()) {
            tuning.client.apply(&mut place.settings);
            if tuning.no_linger {
                place.settings.options.set(SocketOption::NoLinger);
            }
        }
        // Of a range the first place has the number that is given, and the others find their own.
        let mut given = values.get::<Identity>().copied();
        let entrance = |place| Entrance {
            place,
            name: values.get::<BindName>().map(|name| name.0.clone()),
            given: given.take(),
            id: 0,
            maxconn: values.get::<MaxConn>().and_then(|maxconn| maxconn.limit()),
        };
        Ok(places.into_iter().map(entrance).collect())
    }

    /// Binds all places of a frontend; failures are told, each with its line.
    pub(crate) fn bind(
        &self,
        planned: PlannedFrontend,
        backends: &Arc<HashMap<String, Arc<Backend>>>,
        diagnostics: &mut Diagnostics,
    ) -> (FrontendConfig, PlannedLogs) {
        let whom = format!("frontend '{}'", planned.name);
        let listen = |Entrance { place, name, id, maxconn, .. }| {
            let socket = self.bind_place(place, &whom, diagnostics)?;
            Some(ListenerConfig { socket, name, id, maxconn })
        };
        let listeners = planned.entrances.into_iter().filter_map(listen).collect();
        let logs = planned.logs;
        let moment = match &logs.policy {
            _ if logs.is_silent() => LogMoment::Never,
            policy if policy.format.is_none() => LogMoment::Accepted,
            policy if policy.is_early() => LogMoment::Connected,
            _ => LogMoment::Ended,
        };
        let config = FrontendConfig {
            maxconn: planned.maxconn,
            client: planned.client,
            backend: planned.backend.and_then(|name| backends.get(&name).cloned()),
            switching: Switching::new(planned.switching, Arc::clone(backends)),
            http: planned.http,
            log: LogOptions { moment, connections: moment != LogMoment::Never },
            options: planned.options,
            ..FrontendConfig::new(planned.name, planned.id, listeners)
        };
        (config, logs)
    }
}
