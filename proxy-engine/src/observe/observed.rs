//! A frontend, a listener, a backend and a server as they are observed: who they are, and their counters.
//!
//! Records and meters hold these instead of the objects themselves, so that observing depends on nothing it observes.

use std::sync::Arc;

use proto_core::address::Address;
use proxy_config::Mode;

use super::counters::{BackCounters, FrontCounters};
use crate::policy::{BindProto, LogOptions};

/// A frontend as it is observed.
#[derive(Debug)]
pub struct ObservedFrontend {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) mode: Mode,
    pub(crate) log: LogOptions,
    pub(crate) counters: FrontCounters,
}

/// A listener of a frontend as it is observed.
#[derive(Debug)]
pub struct ObservedListener {
    pub(crate) name: Option<String>,
    pub(crate) id: u32,
    pub(crate) protocol: &'static str,
    pub(crate) address: Address,
    pub(crate) counters: FrontCounters,
    pub(crate) proto: BindProto,
}

/// A backend as it is observed.
#[derive(Debug)]
pub struct ObservedBackend {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) counters: BackCounters,
}

/// A server of a backend as it is observed.
#[derive(Debug)]
pub struct ObservedServer {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) counters: BackCounters,
}

impl ObservedFrontend {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it speaks with its clients.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What is told of its sessions.
    pub fn log(&self) -> &LogOptions {
        &self.log
    }

    /// Its counters.
    pub fn counters(&self) -> &FrontCounters {
        &self.counters
    }
}

impl ObservedListener {
    /// The name on its line.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its number within the frontend.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The name of its protocol.
    pub fn protocol(&self) -> &'static str {
        self.protocol
    }

    /// The address really bound.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Its counters.
    pub fn counters(&self) -> &FrontCounters {
        &self.counters
    }
}

impl ObservedBackend {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its counters.
    pub fn counters(&self) -> &BackCounters {
        &self.counters
    }
}

impl ObservedServer {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number within the backend.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its counters.
    pub fn counters(&self) -> &BackCounters {
        &self.counters
    }
}

/// Where connections come in.
#[derive(Debug)]
pub(crate) struct Ingress {
    pub(crate) frontend: Arc<ObservedFrontend>,
    pub(crate) listener: Arc<ObservedListener>,
}

/// A connection that came in. It counts in its frontend and its listener for as long as this lives.
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
