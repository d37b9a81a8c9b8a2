//! `pidfile`: a file with the process id.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} the pidfile '{}'", path.display())]
pub(crate) struct PidfileError {
    operation: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Writes the id of this process into a new file. It stays when the process ends, since a successor may have put its
/// own there by then.
///
/// # Errors
/// Returns an error if an old file cannot be removed, or the new one cannot be created or written.
pub(crate) fn write_pidfile(path: &Path) -> Result<(), PidfileError> {
    let failed = |operation| move |source| PidfileError { operation, path: path.to_owned(), source };
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("replace")(error)),
        _ => {}
    }
    // Only a new file is opened: in a directory of other users the name may by now be a link to a file that only this
    // user may write.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path);
    let mut file = file.map_err(failed("create"))?;
    writeln!(file, "{}", std::process::id()).map_err(failed("write"))
}
