//! What signals make the program say about its proxies: on standard error, and to the log targets of each proxy, as
//! HAProxy does and in its words.

use std::fmt::Write as _;
use std::sync::Arc;

use proxy_engine::{Backend, Frontend, Operational};
use proxy_log::{Level, Logger};

use crate::stdio;

/// A section that has clients, servers or both, and the log targets for lines about it.
pub(super) struct Proxy {
    pub(super) name: String,
    /// The part that has clients.
    pub(super) frontend: Option<Arc<Frontend>>,
    /// The part that has servers.
    pub(super) backend: Option<Arc<Backend>>,
    pub(super) log: Logger,
}

/// All proxies, in the order of the configuration.
pub(super) struct Proxies(pub(super) Vec<Proxy>);

impl Proxies {
    /// Reports that a soft stop has begun.
    pub(super) fn stopped(&self) {
        for proxy in &self.0 {
            let Counts { clients: [_, clients], sessions: [_, sessions] } = proxy.counts();
            let name = &proxy.name;
            proxy.warn(&format!("Proxy {name} stopped (cumulated conns: FE: {clients}, BE: {sessions})."));
        }
    }

    /// Reports that nothing listens any more.
    pub(super) fn paused(&self) {
        self.frontends().for_each(|proxy| proxy.warn(&format!("Paused frontend {}.", proxy.name)));
    }

    /// Reports that everything listens again.
    pub(super) fn resumed(&self) {
        self.frontends().for_each(|proxy| proxy.warn(&format!("Resumed frontend {}.", proxy.name)));
    }

    /// Reports the state of all proxies and their servers.
    pub(super) fn dump(&self) {
        stdio::warning("SIGHUP received, dumping servers states.");
        for proxy in &self.0 {
            let beginning = format!("SIGHUP received, dumping servers states for proxy {}.", proxy.name);
            proxy.log.log(Level::Notice, beginning);
            for line in proxy.state() {
                stdio::warning(&line);
                proxy.log.log(Level::Notice, line);
            }
        }
    }

    fn frontends(&self) -> impl Iterator<Item = &Proxy> {
        self.0.iter().filter(|proxy| proxy.frontend.is_some())
    }
}

/// The numbers of a proxy, each now and in all.
struct Counts {
    /// The connections of clients.
    clients: [u64; 2],
    /// The sessions that were led to servers.
    sessions: [u64; 2],
}

impl Proxy {
    fn warn(&self, line: &str) {
        stdio::warning(line);
        self.log.log(Level::Warning, line);
    }

    fn counts(&self) -> Counts {
        let clients = self.frontend.as_ref().map(|frontend| frontend.counters());
        let sessions = self.backend.as_ref().map(|backend| backend.counters());
        Counts {
            clients: clients.map_or([0; 2], |counters| [counters.current() as u64, counters.total()]),
            sessions: sessions.map_or([0; 2], |counters| [counters.current() as u64, counters.total()]),
        }
    }

    /// Returns a line about each server, and one about the proxy.
    fn state(&self) -> Vec<String> {
        let servers = self.backend.as_ref().map_or(&[][..], |backend| backend.servers());
        let mut lines = Vec::with_capacity(servers.len() + 1);
        for server in servers {
            let is_down = server.view().operational == Operational::Stopped;
            let state = if is_down { "DOWN" } else { "UP" };
            let counters = server.counters();
            let (current, queued, total) = (counters.current(), counters.queued(), counters.total());
            lines.push(format!(
                "SIGHUP: Server {}/{} is {state}. Conn: {current} act, {queued} pend, {total} tot.",
                self.name,
                server.name()
            ));
        }
        let usable = |backup: bool| {
            servers.iter().filter(|server| server.is_usable() && server.config().backup == backup).count()
        };
        let mut line = format!("SIGHUP: Proxy {} ", self.name);
        // Writing to a String cannot fail.
        let _ = match (usable(false), usable(true)) {
            _ if servers.is_empty() => write!(line, "has no servers."),
            (0, 0) => write!(line, "has no server available !"),
            (0, _) => write!(line, "is running on backup servers !"),
            (active, backup) => {
                write!(line, "has {active} active servers and {backup} backup servers available.")
            }
        };
        let Counts { clients, sessions } = self.counts();
        let unassigned = self.backend.as_ref().map_or(0, |backend| backend.counters().queued());
        let queued = unassigned + servers.iter().map(|server| server.counters().queued()).sum::<usize>();
        let _ = write!(
            line,
            " Conn: act(FE+BE): {}+{}, {queued} pend ({unassigned} unass), tot(FE+BE): {}+{}.",
            clients[0], sessions[0], clients[1], sessions[1]
        );
        lines.push(line);
        lines
    }
}
