//! The system calls of this crate, as safe functions.
#![allow(unsafe_code, reason = "this is the module of the crate that makes system calls")]

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use super::cpu_set::CpuSet;

/// The limit on open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FilesLimit {
    /// The limit in force.
    pub(crate) soft: u64,
    /// The value up to which the process may raise it itself.
    pub(crate) hard: u64,
}

/// A child process that has not been waited for.
#[derive(Debug)]
pub(super) struct Child(libc::pid_t);

impl Child {
    /// Returns its process id.
    pub(super) fn pid(&self) -> i32 {
        self.0
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Returns an error if it has been waited for elsewhere.
    pub(super) fn wait(self) -> io::Result<ExitStatus> {
        let mut status = 0;
        loop {
            // SAFETY: `status` is writable for the call.
            if unsafe { libc::waitpid(self.0, &raw mut status, 0) } == self.0 {
                return Ok(ExitStatus::from_raw(status));
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
    }
}

/// Forks a process of one thread: returns the child in the parent, `None` in the child.
///
/// # Errors
/// Returns the system's error, or [`io::ErrorKind::InvalidInput`] if there is a second thread, which the child would
/// not have.
pub(super) fn fork() -> io::Result<Option<Child>> {
    let threads = std::fs::read_dir("/proc/self/task")?.count();
    if threads != 1 {
        let why = format!("the process has {threads} threads already");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    // SAFETY: this is the only thread, so no other can hold a lock or be in the middle of a change of memory.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        child => Ok(Some(Child(child))),
    }
}

/// Makes the process the leader of a session of its own, without a terminal.
pub(super) fn new_session() -> io::Result<()> {
    // SAFETY: no memory is involved.
    done(unsafe { libc::setsid() })
}

/// Makes a standard stream refer to an open file.
pub(super) fn replace_standard_stream(number: u8, file: BorrowedFd<'_>) -> io::Result<()> {
    debug_assert!(number <= 2, "other descriptors have owners");
    // SAFETY: `file` is open for the call, and 0 to 2 belong to the process as a whole, never to an OwnedFd.
    done(unsafe { libc::dup2(file.as_raw_fd(), c_int::from(number)) })
}

/// Ignores a signal.
pub(super) fn ignore(signal: c_int) -> io::Result<()> {
    // SAFETY: SIG_IGN is not a function, so nothing runs when the signal comes.
    let before = unsafe { libc::signal(signal, libc::SIG_IGN) };
    if before == libc::SIG_ERR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Sends this thread a signal whose effect is the default one. Returns if that does not end the process.
pub(super) fn raise_uncaught(signal: c_int) {
    // SAFETY: SIG_DFL is not a function, and no memory is involved.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// Returns the number of supplementary groups of the process.
pub(super) fn supplementary_groups() -> io::Result<usize> {
    // SAFETY: with a size of 0 nothing is written.
    let count = unsafe { libc::getgroups(0, std::ptr::null_mut()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Leaves all supplementary groups, in all threads.
pub(super) fn drop_supplementary_groups() -> io::Result<()> {
    // SAFETY: with a size of 0 nothing is read.
    done(unsafe { libc::setgroups(0, std::ptr::null()) })
}

/// Changes to a group, in all threads; all three ids if the process has the right.
pub(super) fn set_group(id: u32) -> io::Result<()> {
    // SAFETY: no memory is involved.
    done(unsafe { libc::setgid(id) })
}

/// Changes to a user, in all threads; all three ids if the process has the right.
pub(super) fn set_user(id: u32) -> io::Result<()> {
    // SAFETY: no memory is involved.
    done(unsafe { libc::setuid(id) })
}

/// Lets this thread keep its permitted capabilities when it becomes another user than root.
pub(super) fn keep_capabilities() -> io::Result<()> {
    // SAFETY: no memory is involved.
    done(unsafe { libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) })
}

/// Makes a set of capabilities, one bit each, all that this thread has.
pub(super) fn set_capabilities(set: u32) -> io::Result<()> {
    /// Version 3 of `capset(2)`: sets of 64 bits in two halves.
    const VERSION_3: u32 = 0x2008_0522;
    let header: [u32; 2] = [VERSION_3, 0];
    // Effective, permitted and inheritable, the lower half first.
    let sets: [u32; 6] = [set, set, 0, 0, 0, 0];
    // SAFETY: both are as long as version 3 has them and outlive the call, which only reads them.
    let result = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Returns the real, effective and saved user.
pub(super) fn users() -> io::Result<[u32; 3]> {
    let (mut real, mut effective, mut saved) = (0, 0, 0);
    // SAFETY: all three are writable for the call.
    done(unsafe { libc::getresuid(&raw mut real, &raw mut effective, &raw mut saved) })?;
    Ok([real, effective, saved])
}

/// Returns the real, effective and saved group.
pub(super) fn groups() -> io::Result<[u32; 3]> {
    let (mut real, mut effective, mut saved) = (0, 0, 0);
    // SAFETY: all three are writable for the call.
    done(unsafe { libc::getresgid(&raw mut real, &raw mut effective, &raw mut saved) })?;
    Ok([real, effective, saved])
}

/// Returns the limit on open files.
pub(crate) fn files_limit() -> io::Result<FilesLimit> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is writable for the call.
    done(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) })?;
    Ok(FilesLimit { soft: limit.rlim_cur, hard: limit.rlim_max })
}

/// Sets the limit on open files.
pub(super) fn set_files_limit(limit: FilesLimit) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: limit.soft, rlim_max: limit.hard };
    // SAFETY: `limit` is a complete rlimit that outlives the call.
    done(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) })
}

/// Sets the limit on data (`RLIMIT_DATA`), in bytes.
pub(super) fn set_data_limit(bytes: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: `limit` is a complete rlimit that outlives the call.
    done(unsafe { libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) })
}

