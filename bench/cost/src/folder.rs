//! A folder for configurations and results that is removed when it is dropped.

use std::fs;
use std::io;
use std::path::PathBuf;

use braid_load::Seed;

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("braid-cost-{:016x}", Seed::random().0));
        fs::create_dir(&path)?;
        Ok(Self { path })
    }

    /// Creates a folder with a unique name in this one.
    pub(crate) fn fresh(&self) -> io::Result<PathBuf> {
        let path = self.path.join(format!("{:016x}", Seed::random().0));
        fs::create_dir(&path)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If this fails, small files stay in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.path);
    }
}
