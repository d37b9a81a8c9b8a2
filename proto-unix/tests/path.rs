//! Socket files: created, replaced without interruption, removed, and never those of another process.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod common;

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

use common::{Directory, at, bind, connection, rebind, run, speak, try_bind};
use proto_core::address::UNIX_PATH_MAX;
use proto_core::error::BindError;
use proto_core::protocol::{Listener, accept};
use proto_core::spec::BindSpec;
use proto_unix::Ownership;

fn os_error(error: &BindError) -> Option<i32> {
    match error {
        BindError::System { source, .. } => source.raw_os_error(),
        BindError::Refused { .. } => None,
    }
}

#[test]
fn the_file_has_its_mode_and_is_removed_with_the_last_handle() {
    let dir = Directory::new();
    let path = dir.path("socket");
    let mut spec = BindSpec::new(at(&path));
    let (uid, gid) = fs::symlink_metadata(dir.path(".")).map(|meta| (meta.uid(), meta.gid())).unwrap();
    spec.settings.extensions.insert(Ownership { mode: Some(0o640), uid: Some(uid), gid: Some(gid) });
    let bound = try_bind(spec).unwrap();
    assert!(bound.warnings.is_empty(), "{:?}", bound.warnings);
    assert!(!path.exists(), "the path does not exist before it is published");
    run(async {
        let spare = bound.socket.try_clone().unwrap();
        let listener = bound.socket.listen().unwrap();
        let meta = fs::symlink_metadata(&path).unwrap();
        assert!(meta.file_type().is_socket());
        assert_eq!((meta.permissions().mode() & 0o7777, meta.uid(), meta.gid()), (0o640, uid, gid));
        let (mut client, mut server) = connection(&*listener).await;
        speak(&mut *client, &mut *server, b"there").await;
        speak(&mut *server, &mut *client, b"and back").await;
        drop(listener);
        assert!(path.exists(), "another handle is open");
        drop(spare);
        speak(&mut *client, &mut *server, b"connections outlive it").await;
    });
    assert!(dir.is_empty());
}

#[test]
fn a_dropped_bind_leaves_nothing_behind_and_the_old_socket_in_place() {
    let dir = Directory::new();
    let path = dir.path("socket");
    let old = UnixListener::bind(&path).unwrap();
    let before = fs::metadata(&path).unwrap().ino();
    drop(rebind(&at(&path)));
    assert_eq!(fs::metadata(&path).unwrap().ino(), before);
    assert_eq!(fs::read_dir(dir.path(".")).unwrap().count(), 1);
    UnixStream::connect(&path).unwrap();
    old.accept().unwrap();
}

#[test]
fn ownership_that_is_refused_fails_the_bind_and_leaves_nothing_behind() {
    let dir = Directory::new();
    let mut spec = BindSpec::new(at(&dir.path("socket")));
    spec.settings.extensions.insert(Ownership { uid: Some(u32::MAX - 1), ..Ownership::default() });
    match try_bind(spec) {
        Err(error) => assert_eq!(os_error(&error), Some(libc::EPERM), "{error}"),
        // Root is allowed to.
        Ok(bound) => drop(bound),
    }
    assert!(dir.is_empty());
}

#[test]
fn a_live_socket_is_replaced_only_when_shared_and_a_dead_one_always() {
    let dir = Directory::new();
    let path = dir.path("socket");
    let old = UnixListener::bind(&path).unwrap();
    let error = try_bind(BindSpec::new(at(&path))).unwrap_err();
    assert_eq!(os_error(&error), Some(libc::EADDRINUSE), "{error}");
    old.set_nonblocking(true).unwrap();
    assert_eq!(old.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock, "the check makes no connection");
    drop(old);
    assert!(path.exists());
    let bound = bind(&at(&path));
    let twice = try_bind(BindSpec { share: true, ..BindSpec::new(at(&path)) }).unwrap_err();
    assert_eq!(
        os_error(&twice),
        Some(libc::EADDRINUSE),
        "in the same process, with neither published: {twice}"
    );
    bound.socket.publish().unwrap();
    bound.socket.publish().unwrap();
    UnixStream::connect(&path).unwrap();

    let datagrams = dir.path("datagrams");
    let _held = UnixDatagram::bind(&datagrams).unwrap();
    assert_eq!(os_error(&try_bind(BindSpec::new(at(&datagrams))).unwrap_err()), Some(libc::EADDRINUSE));
}

#[test]
fn the_file_of_another_process_is_left_alone() {
    let dir = Directory::new();
    let path = dir.path("socket");
    let ours = bind(&at(&path));
    ours.socket.publish().unwrap();
    fs::remove_file(&path).unwrap();
    let theirs = UnixListener::bind(&path).unwrap();
    drop(ours);
    UnixStream::connect(&path).unwrap();
    theirs.accept().unwrap();
}

