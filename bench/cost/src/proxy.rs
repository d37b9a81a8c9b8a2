//! braid under one of valgrind's tools, until it is stopped or dropped.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::cases::Quantity;
use crate::massif;
use crate::quiet;

/// The timeout for starting to listen, and for ending.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// The most characters quoted of its output.
const WORDS: usize = 400;

/// The names in the folder of a run: output, results, and the pipes of `vgdb`.
const SAID: &str = "said";
const OUT: &str = "out";
const VGDB: &str = "vgdb";

/// Returns the first line of `valgrind --version`.
pub(crate) fn valgrind_version() -> anyhow::Result<String> {
    let output = match Command::new("valgrind").arg("--version").stdin(Stdio::null()).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!("valgrind is not installed; Debian and Ubuntu have it in the package `valgrind`")
        }
        output => output.context("run valgrind --version")?,
    };
    ensure!(output.status.success(), "valgrind --version ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[derive(Debug)]
pub(crate) struct Proxy {
    child: Child,
    addr: SocketAddr,
    folder: PathBuf,
}

impl Proxy {
    /// Starts braid and returns when it listens. `configuration` gets the address to listen on; `folder` is used by
    /// this run only.
    pub(crate) fn start(
        binary: &Path,
        quantity: Quantity,
        folder: PathBuf,
        configuration: impl FnOnce(SocketAddr) -> String,
    ) -> anyhow::Result<Self> {
        let addr = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|free| free.local_addr())
            .context("find a free port")?;
        let file = folder.join("conf");
        fs::write(&file, configuration(addr)).context("write the configuration")?;
        let said = File::create(folder.join(SAID)).context("make a file for messages")?;
        let mut command = Command::new("valgrind");
        command.arg("-q").args(arguments(quantity, &folder)).arg(binary).args(["-db", "-f"]).arg(file);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .context("start valgrind")?;
        let mut proxy = Self { child, addr, folder };
        let give_up = Instant::now() + PATIENCE;
        // Nothing reports when braid listens, so this has to try. The connection is part of both runs and cancels
        // out.
        while TcpStream::connect(addr).is_err() {
            if let Some(status) = proxy.child.try_wait()? {
                bail!("it ended with {status}: {}", proxy.words());
            }
            ensure!(Instant::now() < give_up, "it does not listen after {PATIENCE:?}: {}", proxy.words());
            thread::park_timeout(LOOK_AGAIN);
        }
        Ok(proxy)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns when braid has nothing left to do.
    pub(crate) fn quiet(&self) -> anyhow::Result<()> {
        quiet::wait(self.child.id()).with_context(|| format!("it said: {}", self.words()))
    }

    /// Returns the bytes on the heap, if the case counts those.
    pub(crate) fn heap(&self) -> anyhow::Result<u64> {
        massif::settled_heap(self.child.id(), &self.folder.join(VGDB), &self.folder)
    }

    /// Ends braid in order, and returns the path of callgrind's output.
    pub(crate) fn stop(mut self) -> anyhow::Result<PathBuf> {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status().context("run kill")?;
        ensure!(status.success(), "kill -TERM {pid} ended with {status}");
        let give_up = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < give_up, "it still runs {PATIENCE:?} after SIGTERM: {}", self.words());
            thread::park_timeout(LOOK_AGAIN);
        }
        Ok(self.folder.join(OUT))
    }

    /// Returns the end of the output of braid and valgrind, in one line.
    fn words(&self) -> String {
        let text = fs::read(self.folder.join(SAID)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text[text.len().saturating_sub(WORDS)..]).into_owned();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It has ended already unless something failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn arguments(quantity: Quantity, folder: &Path) -> Vec<OsString> {
    let file = |option: &str, name: &str| {
        let mut argument = OsString::from(option);
        argument.push(folder.join(name));
        argument
    };
    match quantity {
        Quantity::Instructions => vec![
            "--tool=callgrind".into(),
            "--separate-threads=yes".into(),
            file("--callgrind-out-file=", OUT),
            "--vgdb=no".into(),
        ],
        // The places of allocations are not needed, and unwinding the stack for them takes most of the time.
        Quantity::Heap => vec![
            "--tool=massif".into(),
            "--depth=1".into(),
            file("--massif-out-file=", OUT),
            file("--vgdb-prefix=", VGDB),
        ],
    }
}
