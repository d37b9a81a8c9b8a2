//! `chroot`, `gid`, `uid`, `setcap`: what the process gives up before it serves, and what it keeps.
//!
//! The root directory, supplementary groups, group, user: the only order in which each step still has the rights for
//! the next. A process that is only partly confined does not serve. 0 for user or group changes nothing, as in HAProxy,
//! and neither does an id that the process has already.

use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::capabilities::{Capability, keep_all, keep_only};
use super::names::{Gid, Uid};
use super::sys;

/// The part of the file system that the process sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Jail {
    /// This directory and its contents.
    Directory(PathBuf),
    /// An empty directory that has no name and cannot hold files.
    Nameless,
}

/// The rights that the process keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Confinement {
    pub(crate) jail: Option<Jail>,
    pub(crate) user: Option<Uid>,
    pub(crate) group: Option<Gid>,
    /// Kept by a process that is not run by root.
    pub(crate) capabilities: Vec<Capability>,
}

/// The process could not be confined, and must not serve.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {object}")]
pub(crate) struct ConfinementError {
    operation: &'static str,
    object: String,
    #[source]
    source: io::Error,
}

/// Returns a function that makes the error of an operation on an object.
fn failed(operation: &'static str, object: impl ToString) -> impl FnOnce(io::Error) -> ConfinementError {
    move |source| ConfinementError { operation, object: object.to_string(), source }
}

impl Confinement {
    /// Returns warnings about rights that the process does not need.
    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        let root = sys::users().is_ok_and(|[_, effective, _]| effective == 0);
        let jail = "started as root without 'chroot': an intruder would see all files; 'chroot auto' hides them, \
                    'chroot /' silences this warning";
        let user = "started as root without 'user' or 'uid': an intruder would be root; 'uid 0' says that this is \
                    meant";
        let advice = [(self.jail.is_none(), jail), (self.user.is_none(), user)];
        advice.into_iter().filter_map(|(missing, text)| (root && missing).then_some(text)).collect()
    }
}

/// Confines the process, in all threads. Returns a warning if supplementary groups were kept, which only root can
/// leave.
///
/// # Errors
/// Returns the first step that failed. Those before it are done, so the process must end.
pub(crate) fn confine(wanted: &Confinement) -> Result<Option<String>, ConfinementError> {
    match &wanted.jail {
        None => {}
        Some(Jail::Nameless) => enter_nameless()?,
        Some(Jail::Directory(path)) => enter(path)?,
    }
    let warning = match wanted.group {
        Some(Gid(group)) if group != 0 => become_group(group)?,
        _ => None,
    };
    let keeps = !wanted.capabilities.is_empty();
    if keeps {
        keep_all().map_err(failed("keep", "capabilities"))?;
    }
    match wanted.user {
        Some(Uid(user)) if user != 0 => become_user(user)?,
        _ => {}
    }
    // Root has them all.
    let is_root = sys::users().is_ok_and(|[_, effective, _]| effective == 0);
    if keeps && !is_root {
        keep_only(&wanted.capabilities).map_err(failed("keep", "the capabilities of 'setcap'"))?;
    }
    Ok(warning)
}

fn enter(path: &Path) -> Result<(), ConfinementError> {
    // `chroot /` only states that no jail is wanted, which needs no right.
    if path != Path::new("/") {
        std::os::unix::fs::chroot(path).map_err(failed("chroot to", path.display()))?;
    }
    env::set_current_dir("/").map_err(failed("enter the jail", path.display()))
}

/// Enters a new directory and removes it: it remains usable, is empty, and accepts no entries.
fn enter_nameless() -> Result<(), ConfinementError> {
    let path = make_nameless().map_err(failed("make a jail in", env::temp_dir().display()))?;
    let entered = env::set_current_dir(&path).map_err(failed("enter the jail", path.display()));
    let removed = fs::remove_dir(&path).map_err(failed("remove the jail", path.display()));
    entered.and(removed)?;
    std::os::unix::fs::chroot(".").map_err(failed("chroot to", "a directory without a name"))?;
    env::set_current_dir("/").map_err(failed("enter the jail", "without a name"))
}

/// Makes a new directory. In a directory that anybody may write to, a name may be taken.
fn make_nameless() -> io::Result<PathBuf> {
    const ATTEMPTS: u32 = 100;
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..ATTEMPTS {
        let path = env::temp_dir().join(format!("braid-jail-{}-{attempt}", std::process::id()));
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

fn become_group(group: u32) -> Result<Option<String>, ConfinementError> {
    let supplementary = sys::supplementary_groups().map_err(failed("count", "supplementary groups"))?;
    let mut warning = None;
    if supplementary > 0
        && let Err(error) = sys::drop_supplementary_groups()
    {
        warning = Some(format!(
            "cannot leave {supplementary} supplementary groups: {error}; 'gid' and 'group' confine only what is \
             started as root"
        ));
    }
    sys::set_group(group).map_err(failed("become group", group))?;
    all_are(sys::groups(), group).map_err(failed("become group", group))?;
    Ok(warning)
}

fn become_user(user: u32) -> Result<(), ConfinementError> {
    sys::set_user(user).map_err(failed("become user", user))?;
    all_are(sys::users(), user).map_err(failed("become user", user))
}

/// Checks that there is no way back: the real, effective and saved id are the requested one.
fn all_are(ids: io::Result<[u32; 3]>, wanted: u32) -> io::Result<()> {
    match ids? {
        ids if ids == [wanted; 3] => Ok(()),
        [real, effective, saved] => Err(io::Error::other(format!(
            "the process could go back: the ids are {real} (real), {effective} (effective) and {saved} (saved)"
        ))),
    }
}
