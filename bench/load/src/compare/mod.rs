//! Compares proxies: the same configuration, load and machine for each, in turn, and the CPU time each takes per
//! unit.
//!
//! Everything runs in a separate network namespace. The proxy has one thread on one core; client, origin and log
//! sink share another. In every round each proxy is measured once, and every second round goes backwards, so that a
//! machine that slows down slows all of them. The figures are medians over the rounds.

mod cases;
mod proxy;
mod rivals;
mod setting;
mod sink;
mod table;

use std::error::Error;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use self::cases::{CASES, Case};
use self::proxy::Proxy;
pub use self::rivals::RivalKind;
use self::rivals::{Rival, find};
use self::sink::Sink;
pub use self::table::Table;
use self::table::{Entry, LeftOut, Sample};
use crate::failure::chain;
use crate::http::{Amount, HttpOrigin, HttpPlan, HttpRunError, run_http};
use crate::link::Transport;
use crate::origin::{OriginError, OriginPlan};
use crate::pattern::Seed;
use crate::plan::Target;
use crate::sys;

/// The default of the host may be one that paces, which makes loopback several times more expensive for every proxy
/// and hides the differences.
pub(crate) const CONGESTION_CONTROL: &str = "reno";
/// The share of a round's time in which a proxy warms up before the first round.
const WARM_UP: u32 = 4;
/// The time in which requests that are in progress at the end of a round have to end.
const GRACE: Duration = Duration::from_secs(20);

/// The settings of a comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub rounds: usize,
    /// The duration of each measurement.
    pub duration: Duration,
    /// Only cases whose name begins with this, or contains it after the transport.
    pub only: Option<String>,
    /// Binaries; a kind may occur several times. Kinds without one are searched on the PATH.
    pub named: Vec<(RivalKind, PathBuf)>,
    pub proxy_core: usize,
    pub load_core: usize,
}

impl Default for Comparison {
    fn default() -> Self {
        Self {
            rounds: 5,
            duration: Duration::from_secs(2),
            only: None,
            named: Vec::new(),
            proxy_core: 0,
            load_core: 1,
        }
    }
}

