//! Layers of Braid itself that keywords of bind and server lines enable.
//!
//! On the wire, from the outside: the transport, then these layers by their [`LayerPlace`], with those that the address
//! names in between.

use std::fmt;
use std::sync::Arc;

use proto_core::address::Address;
use proto_core::extension::Scope;
use proto_core::layer::Layer;

use crate::values::Values;

/// The position of a layer, from the transport inwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerPlace {
    /// The route to the server: SOCKS.
    Route,
    /// Information about the client in plain text: the PROXY protocol and similar ones.
    Preamble,
    /// The layers that the address names.
    Address,
    /// The security layer: TLS.
    Security,
}

/// A layer that keywords enable.
#[derive(Clone, Copy)]
pub struct ChosenLayer {
    /// Its name, for messages.
    pub name: &'static str,
    /// The lines whose keywords enable it.
    pub scope: Scope,
    /// Its position. Of two layers in the same position, the first by name is nearer to the transport.
    pub place: LayerPlace,
    /// Creates the layer, if the keywords of a line enable it.
    pub make: fn(Said<'_>) -> Option<Arc<dyn Layer>>,
}

/// The values that keywords have stored.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The values of the line.
    pub line: &'a Values,
    /// The values of `global` sections.
    pub global: &'a Values,
    /// The position whose layer is made although no keyword of the line enables it: checks may have a PROXY header that
    /// other connections do not have.
    pub forced: Option<LayerPlace>,
}

inventory::collect!(ChosenLayer);

impl ChosenLayer {
    /// Returns the layers that a line enables, from the transport inwards.
    pub fn of_line(scope: Scope, said: Said<'_>) -> Vec<(LayerPlace, Arc<dyn Layer>)> {
        let mut entries: Vec<&ChosenLayer> =
            inventory::iter::<ChosenLayer>.into_iter().filter(|entry| entry.scope.covers(scope)).collect();
        entries.sort_by_key(|entry| (entry.place, entry.name));
        entries.iter().filter_map(|entry| Some((entry.place, (entry.make)(said)?))).collect()
    }
}

/// The layers of a line.
#[derive(Clone, Debug, Default)]
pub struct LineLayers {
    /// All layers, the one next to the transport first.
    pub all: Vec<Arc<dyn Layer>>,
    /// How many of them precede those that the address names.
    pub preambles: usize,
}

impl LineLayers {
    /// Returns the layers with more preambles, each in the position where its keyword would have put it. A preamble
    /// with the name of a layer that is already there is not added.
    pub fn with_preambles(&self, more: Vec<Arc<dyn Layer>>) -> Vec<Arc<dyn Layer>> {
        let LineLayers { mut all, mut preambles } = self.clone();
        for layer in more {
            if !all.iter().any(|present| present.name() == layer.name()) {
                let later = all[..preambles].iter().position(|present| present.name() > layer.name());
                all.insert(later.unwrap_or(preambles), layer);
                preambles += 1;
            }
        }
        all
    }
}

impl fmt::Debug for ChosenLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChosenLayer({:?} at {:?})", self.name, self.place)
    }
}

/// The address to connect to in place of that of the server, such as that of a SOCKS proxy.
#[derive(Clone, Debug)]
pub struct Via(pub Address);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Named(&'static str);

    impl Layer for Named {
        fn name(&self) -> &'static str {
            self.0
        }
    }

    fn layers(names: &[&'static str]) -> Vec<Arc<dyn Layer>> {
        names.iter().map(|name| Arc::new(Named(name)) as Arc<dyn Layer>).collect()
    }

    #[test]
    fn preambles_are_added_once_and_before_the_layers_of_the_address() {
        for (line, preambles, more, expected) in [
            (&[][..], 0, &["b"][..], &["b"][..]),
            (&["a", "z"], 1, &["b"], &["a", "b", "z"]),
            (&["c", "a"], 1, &["b", "b"], &["b", "c", "a"]),
            (&["b", "a"], 1, &["b"], &["b", "a"]),
            (&["z"], 0, &["y", "b"], &["b", "y", "z"]),
        ] {
            let line = LineLayers { all: layers(line), preambles };
            let all = line.with_preambles(layers(more));
            assert_eq!(all.iter().map(|layer| layer.name()).collect::<Vec<_>>(), expected);
        }
    }
}
