//! `braid` without a configuration: an MPTCP frontend and a small server inside the process, with hints what to try.

mod page;
mod request;
mod server;

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use proto_core::address::{Environment, Parser, Rules};
use proto_core::spec::BindSpec;
use proxy_config::Sources;

use crate::program::Program;
use crate::setup::Setup;
use crate::stdio;

pub(crate) use server::{Demo, serve};

/// The embedded configuration, which also serves as an example.
pub(crate) const CONFIGURATION: &str = include_str!("demo.cfg");
/// The variable in it with the address of the server.
const ORIGIN: &str = "BRAID_DEMO_ORIGIN";
/// The address of the server. It is used only by the proxy.
const LISTEN: &str = "mptcp@127.0.0.1:0";
/// The address of the frontend for clients on this machine.
const ENTRANCE: &str = "127.0.0.1:5000";

const HINTS: &str = "\
Braid runs without a configuration: MPTCP and TCP on 127.0.0.1:5000, forwarded over MPTCP to a small server.
Each connection is logged here. Try, in another terminal:

  curl http://127.0.0.1:5000/                  served, as plain TCP
  braid probe 127.0.0.1:5000 --get             is it MPTCP? with its paths
  mptcpize run curl http://127.0.0.1:5000/     any program, over MPTCP
  http://127.0.0.1:8404/                       the statistics page, in a browser
  curl http://127.0.0.1:8404/metrics           the same for Prometheus

braid -f FILE runs your own configuration, braid -h lists all flags. Ctrl-C ends it.

";

/// Serves until a signal ends it.
pub(crate) fn run(setup: &Setup<'_>) -> anyhow::Result<ExitCode> {
    let origin = origin(setup)?;
    let with_origin = WithOrigin { below: setup.environment, origin: format!("mptcp@{}", origin.address()) };
    let setup = Setup { environment: &with_origin, ..*setup };
    let mut sources = Sources::default();
    sources.add("the embedded configuration", CONFIGURATION);
    let program = Program::read(&setup, &sources)?;
    // Hints are not needed if standard output is closed.
    program.run(None, |_| drop(stdio::out(HINTS)))
}

/// Starts the server inside the process.
fn origin(setup: &Setup<'_>) -> anyhow::Result<Demo> {
    let rules = Rules::BIND.with_any_port();
    let spec = Parser::new(setup.registry, &rules).parse_expanded(LISTEN)?;
    let [address] = spec.addresses()?.try_into().map_err(|_| anyhow!("{LISTEN} is one address"))?;
    let protocol = setup
        .registry
        .select(&spec.selector, address.family())
        .ok_or_else(|| anyhow!("no protocol for {LISTEN} is built into this binary"))?;
    let bound = protocol.bind(BindSpec::new(address), setup.kernel)?;
    serve(bound.socket, ENTRANCE).context("the server of the demonstration cannot be started")
}

/// The environment, extended by the address of the server.
struct WithOrigin<'a> {
    below: &'a dyn Environment,
    origin: String,
}

impl Environment for WithOrigin<'_> {
    fn var(&self, name: &str) -> Option<String> {
        if name == ORIGIN { Some(self.origin.clone()) } else { self.below.var(name) }
    }
}
