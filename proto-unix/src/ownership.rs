//! The owner and the permissions of a socket file: the bind keywords `mode`, `uid`, `gid`, `user` and `group`.

use proto_core::accounts;
use proto_core::extension::{Keyword, KeywordError, Scope, Words};
use proto_core::spec::Settings;

/// The mode, owner and group of a socket file; `None` leaves what the system sets (mode 0777 less the umask).
///
/// It is a value in [`Settings::extensions`]; each keyword changes its part, so defaults can be applied before a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// The permission bits. Connecting requires write permission.
    pub mode: Option<u32>,
    /// The user id.
    pub uid: Option<u32>,
    /// The group id.
    pub gid: Option<u32>,
}

impl Ownership {
    fn change(settings: &mut Settings, change: impl FnOnce(&mut Ownership)) {
        let mut ownership = settings.extensions.get::<Ownership>().copied().unwrap_or_default();
        change(&mut ownership);
        settings.extensions.insert(ownership);
    }
}

const fn keyword(
    name: &'static str,
    arguments: &'static [&'static str],
    help: &'static str,
    apply: fn(&mut Settings, &Words<'_>) -> Result<(), KeywordError>,
) -> Keyword {
    Keyword { name, scope: Scope::Bind, of: Some(&["unix"]), arguments, optional: None, help, apply }
}

/// The keywords of bind lines.
pub(crate) const KEYWORDS: &[Keyword] = &[
    keyword("gid", &["<gid>"], "group id of the socket file", |to, args| {
        let gid = id(args[0])?;
        Ownership::change(to, |ownership| ownership.gid = gid);
        Ok(())
    }),
    keyword("group", &["<group>"], "group of the socket file, by name", |to, args| {
        let gid = named(args[0], "group", accounts::group_id)?;
        Ownership::change(to, |ownership| ownership.gid = Some(gid));
        Ok(())
    }),
    keyword("mode", &["<mode>"], "permissions of the socket file, octal", |to, args| {
        let mode = mode(args[0])?;
        Ownership::change(to, |ownership| ownership.mode = mode);
        Ok(())
    }),
    keyword("uid", &["<uid>"], "user id of the socket file", |to, args| {
        let uid = id(args[0])?;
        Ownership::change(to, |ownership| ownership.uid = uid);
        Ok(())
    }),
    keyword("user", &["<user>"], "owner of the socket file, by name", |to, args| {
        let uid = named(args[0], "user", accounts::user_id)?;
        Ownership::change(to, |ownership| ownership.uid = Some(uid));
        Ok(())
    }),
];

/// Reads a mode; 0 is HAProxy's "not set".
fn mode(text: &str) -> Result<Option<u32>, KeywordError> {
    let octal = text.bytes().all(|b| matches!(b, b'0'..=b'7'));
    match u32::from_str_radix(text, 8) {
        Ok(mode) if octal && mode <= 0o7777 => Ok((mode != 0).then_some(mode)),
        _ => Err(KeywordError::first(text, "an octal mode from 0 to 7777, such as 660")),
    }
}

/// Reads an id; -1, which no user or group has, is HAProxy's "not set" and that of `chown(2)`.
fn id(text: &str) -> Result<Option<u32>, KeywordError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u32>() {
        _ if text == "-1" => Ok(None),
        Ok(id) if digits && id != u32::MAX => Ok(Some(id)),
        _ => Err(KeywordError::first(text, format!("a number from 0 to {}", u32::MAX - 1))),
    }
}

fn named(
    name: &str,
    what: &str,
    look_up: fn(&str) -> std::io::Result<Option<u32>>,
) -> Result<u32, KeywordError> {
    match look_up(name) {
        Ok(Some(id)) => Ok(id),
        Ok(None) => Err(KeywordError::first(name, format!("the name of a {what} of this system"))),
        Err(error) => Err(KeywordError::first(
            name,
            format!("a {what} that could be looked up on this system: {error}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(lines: &[(&str, &str)]) -> Result<Ownership, KeywordError> {
        let mut settings = Settings::default();
        for (name, argument) in lines {
            let keyword = KEYWORDS.iter().find(|keyword| keyword.name == *name).unwrap();
            (keyword.apply)(&mut settings, &Words::new(&[argument]))?;
        }
        Ok(settings.extensions.get::<Ownership>().copied().unwrap_or_default())
    }

    #[test]
    fn each_keyword_changes_its_part() {
        let all = apply(&[("mode", "660"), ("user", "root"), ("gid", "7"), ("mode", "0600")]).unwrap();
        assert_eq!(all, Ownership { mode: Some(0o600), uid: Some(0), gid: Some(7) });
        assert_eq!(apply(&[("group", "root")]).unwrap().gid, Some(0));
        assert_eq!(apply(&[("uid", "5"), ("uid", "-1"), ("mode", "0")]).unwrap(), Ownership::default());
    }

    #[test]
    fn mistakes_say_what_was_expected() {
        for (name, argument) in
            [("mode", "0o660"), ("mode", "888"), ("mode", ""), ("mode", "+7"), ("mode", "77777")]
        {
            let error = apply(&[(name, argument)]).unwrap_err();
            assert!(error.expected.contains("octal"), "{error}");
        }
        for argument in ["", "x", "+1", "4294967295", "1 "] {
            assert!(apply(&[("uid", argument)]).is_err(), "{argument}");
        }
        let error = apply(&[("group", "no such group")]).unwrap_err();
        assert_eq!(error.to_string(), "'no such group' is not the name of a group of this system");
        assert!(apply(&[("user", "a\0b")]).is_err());
    }
}
