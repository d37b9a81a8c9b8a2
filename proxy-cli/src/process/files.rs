//! `ulimit-n`, `strict-limits`: descriptors, and how many connections they suffice for.
//!
//! A connection takes two, one for each side; what the process needs besides is the caller's to count.

use std::io;

use super::sys::{self, FilesLimit};

/// Descriptors without which the process does not do what was configured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilesError {
    /// The system does not say what the limit is.
    #[error("cannot learn the limit on open files")]
    Learn(#[source] io::Error),
    /// It is lower than wanted and cannot be raised.
    #[error(
        "cannot raise the limit on open files to {wanted}: it is {}, and at most {}; without 'maxconn' and 'ulimit-n' \
         both are chosen to fit",
        limit.soft, limit.hard
    )]
    Raise {
        wanted: u64,
        limit: FilesLimit,
        #[source]
        source: io::Error,
    },
    /// `ulimit-n` is too low for `maxconn`.
    #[error("the limit on open files, {}, is too low: {needed} are needed", limit.soft)]
    TooLow { needed: u64, limit: FilesLimit },
}

/// How raising the limit went.
#[derive(Debug)]
pub(crate) struct Raised {
    /// The limit as it is now.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests look at it"))]
    pub(crate) limit: FilesLimit,
    /// What is missing, with `no strict-limits`: warnings.
    pub(crate) missing: Vec<FilesError>,
}

/// Raises the limit on open files to what was asked for with `ulimit-n`, else to what is needed. It is never lowered.
///
/// # Errors
/// When that is refused, or does not suffice, and `strict` is set; else both are in [`Raised::missing`].
pub(crate) fn raise_files_limit(needed: u64, asked: Option<u64>, strict: bool) -> Result<Raised, FilesError> {
    let before = sys::files_limit().map_err(FilesError::Learn)?;
    let wanted = asked.unwrap_or(needed);
    let mut missing = Vec::new();
    if before.soft < wanted {
        let target = FilesLimit { soft: wanted, hard: before.hard.max(wanted) };
        if let Err(source) = sys::set_files_limit(target) {
            let error = FilesError::Raise { wanted, limit: before, source };
            if strict {
                return Err(error);
            }
            // As far as it goes; if that is refused as well it stays as it was.
            let _ = sys::set_files_limit(FilesLimit { soft: before.hard, ..before });
            missing.push(error);
        }
    }
    let limit = sys::files_limit().map_err(FilesError::Learn)?;
    if limit.soft < needed {
        let error = FilesError::TooLow { needed, limit };
        if strict {
            return Err(error);
        }
        missing.push(error);
    }
    Ok(Raised { limit, missing })
}

/// Descriptors for so many connections beside those that are `reserved` for other things.
pub(crate) fn files_for(connections: usize, reserved: usize) -> u64 {
    (connections as u64).saturating_mul(2).saturating_add(reserved as u64)
}

/// `maxconn` where nothing is said: what the descriptors suffice for that the process can have, and at least 1, with
/// which raising the limit fails if there are none for it. HAProxy takes on at least 100; Braid keeps more descriptors
/// for other things, and would not start in places where HAProxy does. `asked` is `ulimit-n`, which HAProxy takes no notice of here and then often does not start.
///
/// # Errors
/// When the system does not say what the limit is.
pub(crate) fn automatic_maxconn(asked: Option<u64>, reserved: usize) -> Result<usize, FilesError> {
    let limit = sys::files_limit().map_err(FilesError::Learn)?;
    Ok(connections_in(limit, asked, reserved))
}

/// Descriptors that are used without being asked for: service managers hand out limits of a billion, and what is
/// sized by the limit would be as well. HAProxy's number.
const MOST_FILES: u64 = 1 << 20;

fn connections_in(limit: FilesLimit, asked: Option<u64>, reserved: usize) -> usize {
    let files = limit.soft.max(limit.hard).min(asked.unwrap_or(MOST_FILES));
    let connections = files.saturating_sub(reserved as u64) / 2;
    usize::try_from(connections.max(1)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_follow_the_higher_limit_within_reason() {
        let of = |soft, hard, asked| connections_in(FilesLimit { soft, hard }, asked, 200);
        assert_eq!(of(1024, 20_200, None), 10_000);
        assert_eq!(of(1024, 1024, None), 412);
        assert_eq!(of(1024, 1 << 30, None), (MOST_FILES as usize - 200) / 2);
        assert_eq!(of(1024, 1 << 30, Some(2_000_200)), 1_000_000, "a limit that is asked for may be higher");
        assert_eq!(of(1024, 20_200, Some(1200)), 500);
        assert_eq!(of(300, 300, None), 50, "few are better than no start");
        assert_eq!(of(64, 64, None), 1, "and at least one");
        assert_eq!(files_for(10_000, 200), 20_200);
    }
}
