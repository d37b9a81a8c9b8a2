//! UNIX sockets on both sides of `braid forward`: files with their permissions, and both kinds of abstract names.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::thread;

use braid_load::Transport;
use braid_tests::forward::{Forward, LIMIT};
use braid_tests::process::Signal;
use common::{origin, transfer};

/// The bytes of each exchange: more than one buffer on the way.
const BYTES: usize = 300_000;

/// A directory that is removed with its test.
struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("braid-{}-{test}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Returns the name as the kernel has it: an `abns@` name fills the whole address.
fn name(text: &str, padded: bool) -> SocketAddr {
    let mut name = text.as_bytes().to_vec();
    if padded {
        name.resize(107, 0);
    }
    SocketAddr::from_abstract_name(name).unwrap()
}

/// Serves one connection: sends back all that comes.
fn echo(listener: UnixListener) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        stream.write_all(&all).unwrap();
    })
}

fn exchange(mut stream: UnixStream) {
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let sent: Vec<u8> = (0..BYTES).map(|at| (at * 7 % 251) as u8).collect();
    stream.write_all(&sent).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut back = Vec::new();
    stream.read_to_end(&mut back).unwrap();
    assert!(back == sent, "{} of {} bytes came back, or different ones", back.len(), sent.len());
}

#[test]
fn a_file_on_both_sides_with_its_mode_and_gone_at_the_end() {
    let directory = Directory::new("file");
    let (front, back) = (directory.file("front"), directory.file("back"));
    let server = echo(UnixListener::bind(&back).unwrap());
    let bind = format!("unix@{} mode 600", front.display());
    let braid = Forward::new(bind, format!("unix@{}", back.display())).unwrap().start().unwrap();
    let meta = fs::symlink_metadata(&front).unwrap();
    assert!(meta.file_type().is_socket());
    assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    exchange(UnixStream::connect(&front).unwrap());
    server.join().unwrap();
    let session = &braid.sessions(1).unwrap()[0];
    assert_eq!((session.get("client-protocol"), session.get("server-protocol")), ("unix", "unix"));
    assert_eq!((session.get("up"), session.get("down")), ("300000", "300000"));
    braid.process.signal(Signal::Terminate).unwrap();
    assert_eq!(braid.process.wait_for_exit(LIMIT).unwrap().signal(), Some(libc::SIGTERM));
    let left: Vec<_> = fs::read_dir(&directory.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["back"]);
}

#[test]
fn abstract_names_on_both_sides() {
    for (prefix, padded) in [("abns", true), ("abnsz", false)] {
        let own = |side: &str| format!("braid-test-{}-{prefix}-{side}", std::process::id());
        let (front, back) = (own("front"), own("back"));
        let server = echo(UnixListener::bind_addr(&name(&back, padded)).unwrap());
        let braid = Forward::new(format!("{prefix}@{front}"), format!("{prefix}@{back}")).unwrap();
        let braid = braid.start().unwrap();
        assert_eq!(braid.listening(), [format!("{prefix}@{front}")]);
        // The other kind of name is a different name.
        UnixStream::connect_addr(&name(&front, !padded)).unwrap_err();
        exchange(UnixStream::connect_addr(&name(&front, padded)).unwrap());
        server.join().unwrap();
        assert_eq!(braid.sessions(1).unwrap()[0].get("server"), format!("{prefix}@{back}"));
    }
}

/// Client, UNIX socket, and a server over TCP: two relays.
#[test]
fn a_chain_over_a_file_carries_every_byte() {
    let directory = Directory::new("chain");
    let middle = format!("unix@{}", directory.file("middle").display());
    let origin = origin("127.0.0.1", Transport::Tcp);
    let second = Forward::new(&middle, format!("tcp@{}", origin.addr())).unwrap().start().unwrap();
    let first = Forward::new("tcp@127.0.0.1:0", &middle).unwrap().start().unwrap();
    transfer(first.addr().unwrap(), Transport::Tcp);
    assert_eq!(first.sessions(3).unwrap().len(), 3);
    assert_eq!(second.sessions(3).unwrap().len(), 3);
}

#[test]
fn existing_files_are_left_alone() {
    let directory = Directory::new("way");
    let (file, used) = (directory.file("file"), directory.file("used"));
    fs::write(&file, "precious").unwrap();
    let _used = UnixListener::bind(&used).unwrap();
    let refused = |path: &Path, message: &str| {
        let bind = format!("unix@{}", path.display());
        let (code, output) = Forward::new(bind, "tcp@127.0.0.1:1").unwrap().run().unwrap();
        assert_eq!(code, Some(1), "{output}");
        assert!(output.contains(message), "{output}");
    };
    refused(&file, "is a file and not a socket; it is left alone");
    refused(&used, "Address already in use");
    refused(&directory.file("no/such/place"), "No such file or directory");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn a_file_that_a_killed_process_left_is_replaced() {
    let directory = Directory::new("left");
    let front = directory.file("front");
    drop(UnixListener::bind(&front).unwrap());
    assert!(front.exists());
    let origin = origin("127.0.0.1", Transport::Tcp);
    let bind = format!("unix@{}", front.display());
    let braid = Forward::new(bind, format!("tcp@{}", origin.addr())).unwrap().start().unwrap();
    drop(UnixStream::connect(&front).unwrap());
    assert_eq!(braid.sessions(1).unwrap()[0].get("ended"), "client-fin");
}
