//! Users and groups of the system, by name.
#![allow(unsafe_code, reason = "the lookups call libc, and this module contains nothing else")]

use std::ffi::{CStr, CString, c_char};
use std::io;
use std::mem::MaybeUninit;

use libc::c_int;

/// Returns the id of the user with this name, or `None` if there is no such user.
///
/// # Errors
/// Returns the system's error if the user database cannot be read.
pub fn user_id(name: &str) -> io::Result<Option<u32>> {
    look_up(name, |name, buffer| {
        let mut entry = MaybeUninit::<libc::passwd>::uninit();
        let mut found = std::ptr::null_mut();
        // SAFETY: `name` is a C string, `entry` and `buffer` are writable for their sizes; all outlive the call.
        let error = unsafe {
            libc::getpwnam_r(
                name.as_ptr(),
                entry.as_mut_ptr(),
                buffer.as_mut_ptr(),
                buffer.len(),
                &raw mut found,
            )
        };
        // SAFETY: a result that is not null points to `entry`, which was then filled.
        (error, (!found.is_null()).then(|| unsafe { (*found).pw_uid }))
    })
}

/// Returns the id of the group with this name, or `None` if there is no such group.
///
/// # Errors
/// Returns the system's error if the group database cannot be read.
pub fn group_id(name: &str) -> io::Result<Option<u32>> {
    look_up(name, |name, buffer| {
        let mut entry = MaybeUninit::<libc::group>::uninit();
        let mut found = std::ptr::null_mut();
        // SAFETY: as in `user_id`.
        let error = unsafe {
            libc::getgrnam_r(
                name.as_ptr(),
                entry.as_mut_ptr(),
                buffer.as_mut_ptr(),
                buffer.len(),
                &raw mut found,
            )
        };
        // SAFETY: as in `user_id`.
        (error, (!found.is_null()).then(|| unsafe { (*found).gr_gid }))
    })
}

/// Calls `call` with larger and larger buffers until the system no longer reports that the buffer is too small.
fn look_up(
    name: &str,
    mut call: impl FnMut(&CStr, &mut [c_char]) -> (c_int, Option<u32>),
) -> io::Result<Option<u32>> {
    /// Buffer sizes in bytes. The first is what glibc advises; the last is enough for a group with very many members.
    const SIZES: [usize; 4] = [1 << 10, 1 << 14, 1 << 17, 1 << 20];
    let Ok(name) = CString::new(name) else { return Ok(None) };
    for size in SIZES {
        match call(&name, &mut vec![0; size]) {
            (_, Some(id)) => return Ok(Some(id)),
            (libc::ERANGE, None) => {}
            // What systems return for a name that does not exist, according to getpwnam(3).
            (0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM, None) => return Ok(None),
            (error, None) => return Err(io::Error::from_raw_os_error(error)),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ERANGE))
}
