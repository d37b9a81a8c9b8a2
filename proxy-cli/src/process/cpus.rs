//! `cpu-map` and `nbthread`: CPUs, and which of them threads run on.

use std::io;

use super::cpu_set::CpuSet;
use super::sys;

/// Threads that `cpu-map` can name: those of HAProxy's thread group, on machines of 64 bits.
pub(crate) const GROUP_THREADS: usize = 64;

/// CPUs cannot be learnt or chosen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinError {
    /// The system does not say.
    #[error("cannot learn the CPUs of this process")]
    Learn(#[source] io::Error),
    /// The system refuses: none of them exists, or is allowed to this process.
    #[error("cannot run on CPUs {0}")]
    Set(Box<CpuSet>, #[source] io::Error),
}

/// Has this thread, and those that it makes from now on, run on these CPUs only. Of those that are not there the
/// kernel takes no notice, as long as one is.
///
/// # Errors
/// When none is there.
pub(crate) fn pin_this_thread(cpus: &CpuSet) -> Result<(), PinError> {
    sys::set_affinity(cpus).map_err(|error| PinError::Set(Box::new(*cpus), error))
}

/// The CPUs that this thread may run on.
///
/// # Errors
/// When the system does not say, as one with more than [`CpuSet::SIZE`].
pub(crate) fn available() -> Result<CpuSet, PinError> {
    sys::affinity().map_err(PinError::Learn)
}

/// Threads of a process that does not say `nbthread`: one for each CPU that it may run on when it starts, and at most
/// as many as `cpu-map` can name.
pub(crate) fn default_threads() -> Result<usize, PinError> {
    Ok(available()?.len().clamp(1, GROUP_THREADS))
}