/// Returns the bytes of the process that count towards the limit on data, and those of its main stack.
pub(super) fn data_size() -> io::Result<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages = statm.split_ascii_whitespace().nth(5).and_then(|pages| pages.parse::<u64>().ok());
    let pages = pages.ok_or(io::ErrorKind::InvalidData)?;
    // SAFETY: the call takes a number.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Ok(pages.saturating_mul(u64::try_from(size).map_err(|_| io::Error::last_os_error())?))
}

/// Has all threads allocate from one heap, so that none keeps what it has freed from the others. glibc gives each a heap of
/// its own, which does not become smaller for the limit on data.
pub(super) fn share_freed_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: the call takes numbers. It fails only for values that are out of range.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Maps memory that counts towards the limit on data, and that nothing else uses.
pub(super) fn map(length: usize) -> io::Result<*mut u8> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: the system chooses an address where nothing is mapped.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), length, access, kind, -1, 0) };
    if memory == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(memory.cast()) }
}

/// Unmaps memory of [`map`], of the same length, that nothing uses.
pub(super) fn unmap(memory: *mut u8, length: usize) {
    // SAFETY: both callers have taken the address out of the only place that had it, and nothing was ever stored there.
    unsafe {
        libc::munmap(memory.cast(), length);
    }
}

/// Has no program that this thread, or one that it makes, executes get more rights than it has (setuid files).
pub(super) fn keep_privileges_down() -> io::Result<()> {
    let (yes, unused): (libc::c_ulong, libc::c_ulong) = (1, 0);
    // SAFETY: the call takes numbers.
    done(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, yes, unused, unused, unused) })
}

/// Has the user of this process make no further processes and threads, unless it has all rights.
pub(super) fn forbid_processes() -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is read during the call only.
    done(unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &raw const limit) })
}

/// Returns the CPUs that this thread may run on.
pub(super) fn affinity() -> io::Result<CpuSet> {
    let mut words = [0_u64; CpuSet::WORDS];
    let size = size_of_val(&words);
    // SAFETY: `words` is writable for `size` bytes; the kernel's bits are those of its words of 64 on Linux's 64-bit
    // machines, and on little-endian 32-bit ones. It writes no more than it has, and leaves the rest.
    done(unsafe { libc::sched_getaffinity(0, size, words.as_mut_ptr().cast()) })?;
    Ok(CpuSet::from_words(words))
}

/// Sets the CPUs that this thread may run on.
pub(super) fn set_affinity(cpus: &CpuSet) -> io::Result<()> {
    let words = cpus.words();
    // SAFETY: `words` is readable for its size; its layout is as in `affinity`.
    done(unsafe { libc::sched_setaffinity(0, size_of_val(words), words.as_ptr().cast()) })
}

/// Converts the result of a call that returns -1 for an error.
fn done(result: c_int) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Runs a function in a child process of one thread and returns its result, for tests of what a process can do only
/// once, or only to itself.
#[cfg(test)]
pub(super) fn in_child(run: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    use std::io::{Read as _, Write as _};
    let (mut reader, mut writer) = std::io::pipe().map_err(|error| error.to_string())?;
    // SAFETY: glibc makes its own locks usable in the child. `run` takes no lock that another thread of the test
    // program may hold: it neither prints nor panics outside `catch_unwind`, and the child ends without destructors.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error().to_string()),
        0 => {
            drop(reader);
            let run = std::panic::AssertUnwindSafe(run);
            let result = std::panic::catch_unwind(run).unwrap_or_else(|_| Err("it panicked".to_owned()));
            let told = result.as_ref().err().map_or(Ok(()), |why| writer.write_all(why.as_bytes()));
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(i32::from(result.is_err() || told.is_err())) }
        }
        child => {
            drop(writer);
            let mut why = String::new();
            reader.read_to_string(&mut why).map_err(|error| error.to_string())?;
            match Child(child).wait() {
                Ok(status) if status.success() => Ok(()),
                Ok(status) => Err(format!("{status}: {why}")),
                Err(error) => Err(error.to_string()),
            }
        }
    }
}

/// Sends a signal to this process.
#[cfg(test)]
pub(super) fn raise(signal: c_int) -> io::Result<()> {
    // SAFETY: no memory is involved.
    done(unsafe { libc::kill(libc::getpid(), signal) })
}

/// Adds the process to supplementary groups.
#[cfg(test)]
pub(super) fn join_groups(ids: &[u32]) -> io::Result<()> {
    // SAFETY: `ids` is readable for its length.
    done(unsafe { libc::setgroups(ids.len(), ids.as_ptr()) })
}
