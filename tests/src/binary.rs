//! The path of the program under test.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::error::{Context, Error, Result};

/// The variable with the program under test, if it was built elsewhere.
const BRAID_BIN: &str = "BRAID_BIN";

/// Returns the path of `braid`: the value of `BRAID_BIN`, else the file that cargo builds beside this test. It is
/// rebuilt if it is older than its sources, so that a test never runs an outdated program.
pub fn braid_binary() -> Result<&'static Path> {
    static BINARY: OnceLock<Result<PathBuf>> = OnceLock::new();
    match BINARY.get_or_init(find) {
        Ok(path) => Ok(path),
        Err(Error { operation, object, source }) => Err(Error {
            operation,
            object: object.clone(),
            source: io::Error::new(source.kind(), source.to_string()),
        }),
    }
}

fn find() -> Result<PathBuf> {
    if let Some(path) = env::var_os(BRAID_BIN) {
        return Ok(path.into());
    }
    let test = env::current_exe().context("find", "this test")?;
    // target/PROFILE/deps/TEST-HASH
    let profile = test.parent().and_then(Path::parent);
    let profile =
        profile.ok_or_else(|| io::ErrorKind::NotFound.into()).context("find profile of", test.display())?;
    build(profile)?;
    Ok(profile.join("braid"))
}

fn build(profile: &Path) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", "proxy-bin", "--bin", "braid"]);
    // Cargo names the folder of the profile "dev" "debug".
    if let Some(name) = profile.file_name().filter(|name| *name != "debug") {
        command.arg("--profile").arg(name);
    }
    if let Some(target) = profile.parent() {
        command.arg("--target-dir").arg(target);
    }
    let status = command.status().context("run", "cargo build of braid")?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(status.to_string())).context("build", "braid")
    }
}
