//! The parameters of a request: `?scope=server&no-maint&metrics=-haproxy_server_weight`.

use std::collections::HashMap;

use crate::urlencoded::decoded;

/// The parts of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Process,
    Frontend,
    Listener,
    Backend,
    Server,
}

impl Scope {
    pub(super) const ALL: [Scope; 5] =
        [Scope::Process, Scope::Frontend, Scope::Listener, Scope::Backend, Scope::Server];

    /// Returns the word that a request names it by.
    fn word(self) -> &'static str {
        match self {
            Scope::Process => "global",
            Scope::Frontend => "frontend",
            Scope::Listener => "listener",
            Scope::Backend => "backend",
            Scope::Server => "server",
        }
    }

    /// Returns the beginning of the names of its metrics.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Scope::Process => "haproxy_process_",
            Scope::Frontend => "haproxy_frontend_",
            Scope::Listener => "haproxy_listener_",
            Scope::Backend => "haproxy_backend_",
            Scope::Server => "haproxy_server_",
        }
    }
}

/// What a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    /// The only parts to show; `None` for all.
    scopes: Option<Vec<Scope>>,
    /// Whether servers in maintenance are left out.
    pub(super) without_maintenance: bool,
    /// The names of metrics, and whether each is shown.
    metrics: HashMap<String, bool>,
}

/// The most names of metrics; there are not many more.
const MOST_METRICS: usize = 256;

impl Parameters {
    /// Reads the query of a request. Returns `None` if it has a scope that does not exist.
    pub(super) fn read(query: &[u8]) -> Option<Parameters> {
        let mut parameters = Parameters::default();
        for pair in query.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], Some(decoded(&pair[at + 1..])?)),
                None => (pair, None),
            };
            match &*decoded(name)? {
                "scope" => parameters.add_scope(&value?)?,
                "no-maint" => parameters.without_maintenance = true,
                "metrics" => parameters.add_metrics(&value?)?,
                // As in HAProxy others are ignored.
                _ => {}
            }
        }
        Some(parameters)
    }

    fn add_scope(&mut self, word: &str) -> Option<()> {
        let scopes = self.scopes.get_or_insert_default();
        match word {
            "" => scopes.clear(),
            "*" => scopes.extend(Scope::ALL),
            word => scopes.push(Scope::ALL.into_iter().find(|scope| scope.word() == word)?),
        }
        Some(())
    }

    fn add_metrics(&mut self, list: &str) -> Option<()> {
        for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let (name, is_shown) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
            self.metrics.insert(name.to_owned(), is_shown);
        }
        (self.metrics.len() <= MOST_METRICS).then_some(())
    }

    /// Returns whether a part is shown.
    pub(super) fn has(&self, scope: Scope) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope))
    }

    /// Returns whether a metric is shown. Names of metrics that are shown leave out all others.
    pub(super) fn shows(&self, metric: &str) -> bool {
        let by_default = !self.metrics.values().any(|is_shown| *is_shown);
        self.metrics.get(metric).copied().unwrap_or(by_default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(query: &str) -> Option<Vec<bool>> {
        let parameters = Parameters::read(query.as_bytes())?;
        Some(Scope::ALL.into_iter().map(|scope| parameters.has(scope)).collect())
    }

    #[test]
    fn scopes_are_words() {
        assert_eq!(scopes(""), Some(vec![true; 5]));
        assert_eq!(scopes("scope="), Some(vec![false; 5]));
        assert_eq!(scopes("scope=*"), Some(vec![true; 5]));
        assert_eq!(scopes("scope=server&scope=g%6cobal"), Some(vec![true, false, false, false, true]));
        for wrong in ["scope", "scope=moon", "scope=%zz", "scope=%+1", "scope=%f"] {
            assert_eq!(scopes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn metrics_are_shown_or_left_out() {
        let only = Parameters::read(b"metrics=a,b&metrics=-c&no-maint").unwrap();
        assert_eq!(["a", "b", "c", "d"].map(|name| only.shows(name)), [true, true, false, false]);
        assert!(only.without_maintenance);
        let without = Parameters::read(b"metrics=-a").unwrap();
        assert_eq!(["a", "b"].map(|name| without.shows(name)), [false, true]);
        let many: String = (0..300).map(|number| format!("m{number},")).collect();
        assert_eq!(Parameters::read(format!("metrics={many}").as_bytes()), None);
    }
}
