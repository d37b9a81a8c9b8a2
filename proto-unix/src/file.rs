//! The file of a listening socket: created beside its path, moved into place atomically, removed at the end.
//!
//! ```text
//!           bind, mode, owner              listen, rename                 last handle dropped
//!  (none) ───────────────────► Temporary ──────────────────► Published ───────────────────────► (none)
//!                                  └──── last handle dropped ────► (none)      only if still ours
//! ```
//!
//! The rename comes last and after `listen`: until then the path refers to the socket of the earlier process, from
//! then on to one that accepts connections, with no moment in between (`rename(2)` replaces atomically). It is also
//! the only step that changes the path, so no backup of the old file is needed: if a step before it fails, or the
//! rename itself, the path is unchanged. HAProxy renames before it listens and keeps a backup link instead.
//!
//! Permissions are set before the rename too, so that no client can connect while the file has other permissions.
//!
//! The file is removed by path, not by a directory kept open, since that would be a way out of a later `chroot`. After
//! a `chroot`, or without permission for the directory, the file stays; the next start replaces it.

use std::fs::{self, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use libc::c_int;
use proto_core::address::{Address, UNIX_PATH_MAX};
use proto_core::error::{BindError, Refusal, Step};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::address::temporary;
use crate::ownership::Ownership;
use crate::sys;

/// The file of one listening socket, owned by the process that made it.
#[derive(Debug)]
pub(crate) struct SocketFile {
    address: Address,
    path: PathBuf,
    temporary: PathBuf,
    /// Device and inode, which tell whether a file with this name is still ours.
    identity: (u64, u64),
    share: bool,
    published: Mutex<bool>,
    /// Whether the file must outlive this process.
    keep: AtomicBool,
    /// The process that made the file: a child must not remove it after a fork.
    creator: u32,
}

impl SocketFile {
    /// Binds a socket to a temporary name beside the path. With `share` a socket that is in use may be replaced.
    pub(crate) fn bind(
        socket: &Socket,
        address: &Address,
        path: &Path,
        ownership: Ownership,
        share: bool,
    ) -> Result<SocketFile, BindError> {
        let failed = |error| BindError::system(Step::Bind, address, error);
        let creator = std::process::id();
        // Absolute if that fits, so that a later change of directory does not matter, and a process that inherits the
        // socket gets a name with the same meaning.
        let path = match std::path::absolute(path) {
            Ok(absolute) if temporary(&absolute, creator).as_os_str().len() <= UNIX_PATH_MAX => absolute,
            _ => path.to_owned(),
        };
        let temporary = temporary(&path, creator);
        let length = temporary.as_os_str().len();
        if length > UNIX_PATH_MAX {
            let why = format!(
                "with the temporary name beside it the path has {length} bytes; at most {UNIX_PATH_MAX} fit"
            );
            return Err(BindError::refused(address, Refusal::Policy(why)));
        }
        check_place(address, &path, share)?;
        // Left over from a process that was killed, or in use by another bind to the same path.
        if check_place(address, &temporary, false)? {
            fs::remove_file(&temporary).map_err(failed)?;
        }
        let name = SockAddr::unix(&temporary).map_err(failed)?;
        // The file has its mode from the beginning.
        sys::with_mode(ownership.mode, || socket.bind(&name)).map_err(failed)?;
        let made = sys::open_socket_file(&temporary).and_then(|file| {
            let meta = file.metadata()?;
            Ok((file, meta))
        });
        let (opened, meta) = made.map_err(|error| {
            let _ = fs::remove_file(&temporary);
            failed(error)
        })?;
        let identity = identity(&meta);
        let file = SocketFile {
            address: address.clone(),
            path,
            temporary,
            identity,
            share,
            published: Mutex::new(false),
            keep: AtomicBool::new(false),
            creator,
        };
        ownership.give(&opened, &meta).map_err(failed)?;
        Ok(file)
    }

    /// Listens and makes the path refer to the socket.
    pub(crate) fn publish(&self, socket: &Socket, backlog: c_int) -> Result<(), BindError> {
        let failed = |step| move |error| BindError::system(step, &self.address, error);
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        if *published {
            return Ok(());
        }
        // Checked again, since the file may have changed after the bind.
        check_place(&self.address, &self.path, self.share)?;
        socket.listen(backlog).map_err(failed(Step::Listen))?;
        fs::rename(&self.temporary, &self.path).map_err(failed(Step::Bind))?;
        *published = true;
        Ok(())
    }

    /// Marks the socket as used by another process, so that its file is kept.
    pub(crate) fn keep(&self) {
        self.keep.store(true, Ordering::Relaxed);
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.keep.load(Ordering::Relaxed) || self.creator != std::process::id() {
            return;
        }
        let published = *self.published.get_mut().unwrap_or_else(PoisonError::into_inner);
        let name = if published { &self.path } else { &self.temporary };
        // The socket is still open here and holds the inode, so the number cannot belong to another file.
        if fs::symlink_metadata(name).is_ok_and(|meta| identity(&meta) == self.identity) {
            let _ = fs::remove_file(name);
        }
    }
}

impl Ownership {
    /// Gives a file that was just made to its owner. Where others may write to the directory, they could have put another
    /// one in its place; so it is looked at first, and reached by its descriptor.
    fn give(self, file: &fs::File, meta: &Metadata) -> io::Result<()> {
        if self.uid.is_none() && self.gid.is_none() {
            return Ok(());
        }
        let is_ours =
            meta.file_type().is_socket() && meta.nlink() == 1 && meta.uid() == sys::effective_user();
        if !is_ours {
            return Err(io::Error::other("somebody else has put another file in its place"));
        }
        sys::give(file.as_fd(), self.uid, self.gid)
    }
}

fn identity(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

/// Returns whether there is a file at a path, which is then a socket. Anything else is refused, and so is a socket in
/// use unless it may be replaced.
fn check_place(address: &Address, path: &Path, replace: bool) -> Result<bool, BindError> {
    let failed = |error| BindError::system(Step::Bind, address, error);
    let kind = match fs::symlink_metadata(path) {
        Ok(meta) => meta.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
    };
    if !kind.is_socket() {
        let what = if kind.is_symlink() {
            "a symbolic link"
        } else if kind.is_dir() {
            "a directory"
        } else {
            "a file"
        };
        let why = format!("{} is {what} and not a socket; it is left alone", path.display());
        return Err(BindError::refused(address, Refusal::Policy(why)));
    }
    if !replace && in_use(path).map_err(failed)? {
        return Err(failed(io::Error::from_raw_os_error(libc::EADDRINUSE)));
    }
    Ok(true)
}

/// Returns whether a socket is bound to a socket file, without disturbing it: for a datagram socket, connecting fails
/// with `EPROTOTYPE` if a stream socket is bound, and with `ECONNREFUSED` if there is only the file (Linux 6.18).
fn in_use(path: &Path) -> io::Result<bool> {
    let probe = Socket::new(Domain::UNIX, Type::DGRAM.nonblocking(), None)?;
    match probe.connect(&SockAddr::unix(path)?) {
        Ok(()) => Ok(true),
        Err(error) => match error.raw_os_error() {
            // EPERM: a datagram socket that is connected to a peer.
            Some(libc::EPROTOTYPE | libc::EPERM) => Ok(true),
            Some(libc::ECONNREFUSED | libc::ENOENT) => Ok(false),
            _ => Err(error),
        },
    }
}
