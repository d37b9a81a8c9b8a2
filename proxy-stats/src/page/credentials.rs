//! Users and passwords: `stats auth`, and the field `Authorization` of the scheme Basic (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proxy_http::Request;

/// A user and the password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials(String);

/// Does not show the password.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

impl Credentials {
    /// Reads `user:password`.
    pub(super) fn parse(text: &str) -> Option<Credentials> {
        text.contains(':').then(|| Credentials(text.to_owned()))
    }

    /// Returns whether a request has these credentials.
    fn are_in(&self, given: &[u8]) -> bool {
        let own = self.0.as_bytes();
        // The time tells nothing but the length.
        own.len() == given.len()
            && own.iter().zip(given).fold(0, |all, (one, other)| all | (one ^ other)) == 0
    }
}

/// Returns whether a request has the credentials of one of the users.
pub(super) fn is_known(request: &Request, users: &[Credentials]) -> bool {
    let Some(field) = request.fields().get(b"authorization") else { return false };
    let Some((scheme, encoded)) = field.iter().position(u8::is_ascii_whitespace).map(|at| field.split_at(at))
    else {
        return false;
    };
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return false;
    }
    let Ok(given) = STANDARD.decode(encoded.trim_ascii()) else { return false };
    // All users are compared, so that the time does not tell which one it was.
    users.iter().fold(false, |known, user| known | user.are_in(&given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_is_accepted() {
        let users = ["a:b", "long:er:one"].map(|text| Credentials::parse(text).unwrap());
        let with = |value: &str| {
            let mut request = Request::new();
            request.fields_mut().add(b"authorization", value.as_bytes()).unwrap();
            is_known(&request, &users)
        };
        let encoded = |text: &str| STANDARD.encode(text);
        assert!(with(&format!("Basic {}", encoded("a:b"))));
        assert!(with(&format!("basic  {}", encoded("long:er:one"))));
        for other in ["a:c", "a:b2", "a", "", ":", "b:a"] {
            assert!(!with(&format!("Basic {}", encoded(other))), "{other}");
        }
        for value in ["Basic", "Basic !", "Bearer YTpi", "YTpi", ""] {
            assert!(!with(value), "{value}");
        }
        assert!(!is_known(&Request::new(), &users));
        assert!(Credentials::parse("nobody").is_none());
    }
}
