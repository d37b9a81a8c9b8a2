//! The parameters of a program, and how it reports what is wrong with its configuration.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::os::fd::RawFd;
use std::sync::Arc;

use proto_core::Registry;
use proto_core::address::Environment;
use proto_core::extension::TransportSections;
use proto_core::kernel::Kernel;
use proxy_config::condition::Facts;
use proxy_config::diagnostic::{Form, render};
use proxy_config::{Configuration, Diagnostics, Language, Sources, Values};
use proxy_engine::config::Assembly;
use proxy_engine::config::resolve::Resolver;

use crate::commandline::Options;
use crate::process::{Confinement, Uid};
use crate::settings::{Node, confinement};
use crate::stdio;

/// The parameters of a program. All of them are injected.
#[derive(Clone, Copy)]
pub(crate) struct Setup<'s> {
    pub(crate) registry: &'s Registry,
    pub(crate) language: &'s Language,
    pub(crate) kernel: &'s Kernel,
    pub(crate) resolver: &'s Arc<dyn Resolver>,
    pub(crate) environment: &'s dyn Environment,
    pub(crate) facts: &'s dyn Facts,
    pub(crate) options: &'s Options,
    /// The descriptors that were open when the process began.
    pub(crate) descriptors: &'s BTreeSet<RawFd>,
    /// Whether `bind` takes port 0.
    pub(crate) any_port: bool,
}

/// The configuration cannot be used, or its addresses cannot be bound; what is wrong has been reported.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the configuration cannot be used")]
pub(crate) struct Unusable;

/// Where diagnostics were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// In the configuration.
    Reading,
    /// When its addresses were bound.
    Binding,
}

impl<'s> Setup<'s> {
    /// Returns the parameters for assembling a configuration.
    pub(crate) fn assembly(&self, configuration: &Configuration) -> Assembly<'s> {
        let Confinement { user, capabilities, .. } = confinement(&configuration.global);
        let may_come_from_anywhere =
            capabilities.iter().any(|capability| capability.allows_foreign_sources());
        Assembly {
            registry: self.registry,
            kernel: self.kernel,
            sections: configuration.transport.clone(),
            resolver: self.resolver,
            share: self.options.switches.reuse_port,
            maxconn: self.options.proxy_maxconn,
            node: configuration.global.get::<Node>().map_or_else(proxy_log::hostname, |node| node.0.clone()),
            global: configuration.global.clone(),
            unprivileged: user.is_some_and(|user| user != Uid(0)) && !may_come_from_anywhere,
        }
    }

    /// As [`assembly`](Self::assembly), without settings of the process.
    pub(crate) fn plain_assembly(&self) -> Assembly<'s> {
        Assembly {
            registry: self.registry,
            kernel: self.kernel,
            sections: TransportSections::default(),
            resolver: self.resolver,
            share: false,
            maxconn: None,
            node: proxy_log::hostname(),
            global: Values::default(),
            unprivileged: false,
        }
    }

    /// Reports diagnostics on standard error: for people if that is a terminal, for scripts otherwise.
    ///
    /// # Errors
    /// Returns an error if something prevents the start.
    pub(crate) fn say(
        &self,
        diagnostics: Diagnostics,
        sources: &Sources,
        stage: Stage,
        quiet: bool,
        zero_warning: bool,
    ) -> Result<(), Unusable> {
        let form = match std::io::stderr().is_terminal() {
            true => Form::Person { colour: std::env::var_os("NO_COLOR").is_none() },
            false => Form::Script { pid: std::process::id() },
        };
        let usable = diagnostics.is_usable();
        let (alerts, warnings, dropped) = (diagnostics.alerts(), diagnostics.warnings(), diagnostics.dropped);
        stdio::count_warnings(warnings);
        for diagnostic in diagnostics.sorted() {
            use proxy_config::Severity::{Alert, Diagnosis, Notice, Warning};
            let said = match diagnostic.severity {
                Alert => true,
                // A warning that prevents the start has to be shown.
                Warning => !quiet || zero_warning,
                Notice => !quiet,
                Diagnosis => self.options.diagnostics,
            };
            if said {
                stdio::diagnostic(&render(&diagnostic, sources, form));
            }
        }
        if dropped > 0 {
            stdio::error(&format!("{dropped} more mistakes and warnings"));
        }
        if !usable {
            let plural = if alerts == 1 { "" } else { "s" };
            stdio::error(&match stage {
                Stage::Reading => format!("{alerts} mistake{plural}: the configuration cannot be used"),
                Stage::Binding => format!("{alerts} error{plural}: not started"),
            });
            return Err(Unusable);
        }
        if zero_warning && warnings > 0 {
            stdio::error("warnings were found, and 'zero-warning' is set");
            return Err(Unusable);
        }
        Ok(())
    }
}
