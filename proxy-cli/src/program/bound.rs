//! The second stage: all sockets are bound. What needs the rights of the start is done before they are given up.

use anyhow::Context as _;
use proxy_rules::date;

use super::confined::Confined;
use super::context::ProgramContext;
use super::sockets::Sockets;
use crate::limits::limits;
use crate::notify::{self, Notifier};
use crate::process::{available, before_threads, confine, write_pidfile};
use crate::settings::{CpuMap, Pidfile, confinement, hardening};
use crate::stdio;

/// A program whose sockets are bound.
pub(super) struct Bound<'s> {
    pub(super) context: ProgramContext<'s>,
    pub(super) sockets: Sockets,
}

impl<'s> Bound<'s> {
    /// Raises limits, writes the pidfile, and then gives up rights.
    ///
    /// # Errors
    /// Returns an error if limits cannot be raised, the file cannot be written, or rights cannot be given up.
    pub(super) fn confine(self, is_daemon: bool) -> anyhow::Result<Confined<'s>> {
        let Bound { context, sockets } = self;
        let (global, options) = (context.global(), context.setup.options);
        let config = limits(global, options, sockets.addresses.len())?;
        let pidfile = options.pidfile.as_deref().or_else(|| global.get::<Pidfile>().map(|file| &*file.0));
        if let Some(path) = pidfile.filter(|_| is_daemon) {
            write_pidfile(path)?;
        }
        let notifier = Notifier::new(std::env::var_os(notify::VARIABLE).as_deref()).unwrap_or_else(|error| {
            stdio::warning(&format!("the service manager cannot be notified: {error}"));
            Notifier::silent()
        });
        // The time zone is read once, from files that may not be visible after this.
        date::read_time_zone();
        let confinement = confinement(global);
        // A user who tries something without a configuration file does not need advice for services.
        if !options.files.is_empty() && !context.is_quiet() {
            confinement.warnings().iter().for_each(|warning| stdio::warning(warning));
        }
        if let Some(remark) = confine(&confinement)? {
            stdio::warning(&remark);
        }
        before_threads(hardening(global)).context("cannot do without new privileges")?;
        let map: CpuMap = global.get_or_default();
        map.warnings(config.workers, &available()?).iter().for_each(|warning| stdio::warning(warning));
        Ok(Confined { context, sockets, config, notifier, map })
    }
}
