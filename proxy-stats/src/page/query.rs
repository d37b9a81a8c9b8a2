//! The words after the address of the page: `/stats;csv;up`. As in HAProxy they are found wherever they are.

use super::orders::Outcome;
use crate::forms::Form;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// The form for programs, or `None` for the page.
    pub(super) asked: Asked,
    /// `;up`: without servers that are not up.
    pub(super) only_up: bool,
    /// `;no-maint`: without servers in maintenance.
    pub(super) without_maintenance: bool,
    /// `;norefresh`: the page is not loaded again.
    pub(super) no_refresh: bool,
    /// `scope=`: a part of the names of the sections that are shown.
    pub(super) part: String,
    /// `;st=`: what became of the last order.
    pub(super) outcome: Option<Outcome>,
}

/// The form that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The page.
    Page,
    /// A form for programs.
    Form(Form),
    /// The JSON schema.
    Schema,
}

/// The longest part of a name that is looked for.
const LONGEST_PART: usize = 20;

impl Query {
    /// Reads what follows the address.
    pub(super) fn read(rest: &[u8]) -> Query {
        let has = |word: &str| find(rest, word.as_bytes()).is_some();
        let asked = match () {
            () if has(";json-schema") => Asked::Schema,
            () if has(";json") => Asked::Form(Form::Json { described: false }),
            () if has(";typed") => Asked::Form(Form::Typed { described: false }),
            () if has(";csv") => Asked::Form(Form::Csv),
            () => Asked::Page,
        };
        Query {
            asked,
            only_up: has(";up"),
            without_maintenance: has(";no-maint"),
            no_refresh: has(";norefresh"),
            part: part(rest).unwrap_or_default(),
            outcome: outcome(rest),
        }
    }
}

/// Returns what `;st=` says.
fn outcome(rest: &[u8]) -> Option<Outcome> {
    const WORD: &[u8] = b";st=";
    let code = &rest[find(rest, WORD)? + WORD.len()..];
    Outcome::of_code(code.get(..4)?)
}

/// Returns the value of `scope=`, unless it has characters that no name has.
fn part(rest: &[u8]) -> Option<String> {
    const WORD: &[u8] = b"scope=";
    let value = &rest[find(rest, WORD)? + WORD.len()..];
    let end = value.iter().position(|byte| matches!(byte, b';' | b'&' | b' ')).unwrap_or(value.len());
    let value = &value[..end.min(LONGEST_PART)];
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    value.iter().all(is_of_name).then(|| String::from_utf8_lossy(value).into_owned())
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_anywhere() {
        let query = Query::read(b"?;csv;scope=b1;up");
        assert_eq!((query.asked, query.only_up, &*query.part), (Asked::Form(Form::Csv), true, "b1"));
        assert_eq!(Query::read(b";st=DENY;up").outcome, Some(Outcome::Denied));
        let query = Query::read(b";norefresh");
        assert_eq!((query.asked, query.no_refresh, query.only_up), (Asked::Page, true, false));
        assert_eq!(Query::read(b";json-schema").asked, Asked::Schema);
        assert_eq!(Query::read(b";json").asked, Asked::Form(Form::Json { described: false }));
        assert_eq!(Query::read(b"").part, "");
    }

    #[test]
    fn a_part_of_a_name_has_its_characters() {
        assert_eq!(part(b"?scope=a-b_c.d:e&x=1").as_deref(), Some("a-b_c.d:e"));
        assert_eq!(part(b"?scope=<script>"), None);
        assert_eq!(part(format!("scope={}", "a".repeat(30)).as_bytes()).map(|part| part.len()), Some(20));
    }
}