/// The error of a comparison that could not be made at all. A proxy that cannot run a case is a row of the table.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error("make a network namespace with loopback and {CONGESTION_CONTROL}")]
    Network(#[source] io::Error),
    #[error("run on core {core}")]
    Core { core: usize, source: io::Error },
    #[error("make a folder for configurations and a socket for logs")]
    Prepare(#[source] io::Error),
    #[error(transparent)]
    Origin(#[from] OriginError),
    #[error(transparent)]
    Run(#[from] HttpRunError),
}

/// Compares the proxies. Moves the calling thread, which has to be the only one of the process, permanently to
/// another network. `tell` receives progress lines.
pub fn compare_http(comparison: &Comparison, mut tell: impl FnMut(&str)) -> Result<Table, CompareError> {
    sys::private_network(CONGESTION_CONTROL).map_err(CompareError::Network)?;
    pin(comparison.load_core)?;
    let folder = Folder::new().map_err(CompareError::Prepare)?;
    let sink = Sink::start().map_err(CompareError::Prepare)?;
    let plan = OriginPlan {
        addr: ([127, 0, 0, 1], 0).into(),
        transport: Transport::Tcp,
        send_buffer: None,
        patience: GRACE,
    };
    let origin = HttpOrigin::start(&plan)?;
    let (rivals, missing) = find(&comparison.named);
    let mut table = Table::new(comparison, &rivals, missing);
    let bench = Bench { comparison, rivals: &rivals, folder: &folder, sink: &sink, origin: &origin };
    let wanted = |case: &&Case| comparison.only.as_ref().is_none_or(|only| case.matches(only));
    for case in CASES.iter().filter(wanted) {
        tell(&format!("{} ...", case.name()));
        table.add(case, bench.case(case)?);
    }
    Ok(table)
}

struct Bench<'a> {
    comparison: &'a Comparison,
    rivals: &'a [Rival],
    folder: &'a Folder,
    sink: &'a Sink,
    origin: &'a HttpOrigin,
}

impl Bench<'_> {
    fn case(&self, case: &Case) -> Result<Vec<Entry>, CompareError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut running: Vec<Option<Proxy>> = Vec::new();
        for (rival, tuned) in self.rivals.iter().flat_map(|rival| case.variants(rival)) {
            let mut entry = Entry::new(rival, tuned);
            let proxy = match self.start(case, rival, tuned) {
                Ok(proxy) => Some(proxy),
                Err(reason) => {
                    entry.left_out = Some(reason);
                    None
                }
            };
            running.push(proxy);
            entries.push(entry);
        }
        self.round(case, &running, &mut entries, self.comparison.duration / WARM_UP, false)?;
        for entry in &mut entries {
            entry.samples.clear();
        }
        for round in 0..self.comparison.rounds {
            self.round(case, &running, &mut entries, self.comparison.duration, round % 2 == 1)?;
        }
        Ok(entries)
    }

    fn start(&self, case: &Case, rival: &Rival, tuned: bool) -> Result<Proxy, LeftOut> {
        let setting = case.setting(self.origin.addr(), self.sink.addr(), tuned);
        if let Some(reason) = rival.cannot(&setting) {
            return Err(LeftOut::Cannot(reason));
        }
        let failed = |error: &dyn Error| LeftOut::Failed(chain(error));
        // The proxy inherits the core of this thread.
        pin(self.comparison.proxy_core).map_err(|error| failed(&error))?;
        let started = Proxy::start(rival, &setting, &self.folder.path);
        pin(self.comparison.load_core).map_err(|error| failed(&error))?;
        started.map_err(|error| failed(&error))
    }

    fn round(
        &self,
        case: &Case,
        running: &[Option<Proxy>],
        entries: &mut [Entry],
        duration: Duration,
        backwards: bool,
    ) -> Result<(), CompareError> {
        let mut order: Vec<usize> = (0..running.len()).collect();
        if backwards {
            order.reverse();
        }
        for index in order {
            if let (Some(proxy), None) = (&running[index], &entries[index].left_out) {
                self.measure(case, proxy, &mut entries[index], duration)?;
            }
        }
        Ok(())
    }

    fn measure(
        &self,
        case: &Case,
        proxy: &Proxy,
        entry: &mut Entry,
        duration: Duration,
    ) -> Result<(), CompareError> {
        let mut target = Target::new(proxy.addr(), case.transport);
        target.processes = vec![proxy.pid()];
        let mut plan = HttpPlan::new(target, case.job(), Amount::For(duration));
        plan.connections = case.connections;
        plan.keep_alive = case.keep_alive;
        plan.timeout = GRACE;
        let logged = self.sink.lines();
        let report = run_http(&plan)?;
        let native = case.transport == Transport::Tcp || report.paths.mptcp == report.connections;
        let wrong = if !report.is_ok() {
            report.to_string()
        } else if !native {
            format!("{} of {} connections were MPTCP", report.paths.mptcp, report.connections)
        } else if case.log && self.sink.lines() == logged {
            "nothing was logged".to_owned()
        } else if let Some(sample) = Sample::of(case, &report) {
            entry.samples.push(sample);
            return Ok(());
        } else {
            format!("it could not be measured: {report}")
        };
        entry.left_out = Some(LeftOut::Failed(wrong));
        Ok(())
    }
}

fn pin(core: usize) -> Result<(), CompareError> {
    sys::pin_thread(core).map_err(|source| CompareError::Core { core, source })
}

/// A folder that is removed when it is dropped.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("braid-compare-{:016x}", Seed::random().0));
        fs::create_dir(&path)?;
        Ok(Self { path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If this fails, a few configurations stay in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.path);
    }
}
