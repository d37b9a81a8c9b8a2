//! Runs the checks of a configuration that transports define.

use std::sync::Arc;

use proto_core::Protocol;
use proto_core::address::Address;
use proto_core::extension::{Configured, ConfiguredEndpoint, Remark, RemarkPlace, Scope};
use proto_core::layer::Layer;
use proto_core::spec::Settings;
use proxy_config::{Configuration, Diagnostic, Diagnostics, Severity, Span};

use super::bind_address::BindAddress;
use super::{Assembly, Plan, PlannedFrontend};

/// The address of a server, with the settings of its line and of its section.
#[derive(Debug)]
pub struct ServerAddress {
    pub(super) span: Span,
    pub(super) address: Address,
    pub(super) settings: Settings,
    pub(super) layers: Vec<Arc<dyn Layer>>,
    pub(super) protocol: Arc<dyn Protocol>,
}

impl Assembly<'_> {
    /// Runs the checks of all transports, and reports their diagnostics at the lines concerned. `others` are addresses
    /// that are listened on besides those of the plan.
    pub fn check_transports<'p>(
        &self,
        configuration: &Configuration,
        plan: &'p Plan,
        others: impl Iterator<Item = &'p BindAddress>,
        diagnostics: &mut Diagnostics,
    ) {
        let binds = plan.frontends.iter().flat_map(PlannedFrontend::listens_on).chain(others).map(|bind| {
            let BindAddress { span, address, settings, layers, protocol, .. } = bind;
            (*span, endpoint(Scope::Bind, protocol, &layers.all, address, settings))
        });
        let servers = plan.servers.iter().map(|server| {
            let ServerAddress { span, address, settings, layers, protocol } = server;
            (*span, endpoint(Scope::Server, protocol, layers, address, settings))
        });
        let (spans, endpoints): (Vec<Span>, Vec<_>) = binds.chain(servers).unzip();
        let configured =
            Configured { endpoints: &endpoints, sections: &configuration.transport, kernel: self.kernel };
        for check in self.registry.checks() {
            for Remark { place, is_fatal, message } in (check.run)(&configured) {
                let span = match place {
                    RemarkPlace::Endpoint(index) => spans.get(index).copied(),
                    RemarkPlace::Section(index) => configuration.transport_spans.get(index).copied(),
                    RemarkPlace::Whole => None,
                };
                let severity = if is_fatal { Severity::Alert } else { Severity::Warning };
                diagnostics.push(Diagnostic::new(severity, span, message));
            }
        }
    }
}

fn endpoint<'e>(
    line: Scope,
    protocol: &Arc<dyn Protocol>,
    layers: &[Arc<dyn Layer>],
    address: &'e Address,
    settings: &'e Settings,
) -> ConfiguredEndpoint<'e> {
    let layers = layers.iter().map(|layer| layer.name()).collect();
    ConfiguredEndpoint { line, protocol: protocol.descriptor().name, layers, address, settings }
}
