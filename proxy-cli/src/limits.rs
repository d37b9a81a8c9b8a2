//! The numbers of workers and connections: as configured, or as many as this machine and the limit on open files allow.

use anyhow::Context as _;
use proxy_config::Values;
use proxy_engine::policy::{ConnectionRate, HttpTuning, MaxConn, ProcessSessionRate};
use proxy_engine::{Config, ProcessRates};
use proxy_relay::{MemoryLimit, ScratchConfig};

use crate::commandline::Options;
use crate::process::{
    MemoryShare, Taken, allocated, automatic_maxconn, default_threads, files_for, raise_files_limit,
};
use crate::settings::{NbThread, StrictLimits, UlimitN};
use crate::stdio;

/// Descriptors that are reserved for other things than connections: standard streams, runtimes, logs.
const RESERVED_FILES: usize = 128;
/// The most pipes for splicing in the whole process. Without CAP_SYS_RESOURCE the kernel allows a user 64 of a megabyte
/// (`fs.pipe-user-pages-soft`), and may create smaller ones after that.
const PIPES: usize = 64;

/// Returns the limits of a program with this number of listening sockets.
///
/// # Errors
/// Returns an error if the limit on open files cannot be raised far enough, and limits are strict.
pub(crate) fn limits(global: &Values, options: &Options, listeners: usize) -> anyhow::Result<Config> {
    let workers = match global.get::<NbThread>() {
        Some(threads) => threads.0,
        None => default_threads()?,
    };
    let pipes = if options.switches.splice { PIPES } else { 0 };
    let reserved = RESERVED_FILES + listeners + 2 * pipes;
    let asked = global.get::<UlimitN>().map(|files| files.0);
    let configured = options.maxconn.or_else(|| global.get::<MaxConn>().and_then(|maxconn| maxconn.limit()));
    let buffer = global.get_or_default::<HttpTuning>().bufsize;
    let share = options.memory.map(|memory| share(memory.bytes(), workers, buffer)).transpose()?;
    let maxconn = match (configured, share) {
        (Some(maxconn), _) => maxconn,
        (None, None) => automatic_maxconn(asked, reserved)?,
        (None, Some(share)) => automatic_maxconn(asked, reserved)?.min(share.connections),
    };
    let memory = share.map(|share| MemoryLimit { most: share.most, allocated });
    if let (Some(share), Some(limit)) = (share, options.memory) {
        share.enforce(limit.bytes(), workers).context("cannot limit the memory of the process")?;
    }
    let StrictLimits(strict) = global.get_or_default();
    let raised =
        raise_files_limit(files_for(maxconn, reserved), asked, strict).with_context(|| match configured {
            Some(maxconn) => format!("{maxconn} concurrent connections are too many"),
            None => "the limit on open files leaves none for connections".to_owned(),
        })?;
    raised.missing.iter().for_each(|missing| stdio::warning(&missing.to_string()));
    let pipes = if pipes == 0 { 0 } else { (pipes / workers).max(1) };
    let mut scratch = ScratchConfig { pipes, ..ScratchConfig::default() };
    if let Some(share) = share {
        // Of all workers together no more than a quarter.
        scratch.kept = scratch.kept.min(share.most / workers / 4);
        scratch.buffer = scratch.buffer.min(share.most / workers / 16).max(buffer);
    }
    let rates = ProcessRates {
        connections: global.get_or_default::<ConnectionRate>().0,
        sessions: global.get_or_default::<ProcessSessionRate>().0,
    };
    Ok(Config { workers, maxconn, rates, memory, scratch })
}

/// Divides a limit on memory in bytes.
fn share(limit: u64, workers: usize, buffer: usize) -> anyhow::Result<MemoryShare> {
    let taken = Taken::now().context("the memory of the process is unknown")?;
    Ok(MemoryShare::of(limit, taken, workers, buffer)?)
}
