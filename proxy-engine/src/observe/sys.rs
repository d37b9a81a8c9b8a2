//! The one system interface that the standard library lacks: the local time.
#![allow(unsafe_code, reason = "calls into libc")]

use std::mem::MaybeUninit;

/// A moment as clocks here show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalTime {
    pub(crate) year: i32,
    /// From 0.
    pub(crate) month: usize,
    pub(crate) day: i32,
    pub(crate) hour: i32,
    pub(crate) minute: i32,
    pub(crate) second: i32,
}

/// Seconds since 1970 in the time zone of the process (`localtime_r(3)`); `None` if the year does not fit.
pub(crate) fn local_time(seconds: i64) -> Option<LocalTime> {
    let mut broken_down = MaybeUninit::<libc::tm>::uninit();
    // SAFETY: both pointers lead to memory of this call's own, for as long as it takes; the function keeps neither.
    let result = unsafe { libc::localtime_r(&raw const seconds, broken_down.as_mut_ptr()) };
    if result.is_null() {
        return None;
    }
    // SAFETY: it succeeded, so it has filled in the whole structure.
    let tm = unsafe { broken_down.assume_init() };
    Some(LocalTime {
        year: tm.tm_year + 1900,
        month: usize::try_from(tm.tm_mon).ok()?,
        day: tm.tm_mday,
        hour: tm.tm_hour,
        minute: tm.tm_min,
        second: tm.tm_sec,
    })
}
