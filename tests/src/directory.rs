//! A directory that is removed with its files.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Context, Result};

/// A directory that exists as long as this value.
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Makes one for the test or row with this name. Its path is short, because the path of a socket has to be.
    pub fn new(name: &str) -> Result<Self> {
        // Rows of two groups may have one name.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("braid-{}-{count}-{name}", std::process::id()));
        fs::create_dir(&path).context("make", path.display())?;
        Ok(Self(path))
    }

    /// Returns the path of a file with this name in it; with an empty name, its own path and a slash.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
