//! `cpu-map` and `nbthread`: the CPUs that threads run on.

use std::io;

use super::cpu_set::CpuSet;
use super::sys;

/// The number of threads that `cpu-map` can name: those of HAProxy's thread group, on machines of 64 bits.
pub(crate) const GROUP_THREADS: usize = 64;

/// The CPUs of a thread cannot be read or set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinError {
    /// The CPUs of this process cannot be read.
    #[error("cannot determine the CPUs of this process")]
    Learn(#[source] io::Error),
    /// The CPUs cannot be set: none of them exists, or is allowed for this process.
    #[error("cannot run on CPUs {0}")]
    Set(Box<CpuSet>, #[source] io::Error),
}

/// Makes this thread, and those that it creates from now on, run on these CPUs only. The kernel ignores CPUs that do
/// not exist, as long as one does.
///
/// # Errors
/// Returns an error if none exists.
pub(crate) fn pin_this_thread(cpus: &CpuSet) -> Result<(), PinError> {
    sys::set_affinity(cpus).map_err(|error| PinError::Set(Box::new(*cpus), error))
}

/// Returns the CPUs that this thread may run on.
///
/// # Errors
/// Returns an error if the system does not report them, as one with more than [`CpuSet::SIZE`].
pub(crate) fn available() -> Result<CpuSet, PinError> {
    sys::affinity().map_err(PinError::Learn)
}

/// Returns the default of `nbthread`: one thread for each CPU that the process may run on when it starts, and at most
/// as many as `cpu-map` can name.
pub(crate) fn default_threads() -> Result<usize, PinError> {
    Ok(available()?.len().clamp(1, GROUP_THREADS))
}
