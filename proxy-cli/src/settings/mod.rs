//! Settings of the process: keywords of `global`, and the types of their values.
//!
//! A file is a group of keywords; the mechanism that each one controls is in [`process`](crate::process).

mod confinement;
mod cpu_map;
mod cpu_map_words;
mod files;
mod hardening;
mod modes;
mod names;
mod stop;
#[cfg(test)]
mod tests;
mod threads;

pub(crate) use confinement::confinement;
pub(crate) use cpu_map::CpuMap;
pub(crate) use files::{StrictLimits, UlimitN};
pub(crate) use hardening::hardening;
pub(crate) use modes::{Modes, Pidfile};
pub(crate) use names::Node;
pub(crate) use stop::HardStopAfter;
pub(crate) use threads::NbThread;

use proxy_config::{Diagnostic, Line};

/// Warns that a line has no effect since an earlier one has set the value. As in HAProxy the first counts.
fn said_before(line: &mut Line<'_, '_>, keyword: &str) {
    let message = format!("{keyword} has been said before, and this changes nothing");
    line.surroundings.diagnostics.push(Diagnostic::warning(line.span, message));
}
