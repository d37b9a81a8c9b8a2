//! `braid forward BIND SERVER`: the proxy without a configuration.

use std::cell::RefCell;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use proto_core::Registry;
use proto_core::address::InheritedSocket;
use proto_core::kernel::Kernel;
use proxy_engine::resolve::{Resolver, SystemResolver};
use proxy_engine::{Config, Engine, Observer, Service, Timeouts};
use proxy_relay::{Limits, ScratchConfig, SideLimits};

use crate::cli::{FIN_TIMEOUT, Forward};
use crate::endpoints::Endpoints;
use crate::journal::Journal;
use crate::process::{Request, Signals, open_files};
use crate::stdio;

/// Descriptors that are kept for other things than connections: standard streams, runtimes, listeners, a log.
const RESERVED_FILES: usize = 128;
/// Pipes for splicing in the whole process. Without CAP_SYS_RESOURCE the kernel allows a user 64 of a megabyte
/// (`fs.pipe-user-pages-soft`), and may give smaller ones after that.
const PIPES: usize = 64;

/// Relays until a signal ends it.
pub(crate) fn run(registry: &Registry, forward: &Forward) -> anyhow::Result<()> {
    let kernel = Kernel::detect();
    let resolver: Arc<dyn Resolver> = Arc::new(SystemResolver);
    let endpoints =
        Endpoints { registry, kernel: &kernel, resolver: &resolver, inherited: RefCell::default() };

    let sockets =
        endpoints.bind(&forward.bind).with_context(|| format!("cannot listen on '{}'", forward.bind))?;
    let server = endpoints
        .server(&forward.server)
        .with_context(|| format!("cannot use the server '{}'", forward.server))?;
    sockets.iter().try_for_each(|socket| socket.publish())?;
    InheritedSocket::release(endpoints.inherited.take());
    let addresses: Vec<String> = sockets.iter().map(|socket| socket.local_addr().to_string()).collect();

    let files = open_files().context("cannot learn the limit on open files")?;
    let fin = forward.fin_timeout.unwrap_or(FIN_TIMEOUT.min(forward.timeout));
    let side = SideLimits { inactivity: Some(forward.timeout), fin: Some(fin) };
    let relay = Limits { client: side, server: side, tunnel: None };
    let timeouts = Timeouts { connect: forward.connect_timeout, relay };
    let workers = forward.threads.map_or_else(cores, Ok)?;
    let maxconn = match forward.maxconn.unwrap_or(connections(files)) {
        0 => bail!("the limit on open files, {files}, leaves none for connections"),
        maxconn => maxconn,
    };
    if maxconn > connections(files) {
        stdio::warning(&format!(
            "the limit on open files, {files}, does not suffice for {maxconn} connections"
        ));
    }
    let scratch = ScratchConfig { pipes: (PIPES / workers).max(1), ..ScratchConfig::default() };
    let config = Config { workers, maxconn, scratch };
    let service = Service { name: "forward".to_owned(), sockets, server, timeouts };
    // From here on a signal no longer ends the process by itself.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    let journal = Arc::new(Journal::start(forward.log)?);
    let engine = Engine::start(config, vec![service], Arc::clone(&journal) as Arc<dyn Observer>)?;
    addresses.iter().for_each(|address| stdio::notice(&format!("listening on {address}")));
    stdio::notice(&format!("ready, {workers} workers, at most {maxconn} connections"));

    let ended = runtime.block_on(async {
        let mut over = std::pin::pin!(engine.over());
        let mut asked = false;
        loop {
            tokio::select! {
                () = &mut over => return asked,
                request = signals.next() => match request {
                    Request::StopNow => return true,
                    Request::StopSoftly => {
                        asked = true;
                        engine.stop_softly();
                    }
                },
            }
        }
    });
    drop(engine);
    // The workers have let go of it.
    Arc::into_inner(journal).into_iter().for_each(Journal::finish);
    if ended { Ok(()) } else { bail!("no listener is left") }
}

fn cores() -> anyhow::Result<usize> {
    Ok(std::thread::available_parallelism()?.get())
}

/// Connections that a limit on open files suffices for: two descriptors for each.
fn connections(files: usize) -> usize {
    files.saturating_sub(RESERVED_FILES + 2 * PIPES) / 2
}
