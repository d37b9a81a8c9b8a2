//! Layers of the product's own, which keywords of bind and server lines choose.
//!
//! On the wire, from the outside: the transport, then these by their [`LayerPlace`], with those of the address between.

use std::fmt;
use std::sync::Arc;

use proto_core::address::Address;
use proto_core::extension::Scope;
use proto_core::layer::Layer;

use crate::values::Values;

/// Where a layer stands, from the transport inwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerPlace {
    /// The way to the server: SOCKS.
    Route,
    /// Who the client is, in the clear: the PROXY protocol and its like.
    Preamble,
    /// Those that the address names.
    Address,
    /// TLS.
    Security,
}

/// A layer that keywords choose.
#[derive(Clone, Copy)]
pub struct ChosenLayer {
    /// Its name, for messages.
    pub name: &'static str,
    /// On which lines.
    pub scope: Scope,
    /// Where it stands. Of two in one place the first by name is nearer to the transport.
    pub place: LayerPlace,
    /// Makes it, if the keywords of a line have chosen it.
    pub make: fn(&Values) -> Option<Arc<dyn Layer>>,
}

inventory::collect!(ChosenLayer);

impl ChosenLayer {
    /// Those that the values of a line choose, from the transport inwards.
    pub fn of_line(scope: Scope, values: &Values) -> Vec<(LayerPlace, Arc<dyn Layer>)> {
        let mut entries: Vec<&ChosenLayer> =
            inventory::iter::<ChosenLayer>.into_iter().filter(|entry| entry.scope.covers(scope)).collect();
        entries.sort_by_key(|entry| (entry.place, entry.name));
        entries.iter().filter_map(|entry| Some((entry.place, (entry.make)(values)?))).collect()
    }
}

impl fmt::Debug for ChosenLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChosenLayer({:?} at {:?})", self.name, self.place)
    }
}

/// Where a server is reached through, if its own address is not what is connected to.
#[derive(Clone, Debug)]
pub struct Via(pub Address);
