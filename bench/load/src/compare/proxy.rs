//! A running proxy, until it is dropped.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::rivals::Rival;
use super::setting::Setting;
use crate::cost::Pid;
use crate::sys;

/// The timeout for starting to listen.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// The most characters quoted of its output.
const WORDS: usize = 300;

/// The error of a proxy that did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyError {
    #[error("prepare to start it")]
    Prepare(#[from] io::Error),
    #[error("it ended with {status}: {said}")]
    Ended { status: ExitStatus, said: String },
    #[error("it does not listen after {PATIENCE:?}")]
    Silent,
}

#[derive(Debug)]
pub(crate) struct Proxy {
    child: Child,
    addr: SocketAddr,
}

impl Proxy {
    /// Starts the proxy on the core and in the network of the calling thread, and returns when it listens.
    pub(crate) fn start(rival: &Rival, setting: &Setting, folder: &Path) -> Result<Self, ProxyError> {
        let addr = free_address()?;
        let configuration = folder.join(format!("{}-{}.conf", rival.name().replace(' ', ""), addr.port()));
        fs::write(&configuration, rival.configuration(setting, addr, folder))?;
        let mut said = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(configuration.with_extension("said"))?;
        let mut command = rival.command(&configuration);
        sys::die_with_parent(&mut command);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone()?).spawn()?;
        let mut proxy = Self { child, addr };
        let give_up = Instant::now() + PATIENCE;
        // Other programs do not report when they listen, so this has to try.
        while TcpStream::connect(addr).is_err() {
            if let Some(status) = proxy.child.try_wait()? {
                let mut text = String::new();
                said.rewind()?;
                said.read_to_string(&mut text)?;
                return Err(ProxyError::Ended { status, said: in_one_line(&text) });
            }
            if Instant::now() >= give_up {
                return Err(ProxyError::Silent);
            }
            thread::park_timeout(LOOK_AGAIN);
        }
        Ok(proxy)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid(self.child.id())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It has ended already if something failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// No other process uses this network, so a port that is free stays free.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn in_one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(WORDS).collect()
}
