//! The output of the program on its standard streams.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static WARNINGS: AtomicU64 = AtomicU64::new(0);

/// Returns the number of warnings that were reported.
pub(crate) fn warnings() -> u64 {
    WARNINGS.load(Relaxed)
}

/// Writes a text to standard output.
///
/// # Errors
/// Returns an error if it is closed or full.
pub(crate) fn out(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        stdout.write_all(b"\n")?;
    }
    Ok(stdout.flush()?)
}

/// Counts warnings that were reported as diagnostics.
pub(crate) fn count_warnings(number: usize) {
    WARNINGS.fetch_add(number as u64, Relaxed);
}

/// Reports an error on standard error. If that fails there is nothing left to report to.
pub(crate) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "braid: error: {text}");
}

/// Reports a warning.
pub(crate) fn warning(text: &str) {
    WARNINGS.fetch_add(1, Relaxed);
    let _ = writeln!(io::stderr().lock(), "braid: warning: {text}");
}

/// Reports the state of the program.
pub(crate) fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "braid: {text}");
}

/// Reports what is wrong with a configuration; the text has its own form.
pub(crate) fn diagnostic(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