#[test]
fn the_file_of_a_handed_over_socket_stays() {
    let dir = Directory::new();
    let path = dir.path("socket");
    let bound = bind(&at(&path));
    bound.socket.publish().unwrap();
    let passed = bound.socket.as_fd().unwrap().try_clone_to_owned().unwrap();
    bound.socket.hand_over();
    run(async {
        let listener = bound.socket.listen().unwrap();
        assert!(!listener.refuse_new(), "it would stop in the other process too");
    });
    assert!(path.exists());
    let listener = UnixListener::from(passed);
    UnixStream::connect(&path).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener.accept().unwrap();
}

#[test]
fn a_file_that_is_no_socket_is_never_replaced() {
    let dir = Directory::new();
    let target = dir.path("target");
    let _held = UnixListener::bind(&target).unwrap();
    let (file, folder, link) = (dir.path("file"), dir.path("folder"), dir.path("link"));
    fs::write(&file, "precious").unwrap();
    fs::create_dir(&folder).unwrap();
    symlink(&target, &link).unwrap();
    for (path, what) in [(&file, "a file"), (&folder, "a directory"), (&link, "a symbolic link")] {
        let error = try_bind(BindSpec { share: true, ..BindSpec::new(at(path)) }).unwrap_err();
        assert!(error.refusal().is_some() && error.to_string().contains(what), "{error}");
    }
    // Here the file appears between the bind and its publication.
    let late = dir.path("late");
    let bound = rebind(&at(&late));
    fs::write(&late, "precious").unwrap();
    assert!(bound.socket.publish().unwrap_err().refusal().is_some());
    drop(bound);
    assert_eq!(fs::read_to_string(&late).unwrap(), "precious");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(fs::read_dir(dir.path(".")).unwrap().count(), 5);
}

#[test]
fn a_path_needs_room_for_its_temporary_name() {
    let dir = Directory::new();
    let spare = UNIX_PATH_MAX - dir.path("").as_os_str().len();
    let longest = dir.path(&"x".repeat(spare - 10));
    drop(bind(&at(&longest)));
    let error = try_bind(BindSpec::new(at(&dir.path(&"x".repeat(spare))))).unwrap_err();
    assert!(error.to_string().contains("at most 107 fit"), "{error}");
    assert!(dir.is_empty());
    let missing = try_bind(BindSpec::new(at(&dir.path("missing/socket")))).unwrap_err();
    assert_eq!(os_error(&missing), Some(libc::ENOENT));
}

/// Accepts until `stop` is set, then drains like a process that is being replaced.
async fn serve(listener: Box<dyn Listener>, stop: Arc<AtomicBool>, first: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        let wait = std::time::Duration::from_millis(1);
        if let Ok(incoming) = tokio::time::timeout(wait, accept(&*listener)).await {
            incoming.unwrap();
            first.store(true, Ordering::Relaxed);
        }
    }
    assert!(listener.refuse_new());
    std::future::poll_fn(|cx| {
        while let Poll::Ready(incoming) = listener.poll_accept(cx) {
            incoming.unwrap();
        }
        Poll::Ready(())
    })
    .await;
}

#[test]
fn a_client_never_fails_while_the_socket_is_replaced() {
    let dir = Directory::new();
    let path = dir.path("socket");
    let (stopped, connects) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut server = start(&path, None);
    let client = std::thread::spawn({
        let (path, stopped, connects) = (path.clone(), Arc::clone(&stopped), Arc::clone(&connects));
        move || {
            while !stopped.load(Ordering::Relaxed) {
                let mut stream = UnixStream::connect(&path).expect("the path always refers to a listener");
                let ended = io::Read::read(&mut stream, &mut [0]).expect("nothing in a queue is reset");
                assert_eq!(ended, 0);
                connects.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    for _ in 0..20 {
        server = start(&path, Some(server));
    }
    stopped.store(true, Ordering::Relaxed);
    client.join().unwrap();
    server.stop.store(true, Ordering::Relaxed);
    server.thread.join().unwrap();
    assert!(connects.load(Ordering::Relaxed) >= 20);
    assert!(dir.is_empty());
}

struct Server {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

/// Starts a server. The earlier one stops once the new one has had a connection: a client that looked up the path just
/// before it was replaced has been served by then.
fn start(path: &std::path::Path, before: Option<Server>) -> Server {
    let bound = rebind(&at(path));
    bound.socket.publish().unwrap();
    let (stop, first) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let thread = std::thread::spawn({
        let (stop, first) = (Arc::clone(&stop), Arc::clone(&first));
        move || run(async move { serve(bound.socket.listen().unwrap(), stop, first).await })
    });
    if let Some(before) = before {
        while !first.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        before.stop.store(true, Ordering::Relaxed);
        before.thread.join().unwrap();
    }
    Server { stop, thread }
}
