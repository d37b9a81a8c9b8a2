//! The meaning of expressions, and the time that they take.

use proxy_config::Sources;

use super::*;

fn regex(text: &str) -> Regex {
    let span = Sources::span(Sources::default().add("", ""), 1, 0, 0);
    Regex::new(text, Flavour::default(), span).unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
}

/// Compared with HAProxy 3.5 and PCRE2 10.42.
#[test]
fn they_mean_what_pcre2_does() {
    for (text, fitting, other) in [
        // Plain characters, which other engines take for word boundaries.
        (r"\<script\>", "x<script>x", "/script/"),
        ("[a&&b]", "&", "c"),
        ("[a~~b]", "~", "c"),
        // This never matches: a possessive quantifier does not backtrack.
        ("^a*+a", "", "aaa"),
        ("x{", "x{", "x"),
        (r"\Qa.b\E", "a.b", "axb"),
        (r"a\hb", "a\tb", "ab"),
        (r"a\Rb", "a\r\nb", "a b"),
        (r"\e", "\u{1b}", "e"),
        (r"\101", "A", "101"),
        ("(?>a*)b", "aab", "aa"),
        ("a(?#nothing)b", "ab", "a"),
        (r"^(.)\1$", "aa", "ab"),
        ("^/(?!admin)", "/x", "/admin"),
        ("(?<=/)x", "/x", "x"),
        ("^.$", "a", "ab"),
        ("(?i)abc", "ABC", "ab"),
    ] {
        let regex = regex(text);
        if !fitting.is_empty() {
            assert_eq!(regex.is_match(fitting.as_bytes()), Ok(true), "{text} on {fitting:?}");
        }
        assert_eq!(regex.is_match(other.as_bytes()), Ok(false), "{text} on {other:?}");
    }
    // Bytes, not characters.
    assert_eq!(regex("^..$").is_match("ä".as_bytes()), Ok(true));
    assert_eq!(regex(r"^\xff$").is_match(b"\xff"), Ok(true));
    // `$` matches before a line feed at the end.
    assert_eq!(regex("^a$").is_match(b"a\n"), Ok(true));
}

#[test]
fn the_first_match_is_found_in_whatever_piece_it_is() {
    let mut subject = vec![b'a'; 40_000];
    subject[33_333..33_336].copy_from_slice(b"xyz");
    let groups = regex("x(y)z").groups(&subject).unwrap().unwrap();
    assert_eq!((groups.place(), groups.get(1)), ((33_333, 33_336), Some(&b"y"[..])));
    // A lookbehind sees what precedes a piece.
    assert_eq!(regex("(?<=aax)y").groups(&subject).unwrap().unwrap().place(), (33_334, 33_335));
    assert_eq!(regex("^x").is_match(&subject), Ok(false));
    assert_eq!(regex("z.*$").groups(&subject).unwrap().unwrap().place(), (33_335, 40_000));
}

/// Expressions that take unbounded time elsewhere, with subjects constructed for them. Each is known to need minutes or
/// more with PCRE2 alone.
#[test]
fn a_match_ends_within_its_budget() {
    let many = |text: &str, times: usize| text.repeat(times).into_bytes();
    let mut longest = Duration::ZERO;
    for (text, subject) in [
        ("^(a+)+$", [many("a", 64), many("b", 1)].concat()),
        ("^(a|aa)+$", [many("a", 16_000), many("b", 1)].concat()),
        ("(x+x+)+y", many("x", 16_000)),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", many("a", 16_000)),
        ("[ab]*[ab]*[ab]*c", many("ab", 8_000)),
        (".*.*.*=.*", many("x", 16_000)),
        ("(?:[a-y]*1|[a-y]*2|[a-y]*3|[a-y]*4|[a-y]*5|[a-y]*6|[a-y]*7|[a-y]*8)", many("a", 16_000)),
        (r"(?=(a+))a*b\1", many("a", 16_000)),
        ("(a?){60}a{60}", many("a", 59)),
        (r"^(\w+\s?)*$", [many("word ", 3000), many("!", 1)].concat()),
    ] {
        let regex = regex(text);
        // The best of several runs, since other programs run at the same time.
        let took = (0..5).map(|_| {
            let begun = Instant::now();
            let _ = regex.is_match(&subject);
            begun.elapsed()
        });
        let took = took.min().unwrap_or_default();
        println!("{took:?} {text}");
        longest = longest.max(took);
    }
    assert!(longest < Duration::from_millis(3), "{longest:?}");
    assert_eq!(regex("^(a+)+$").is_match(&[many("a", 64), many("b", 1)].concat()), Err(Failed));
    assert!(failures() > 0);
}

/// The expressions of ordinary rules stay far from the budget, on the longest fields.
#[test]
fn ordinary_expressions_never_fail() {
    let cookie = "name=value; session=0123456789abcdef; ".repeat(420).into_bytes();
    let path = format!("/{}", "segment/".repeat(2000)).into_bytes();
    for (text, subject) in [
        (r"(^|;\s*)sid=([^;]*)", &cookie),
        (r"^(?:[^;]*;)*\s*sid=", &cookie),
        (r"\.(jpe?g|png|gif|css|js)(\?.*)?$", &path),
        (r"^/(.*)/(.*)$", &path),
        ("(?i)<script|union.*select|\\.\\./", &path),
        ("segment/$", &path),
    ] {
        let regex = regex(text);
        let begun = Instant::now();
        let found = regex.is_match(subject);
        println!("{:?} {text} {found:?}", begun.elapsed());
        assert!(found.is_ok(), "{text}");
    }
}
