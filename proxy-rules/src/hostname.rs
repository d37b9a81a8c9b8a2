//! The name of this machine.

use std::sync::LazyLock;

/// The name when it was first used.
pub(crate) static HOSTNAME: LazyLock<Vec<u8>> =
    LazyLock::new(|| std::os::unix::ffi::OsStringExt::into_vec(gethostname::gethostname()));
