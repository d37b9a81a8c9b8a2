//! The first stage: a configuration that was read, checked and planned. No socket is open yet.

use std::sync::Arc;

use anyhow::bail;
use proto_core::address::InheritedSocket;
use proxy_config::{Diagnostics, Reader, Sources, Variables};
use proxy_engine::FrontendConfig;
use proxy_engine::config::Plan;

use super::bound::Bound;
use super::context::ProgramContext;
use super::sockets::Sockets;
use super::variables::own_variables;
use crate::assemble::{self, Planned};
use crate::commandline::Life;
use crate::setup::{Setup, Stage, Unusable};

/// A configuration that was read, checked and planned.
pub(crate) struct Program<'s> {
    context: ProgramContext<'s>,
    sources: Sources,
    planned: Planned,
}

impl<'s> Program<'s> {
    /// Reads a configuration and reports everything that is wrong with it.
    ///
    /// # Errors
    /// Returns [`Unusable`].
    pub(crate) fn read(setup: &Setup<'s>, sources: &Sources) -> Result<Program<'s>, Unusable> {
        let mut diagnostics = Diagnostics::default();
        let variables = Variables::over(setup.environment);
        for (name, value) in own_variables(setup, sources) {
            variables.set(name, &value);
        }
        let reader = Reader {
            language: setup.language,
            registry: setup.registry,
            variables: &variables,
            facts: setup.facts,
            any_port: setup.any_port,
        };
        let configuration = reader.read(sources, &mut diagnostics);
        let assembly = setup.assembly(&configuration);
        let planned = assemble::plan(&assembly, setup.descriptors, &configuration, &mut diagnostics);
        let context = ProgramContext { setup: *setup, configuration };
        context.say(diagnostics, sources, Stage::Reading)?;
        Ok(Program { context, sources: sources.clone(), planned })
    }

    /// Returns how the process runs.
    pub(super) fn life(&self) -> Life {
        self.context.life()
    }

    /// Binds all sockets, with the rights that the process was started with.
    ///
    /// # Errors
    /// Returns an error if one cannot be bound, or there is none to listen on.
    pub(super) fn bind(self) -> anyhow::Result<Bound<'s>> {
        let Program { context, sources, planned } = self;
        let assembly = context.setup.assembly(&context.configuration);
        let mut diagnostics = Diagnostics::default();
        let Planned {
            engine: Plan { frontends, backends, resolvers, servers: _, inherited },
            logs,
            proxies,
            commands,
        } = planned;
        let backends = Arc::new(backends);
        let files = sources.names();
        let bind = |planned| FrontendConfig {
            files: files.clone(),
            ..assembly.bind(planned, &backends, &mut diagnostics)
        };
        let frontends: Vec<_> = frontends.into_iter().map(bind).collect();
        let commands = assemble::bind_commands(&assembly, commands, &mut diagnostics);
        context.say(diagnostics, &sources, Stage::Binding)?;
        commands.iter().try_for_each(|command| command.socket.publish())?;
        let sockets = || frontends.iter().flat_map(|frontend| &frontend.listeners);
        sockets().try_for_each(|listener| listener.socket.publish())?;
        InheritedSocket::release(inherited);
        let addresses: Vec<String> =
            sockets().map(|listener| listener.socket.local_addr().to_string()).collect();
        // As in HAProxy, runtime sockets are enough: servers may be checked without any clients.
        if addresses.is_empty() && commands.is_empty() {
            bail!("there is nothing to listen on: no usable 'bind' line");
        }
        let sockets = Sockets { frontends, backends, resolvers, logs, proxies, commands, addresses };
        Ok(Bound { context, sockets })
    }
}
