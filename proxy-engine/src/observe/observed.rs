//! The observed side of frontends, listeners, backends and servers: their names, numbers and counters.
//!
//! Records and meters hold these instead of the objects themselves, so that observing depends on nothing it observes.

use std::sync::Arc;

use proto_core::address::Address;
use proxy_config::Mode;

use super::counters::{BackCounters, FrontCounters};
use super::rates::Rates;
use super::tally::{Count, Tallies};
use crate::policy::{BindProto, LogOptions};

/// The name, number and counters of a frontend.
#[derive(Debug)]
pub struct ObservedFrontend {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) mode: Mode,
    pub(crate) log: LogOptions,
    pub(crate) counters: FrontCounters,
    pub(crate) tallies: Tallies,
    pub(crate) rates: Rates,
}

/// The name, number and counters of a listener of a frontend.
#[derive(Debug)]
pub struct ObservedListener {
    pub(crate) name: Option<String>,
    pub(crate) id: u32,
    pub(crate) protocol: &'static str,
    pub(crate) address: Address,
    pub(crate) counters: FrontCounters,
    pub(crate) tallies: Tallies,
    pub(crate) proto: BindProto,
}

/// The name, number and counters of a backend.
#[derive(Debug)]
pub struct ObservedBackend {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) counters: BackCounters,
    pub(crate) tallies: Tallies,
    pub(crate) rates: Rates,
}

/// The name, number and counters of a server of a backend.
#[derive(Debug)]
pub struct ObservedServer {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) counters: BackCounters,
    pub(crate) tallies: Tallies,
    pub(crate) rates: Rates,
}

impl ObservedFrontend {
    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Returns the mode of its clients' connections.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns what is reported of its sessions.
    pub fn log(&self) -> &LogOptions {
        &self.log
    }

    /// Returns its counters.
    pub fn counters(&self) -> &FrontCounters {
        &self.counters
    }

    /// Returns what its workers count.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Returns its rates.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// Ends a second of its rates.
    pub(crate) fn sample(&self) {
        self.rates.sample(self.counters.ever(), self.tallies.ever(Count::Requests));
    }

    /// Resets the highest values, and with `counts` the numbers of events as well.
    pub fn reset(&self, counts: bool) {
        self.counters.reset(counts);
        self.rates.reset_peaks();
        self.tallies.reset_peaks();
        if counts {
            self.tallies.reset_counts();
        }
    }
}

impl ObservedListener {
    /// Returns the name on its bind line.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns its number within the frontend.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Returns the name of its protocol.
    pub fn protocol(&self) -> &'static str {
        self.protocol
    }

    /// Returns the address really bound.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns its counters.
    pub fn counters(&self) -> &FrontCounters {
        &self.counters
    }

    /// Returns what its workers count.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Resets the highest values, and with `counts` the numbers of events as well.
    pub fn reset(&self, counts: bool) {
        self.counters.reset(counts);
        self.tallies.reset_peaks();
        if counts {
            self.tallies.reset_counts();
        }
    }
}

impl ObservedBackend {
    pub(crate) fn new(name: String, id: u32) -> ObservedBackend {
        let counters = BackCounters::default();
        ObservedBackend { name, id, counters, tallies: Tallies::default(), rates: Rates::default() }
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Returns its counters.
    pub fn counters(&self) -> &BackCounters {
        &self.counters
    }

    /// Returns what its workers count.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Returns its rates.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// Ends a second of its rates.
    pub(crate) fn sample(&self) {
        self.rates.sample(self.counters.ever(), self.tallies.ever(Count::Requests));
    }

    /// Resets the highest values, and with `counts` the numbers of events as well.
    pub fn reset(&self, counts: bool) {
        self.counters.reset(counts);
        self.rates.reset_peaks();
        self.tallies.reset_peaks();
        if counts {
            self.tallies.reset_counts();
        }
    }
}

impl ObservedServer {
    pub(crate) fn new(name: String, id: u32) -> ObservedServer {
        let counters = BackCounters::default();
        ObservedServer { name, id, counters, tallies: Tallies::default(), rates: Rates::default() }
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its number within the backend.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Returns its counters.
    pub fn counters(&self) -> &BackCounters {
        &self.counters
    }

    /// Returns what its workers count.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Returns its rates.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// Ends a second of its rates.
    pub(crate) fn sample(&self) {
        self.rates.sample(self.counters.ever(), self.tallies.ever(Count::Requests));
    }

    /// Resets the highest values, and with `counts` the numbers of events as well.
    pub fn reset(&self, counts: bool) {
        self.counters.reset(counts);
        self.rates.reset_peaks();
        self.tallies.reset_peaks();
        if counts {
            self.tallies.reset_counts();
        }
    }
}

/// The frontend and listener of a connection.
#[derive(Debug)]
pub(crate) struct Ingress {
    pub(crate) frontend: Arc<ObservedFrontend>,
    pub(crate) listener: Arc<ObservedListener>,
}

/// An accepted connection. It counts in its frontend and its listener for as long as this value lives.
#[derive(Debug)]
pub(crate) struct Arrived(Arc<Ingress>);

impl Arrived {
    pub(crate) fn at(ingress: &Arc<Ingress>) -> Arrived {
        ingress.frontend.counters.arrived();
        ingress.listener.counters.arrived();
        Arrived(Arc::clone(ingress))
    }

    pub(crate) fn ingress(&self) -> &Arc<Ingress> {
        &self.0
    }
}

impl Drop for Arrived {
    fn drop(&mut self) {
        self.0.frontend.counters.left();
        self.0.listener.counters.left();
    }
}
