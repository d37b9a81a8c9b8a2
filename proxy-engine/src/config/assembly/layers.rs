//! The layers that an address names: from their names to what a connection passes.

use std::sync::Arc;

use proto_core::extension::Scope;
use proto_core::layer::{Layer, LayerSpec};
use proto_core::spec::Settings;
use proxy_config::{Parsed, Span, mistake};

use super::Assembly;

impl Assembly<'_> {
    /// The layers of a line, the one next to the transport first.
    ///
    /// # Errors
    /// When one cannot keep what the line says.
    pub(super) fn layers(
        &self,
        names: &[&'static str],
        line: Scope,
        settings: &Settings,
        span: Span,
    ) -> Parsed<Vec<Arc<dyn Layer>>> {
        let entries = names.iter().rev().filter_map(|name| self.registry.layer(name));
        entries
            .map(|entry| (entry.make)(&LayerSpec { line, settings }))
            .collect::<Result<_, _>>()
            .map_err(|refusal| mistake(span, refusal.to_string()))
    }
}
