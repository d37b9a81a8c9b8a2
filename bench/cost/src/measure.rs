//! A figure: the difference between two runs, divided by the difference in their numbers of units.

use anyhow::{Context, ensure};

use crate::callgrind::Threads;
use crate::cases::{Case, Quantity};
use crate::cli::Subject;
use crate::folder::Folder;
use crate::peers::{Origin, Peers, expect_idle};
use crate::proxy::Proxy;
use crate::sink::Sink;

/// The cost of one unit, in the unit of the case's quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) per_unit: f64,
    /// The part of the thread with the largest share; `None` if threads are not distinguished.
    pub(crate) busiest_thread: Option<f64>,
}

pub(crate) fn measure(case: &Case, subject: &Subject, folder: &Folder) -> anyhow::Result<Figure> {
    let units = (case.many - case.few) as f64;
    let run = |units| Run { case, subject, folder, units };
    match case.quantity() {
        Quantity::Instructions => {
            let (few, many) = (run(case.few).instructions()?, run(case.many).instructions()?);
            let growth = many.growth_from(&few)?;
            Ok(Figure {
                per_unit: growth.all_threads as f64 / units,
                busiest_thread: Some(growth.busiest_thread as f64 / units),
            })
        }
        Quantity::Heap => {
            let (few, many) = (run(case.few).heap()?, run(case.many).heap()?);
            Ok(Figure { per_unit: (many as f64 - few as f64) / units, busiest_thread: None })
        }
    }
}

struct Run<'a> {
    case: &'a Case,
    subject: &'a Subject,
    folder: &'a Folder,
    units: u64,
}

impl Run<'_> {
    fn instructions(&self) -> anyhow::Result<Threads> {
        let (origin, sink, proxy) = self.start()?;
        let mut peers = Peers::new(&proxy, &origin, self.case)?;
        if self.case.is_http() {
            let mut client = peers.client()?;
            (0..self.units).try_for_each(|_| peers.request(&mut client))?;
        } else {
            (0..self.units).try_for_each(|_| peers.end(peers.session()?))?;
        }
        let out = proxy.stop()?;
        let logged = sink.finish()?;
        // The connection that checked whether the proxy listens may have been logged, too.
        ensure!(!self.case.log || logged >= self.units, "{logged} lines were logged of {}", self.units);
        Threads::read(&out)
    }

    fn heap(&self) -> anyhow::Result<u64> {
        let (origin, _sink, proxy) = self.start()?;
        let mut peers = Peers::new(&proxy, &origin, self.case)?;
        let mut idle = Vec::new();
        for _ in 0..self.units {
            if self.case.is_http() {
                let mut client = peers.client()?;
                peers.request(&mut client)?;
                idle.push(client);
            } else {
                idle.extend(<[_; 2]>::from(peers.session()?));
            }
        }
        let bytes = proxy.heap()?;
        idle.iter().try_for_each(expect_idle)?;
        proxy.stop()?;
        Ok(bytes)
    }

    fn start(&self) -> anyhow::Result<(Origin, Sink, Proxy)> {
        let origin = Origin::start()?;
        let sink = Sink::start().context("make a socket for logs")?;
        let folder = self.folder.fresh().context("make a folder for a run")?;
        let server = origin.addr()?;
        let proxy = Proxy::start(&self.subject.binary, self.case.quantity(), folder, |listen| {
            self.case.configuration(&format!("{}{listen}", self.subject.layers), server, sink.addr())
        })?;
        Ok((origin, sink, proxy))
    }
}
