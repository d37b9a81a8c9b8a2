//! Makes the agent check of a server: the question, and how the agent is reached.

use std::sync::Arc;

use proto_core::protocol::Slot;
use proxy_config::endpoint::Server as ServerLine;
use proxy_config::{Diagnostics, Parsed, Section};
use proxy_health::agent::question;
use proxy_health::{AgentCheck, Deadlines, LogHealthChecks, ServerCheck, Tally};

use super::Assembly;
use super::health::{one_address, stream};
use super::server::Route;
use crate::policy::{HttpTuning, Timeouts};
use crate::upstream::{CheckRoute, CheckTarget, HealthCheck};

impl Assembly<'_> {
    /// Returns the agent check of a server, if it has one. As in HAProxy the agent is reached over plain TCP, without the
    /// layers of the server.
    ///
    /// # Errors
    /// The agent has no address, or its protocol does not support what the line says.
    pub(super) fn agent_check(
        &self,
        section: &Section,
        line: &ServerLine,
        of_server: &Route,
        diagnostics: &mut Diagnostics,
    ) -> Parsed<Option<HealthCheck>> {
        let values = &line.parameters.values;
        let agent: AgentCheck = values.get_or_default();
        if !agent.enabled {
            return Ok(None);
        }
        let check: ServerCheck = values.get_or_default();
        let of_check = check.address.as_ref().map(|address| address.span);
        let given = agent.address.as_ref().map(|address| address.span).or(of_check);
        let span = given.unwrap_or(line.address_span);
        let address = match given {
            // Without one of its own the agent is at the address that the server has when it is asked.
            None => None,
            Some(_) => {
                let spec = self.resolve(&agent.address(&check, &line.address), span)?;
                Some(one_address(&spec, span)?)
            }
        };
        let target = address.as_ref().unwrap_or(&of_server.address);
        let connector = self.check_connector(&stream(Slot::Default), target, of_server, span, diagnostics)?;
        let route = CheckRoute {
            connector,
            address: None,
            port: None,
            via: None,
            layers: Vec::new(),
            is_native: false,
        };
        let timeouts: Timeouts = section.values.get_or_default();
        let (intervals, limit) = (agent.intervals(), section.values.get_or_default());
        Ok(Some(HealthCheck {
            rules: Arc::new(question(agent.send.as_deref())),
            external: None,
            routes: vec![route],
            target: CheckTarget { address, port: agent.port(&check) },
            intervals,
            spread: self.global.get_or_default(),
            deadlines: Deadlines::new(intervals.normal, timeouts.connect, limit),
            tally: Tally::AGENT,
            observer: None,
            buffer: self.global.get_or_default::<HttpTuning>().bufsize,
            node: None,
            is_logged: section.values.get_or_default::<LogHealthChecks>().0,
        }))
    }
}
