//! `braid forward BIND SERVER`: the proxy without a configuration of its own.
//!
//! The command line becomes a configuration of a few lines, whose mistakes are reported as for any other.

pub(crate) mod arguments;
mod journal;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use proxy_config::Sources;

use crate::program::{Logging, Program};
use crate::setup::Setup;
use crate::stdio;

use arguments::FIN_TIMEOUT;
pub(crate) use arguments::{Asked, Forward};
use journal::Journal;

/// Relays until a signal ends it.
pub(crate) fn run(setup: &Setup<'_>, forward: &Forward) -> anyhow::Result<ExitCode> {
    let mut sources = Sources::default();
    sources.add("command line", configuration(forward)?);
    let setup = Setup { any_port: true, ..*setup };
    let program = Program::read(&setup, &sources)?;
    let wanted = forward.log;
    let logging = Logging { observer: Box::new(move |sink| Arc::new(Journal::new(wanted, sink))), wanted };
    program.run(Some(logging), |addresses| {
        addresses.iter().for_each(|address| stdio::notice(&format!("listening on {address}")));
    })
}

/// Returns the configuration for a command line.
fn configuration(forward: &Forward) -> anyhow::Result<String> {
    for address in [&forward.bind, &forward.server] {
        // Text after a line feed would be read as further lines.
        anyhow::ensure!(!address.contains(['\n', '\r']), "an address cannot hold a line feed: {address:?}");
    }
    let millis = |time: std::time::Duration| time.as_millis().max(1);
    let (connect, silence) = (millis(forward.connect_timeout), millis(forward.timeout));
    let fin = millis(forward.fin_timeout.unwrap_or(FIN_TIMEOUT.min(forward.timeout)));
    let mut text = String::from("global\n");
    // Writing to a String cannot fail.
    if let Some(threads) = forward.threads {
        let _ = writeln!(text, "    nbthread {threads}");
    }
    if let Some(maxconn) = forward.maxconn {
        let _ = writeln!(text, "    maxconn {maxconn}");
    }
    let _ = writeln!(text, "listen forward");
    let _ = writeln!(text, "    bind {}", forward.bind);
    let _ = writeln!(text, "    server server {}", forward.server);
    let _ = writeln!(text, "    timeout connect {connect}ms");
    for side in ["client", "server"] {
        let _ = writeln!(text, "    timeout {side} {silence}ms\n    timeout {side}-fin {fin}ms");
    }
    Ok(text)
}
