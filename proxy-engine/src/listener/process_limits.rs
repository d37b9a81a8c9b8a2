//! The limits of the process, which commands change while it runs.

use std::sync::Arc;

use super::permits::ConnectionLimit;
use super::rate_limit::RateLimit;

/// The most new connections and sessions of the process in a second; 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessRates {
    /// `maxconnrate`.
    pub connections: u32,
    /// `maxsessrate`.
    pub sessions: u32,
}

/// The limits of the process.
#[derive(Debug)]
pub struct ProcessLimits {
    pub(crate) connections: Arc<ConnectionLimit>,
    /// The limit that it started with, for which there are descriptors.
    highest: usize,
    pub(crate) connection_rate: Arc<RateLimit>,
    pub(crate) session_rate: Arc<RateLimit>,
}

impl ProcessLimits {
    /// Creates the limits that the process starts with.
    pub(crate) fn new(maxconn: usize, rates: ProcessRates) -> ProcessLimits {
        ProcessLimits {
            connections: ConnectionLimit::new(maxconn),
            highest: maxconn,
            connection_rate: RateLimit::new(rates.connections),
            session_rate: RateLimit::new(rates.sessions),
        }
    }

    /// Returns the most concurrent connections.
    pub fn maxconn(&self) -> usize {
        self.connections.count()
    }

    /// Changes the most concurrent connections; 0 for as many as at the start. Returns whether there may be as many.
    pub(crate) fn set_maxconn(&self, maxconn: usize) -> bool {
        let is_possible = maxconn <= self.highest;
        if is_possible {
            self.connections.set(if maxconn == 0 { self.highest } else { maxconn });
        }
        is_possible
    }

    /// Returns the most new connections and sessions in a second.
    pub fn rates(&self) -> ProcessRates {
        ProcessRates { connections: self.connection_rate.most(), sessions: self.session_rate.most() }
    }
}
