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
    pub make: fn(Said<'_>) -> Option<Arc<dyn Layer>>,
}

/// What keywords have said.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Those of the line.
    pub line: &'a Values,
    /// Those of `global` sections.
    pub global: &'a Values,
}

inventory::collect!(ChosenLayer);

impl ChosenLayer {
    /// Those that a line chooses, from the transport inwards.
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
    /// All, the one next to the transport first.
    pub all: Vec<Arc<dyn Layer>>,
    /// How many of them precede those that the address names.
    pub preambles: usize,
}

impl LineLayers {
    /// These and others that tell who the client is, as far as there is none of that name: where the keyword would have
    /// put it.
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

/// Where a server is reached through, if its own address is not what is connected to.
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
