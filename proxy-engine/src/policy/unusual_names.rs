//! `option http-restrict-req-hdr-names`.

/// How request fields are handled whose name has other characters than letters, digits and `-`. Some servers replace
/// those with `_` or remove them, so that a field passes for another one.
///
/// Frontend and backend each have their own, which is applied after their rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnusualNames {
    /// The fields are forwarded.
    #[default]
    Preserve,
    /// The fields are removed.
    Delete,
    /// The request is answered with 403.
    Reject,
}

impl UnusualNames {
    /// Returns whether a name has such characters.
    pub fn is_unusual(name: &[u8]) -> bool {
        !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    }
}
