//! UNIX addresses in the kernel's form, and the temporary names of socket files.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use proto_core::address::{UNIX_PATH_MAX, UnixAddress};
use socket2::SockAddr;

/// Returns the address in the kernel's form. Abstract names begin with a zero byte; a padded one is followed by zeros
/// to the end of `sun_path`, and since the length is part of the name (`unix(7)`), it never equals one that is not
/// padded.
///
/// # Errors
/// Returns an error if it does not fit, or if there is no name.
pub(crate) fn to_system(address: &UnixAddress) -> io::Result<SockAddr> {
    match address {
        UnixAddress::Path(path) => SockAddr::unix(path),
        UnixAddress::Abstract { name, padded } => {
            let mut bytes = Vec::with_capacity(UNIX_PATH_MAX + 1);
            bytes.push(0);
            bytes.extend_from_slice(name.as_bytes());
            if *padded {
                bytes.resize(bytes.len().max(UNIX_PATH_MAX + 1), 0);
            }
            SockAddr::unix(OsStr::from_bytes(&bytes))
        }
        UnixAddress::Unnamed => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Returns the temporary name beside a path: `path.PID.tmp`, with the process id in base 36.
///
/// In that base the largest process id of Linux (4194304) has five characters, so that every path which the address
/// language accepts has room for it.
pub(crate) fn temporary(path: &Path, pid: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", base36(pid)));
    PathBuf::from(name)
}

/// Returns the path for which a socket was bound. A socket keeps the name that it was bound to when its file is
/// renamed (Linux 6.18), so one that is inherited from HAProxy or another Braid reports the temporary name.
pub(crate) fn published(path: &Path) -> PathBuf {
    let bytes = path.as_os_str().as_bytes();
    let stem = bytes.strip_suffix(b".tmp").and_then(|rest| {
        let dot = rest.iter().rposition(|b| *b == b'.')?;
        let id = &rest[dot + 1..];
        // HAProxy's ids are decimal, ours begin with a digit or a lower-case letter; anything longer is part of a real
        // name.
        let is_id = !id.is_empty()
            && id.len() <= 7
            && id.iter().all(|b| b.is_ascii_digit() || (id.len() <= 5 && b.is_ascii_lowercase()));
        (is_id && dot > 0 && rest[dot - 1] != b'/').then(|| rest[..dot].to_vec())
    });
    match stem {
        Some(stem) => PathBuf::from(std::ffi::OsString::from_vec(stem)),
        None => path.to_owned(),
    }
}

fn base36(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.extend(char::from_digit(number % 36, 36));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_names_fit_and_give_the_path_back() {
        let path = Path::new("/run/braid/stats.sock");
        for pid in [1, 35, 36, 99_999, 4_194_304] {
            let temporary = temporary(path, pid);
            assert!(temporary.as_os_str().len() <= path.as_os_str().len() + 10, "{temporary:?}");
            assert_eq!(published(&temporary), path);
        }
        assert_eq!(published(Path::new("/run/a.4194304.tmp")), Path::new("/run/a"));
        for own in ["/run/a.tmp", "/run/.12.tmp", "/run/a.socket.tmp", "/run/a.12", "/run/a.AB.tmp", ".1.tmp"]
        {
            assert_eq!(published(Path::new(own)), Path::new(own));
        }
    }

    #[test]
    fn padding_fills_the_address() {
        let address = |padded| to_system(&UnixAddress::Abstract { name: "x".to_owned(), padded }).unwrap();
        let family = size_of::<libc::sa_family_t>() as libc::socklen_t;
        assert_eq!(address(true).len(), family + 108);
        assert_eq!(address(false).len(), family + 2);
        assert!(to_system(&UnixAddress::Unnamed).is_err());
    }
}
