//! Makes the layers of a line from its names and keywords.

use proto_core::extension::Scope;
use proto_core::layer::LayerSpec;
use proto_core::spec::Settings;
use proxy_config::layers::{ChosenLayer, LayerPlace, LineLayers, Said};
use proxy_config::{Parsed, Span, Values, mistake};

use super::Assembly;

impl Assembly<'_> {
    /// Returns the layers of a line, which its address names or keywords choose, the one next to the transport first.
    ///
    /// # Errors
    /// A layer does not support what the line says.
    pub(super) fn layers(
        &self,
        names: &[&'static str],
        line: Scope,
        settings: &Settings,
        values: &Values,
        span: Span,
    ) -> Parsed<LineLayers> {
        let named = names.iter().rev().filter_map(|name| self.registry.layer(name));
        let named: Vec<_> = named
            .map(|entry| (entry.make)(&LayerSpec { line, settings }))
            .collect::<Result<_, _>>()
            .map_err(|refusal| mistake(span, refusal.to_string()))?;
        let chosen = ChosenLayer::of_line(line, Said { line: values, global: &self.global, forced: None });
        let (outside, inside): (Vec<_>, Vec<_>) =
            chosen.into_iter().partition(|(place, _)| *place < LayerPlace::Address);
        let layers = |chosen: Vec<(LayerPlace, _)>| chosen.into_iter().map(|(_, layer)| layer);
        let preambles = outside.len();
        Ok(LineLayers { all: layers(outside).chain(named).chain(layers(inside)).collect(), preambles })
    }
}
