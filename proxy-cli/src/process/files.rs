//! `ulimit-n`, `strict-limits`: the limit on open files, and the number of connections that it allows.
//!
//! A connection takes two descriptors, one for each side; the caller counts what the process needs besides.

use std::io;

use super::sys::{self, FilesLimit};

/// The process cannot have the descriptors that the configuration needs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilesError {
    /// The limit cannot be read.
    #[error("cannot determine the limit on open files")]
    Learn(#[source] io::Error),
    /// The limit is lower than wanted and cannot be raised.
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

/// The result of raising the limit.
#[derive(Debug)]
pub(crate) struct Raised {
    /// The limit after raising it.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests look at it"))]
    pub(crate) limit: FilesLimit,
    /// The errors that are only warnings with `no strict-limits`.
    pub(crate) missing: Vec<FilesError>,
}

/// Raises the limit on open files to the value of `ulimit-n`, or else to what is needed. It is never lowered.
///
/// # Errors
/// Returns an error if that is refused, or is not enough, and `strict` is set; else both are in [`Raised::missing`].
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
            // As far as possible; if that is refused as well it stays as it was.
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

/// Returns the number of descriptors for these connections and those that are `reserved` for other things.
pub(crate) fn files_for(connections: usize, reserved: usize) -> u64 {
    (connections as u64).saturating_mul(2).saturating_add(reserved as u64)
}

/// Returns the default of `maxconn`: as many connections as the process can have descriptors for, and at least 1, with
/// which raising the limit fails if there are none for it. HAProxy assumes at least 100; Braid keeps more descriptors
/// for other things, and would not start in places where HAProxy does. `asked` is `ulimit-n`, which HAProxy ignores
/// here and then often does not start.
///
/// # Errors
/// Returns an error if the limit cannot be read.
pub(crate) fn automatic_maxconn(asked: Option<u64>, reserved: usize) -> Result<usize, FilesError> {
    let limit = sys::files_limit().map_err(FilesError::Learn)?;
    Ok(connections_in(limit, asked, reserved))
}

/// The most descriptors that are used by default: service managers set limits of a billion, and what is sized by the
/// limit would be as large. HAProxy's number.
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
