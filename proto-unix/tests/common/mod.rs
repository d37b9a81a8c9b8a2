//! Helpers of this crate's tests: temporary directories, unique names, a connection.
#![allow(dead_code, reason = "each test binary uses only some of them")]

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use proto_core::address::{Address, UnixAddress};
use proto_core::error::BindError;
use proto_core::kernel::Kernel;
use proto_core::protocol::{Bound, Connector, Listener, accept};
use proto_core::spec::{BindSpec, ServerSpec, Target};
use proto_core::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

static NUMBER: AtomicU32 = AtomicU32::new(0);

fn unique() -> String {
    format!("braid-unix-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A directory that is removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Directory {
        let path = std::env::temp_dir().join(unique());
        std::fs::create_dir(&path).unwrap();
        Directory(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.0).unwrap().next().is_none()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn at(path: &Path) -> Address {
    Address::Unix(UnixAddress::Path(path.to_owned()))
}

pub(crate) fn named(name: &str, padded: bool) -> Address {
    Address::Unix(UnixAddress::Abstract { name: name.to_owned(), padded })
}

/// Returns an abstract name that no other run and no other test uses.
pub(crate) fn unique_name() -> String {
    unique()
}

pub(crate) fn try_bind(spec: BindSpec) -> Result<Bound, BindError> {
    proto_unix::unix().bind(spec, &Kernel::detect())
}

pub(crate) fn bind(address: &Address) -> Bound {
    try_bind(BindSpec::new(address.clone())).unwrap()
}

/// Binds as a restarted process does: a socket in use is replaced.
pub(crate) fn rebind(address: &Address) -> Bound {
    try_bind(BindSpec { share: true, ..BindSpec::new(address.clone()) }).unwrap()
}

pub(crate) fn connector(address: &Address) -> std::sync::Arc<dyn Connector> {
    proto_unix::unix().connector(ServerSpec::new(address.clone()), &Kernel::detect()).unwrap().connector
}

/// Makes a connection and returns the client's end and the server's.
pub(crate) async fn connection(listener: &dyn Listener) -> (Box<dyn Stream>, Box<dyn Stream>) {
    let address = listener.local_addr().clone();
    let client = connector(&address).connect(&Target::new(address)).await.unwrap();
    (client, accept(listener).await.unwrap().into_stream().unwrap())
}

pub(crate) async fn speak(from: &mut dyn Stream, to: &mut dyn Stream, text: &[u8]) {
    from.write_all(text).await.unwrap();
    let mut read = vec![0; text.len()];
    to.read_exact(&mut read).await.unwrap();
    assert_eq!(read, text);
}

pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}
