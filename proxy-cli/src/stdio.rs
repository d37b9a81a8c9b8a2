//! What the program says on its terminal.

use std::io::{self, Write as _};

/// Says something on standard output.
///
/// # Errors
/// When it is closed or full.
pub(crate) fn out(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        stdout.write_all(b"\n")?;
    }
    Ok(stdout.flush()?)
}

/// Says that something went wrong. There is nobody left to tell if that fails.
pub(crate) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "braid: error: {text}");
}

/// Says that something is not as it was asked for.
pub(crate) fn warning(text: &str) {
    let _ = writeln!(io::stderr().lock(), "braid: warning: {text}");
}

/// Says how things stand.
pub(crate) fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "braid: {text}");
}

/// Says what is wrong with a configuration; the text has its own form.
pub(crate) fn diagnostic(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
