//! The meaning of expressions, and the work that they do.

use std::time::{Duration, Instant};

use proxy_config::Sources;

use super::*;

fn is_match(regex: &Regex, subject: &[u8]) -> Result<bool, Failed> {
    regex.is_match(subject, &Budget::default())
}

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
            assert_eq!(is_match(&regex, fitting.as_bytes()), Ok(true), "{text} on {fitting:?}");
        }
        assert_eq!(is_match(&regex, other.as_bytes()), Ok(false), "{text} on {other:?}");
    }
    // Bytes, not characters.
    assert_eq!(is_match(&regex("^..$"), "ä".as_bytes()), Ok(true));
    assert_eq!(is_match(&regex(r"^\xff$"), b"\xff"), Ok(true));
    // `$` matches before a line feed at the end.
    assert_eq!(is_match(&regex("^a$"), b"a\n"), Ok(true));
}

#[test]
fn the_first_match_is_found_in_whatever_piece_it_is() {
    let mut subject = vec![b'a'; 40_000];
    subject[33_333..33_336].copy_from_slice(b"xyz");
    let groups = regex("x(y)z").groups(&subject, &Budget::default()).unwrap().unwrap();
    assert_eq!((groups.place(), groups.get(1)), ((33_333, 33_336), Some(&b"y"[..])));
    // A lookbehind sees what precedes a piece.
    assert_eq!(
        regex("(?<=aax)y").groups(&subject, &Budget::default()).unwrap().unwrap().place(),
        (33_334, 33_335)
    );
    assert_eq!(is_match(&regex("^x"), &subject), Ok(false));
    assert_eq!(
        regex("z.*$").groups(&subject, &Budget::default()).unwrap().unwrap().place(),
        (33_335, 40_000)
    );
}

#[test]
fn characters_are_not_divided() {
    let subject = "ä".repeat(20_000) + "é";
    for text in ["(*UTF)é", "(*UTF).$", "(*UTF)[^ä]"] {
        let groups = regex(text).groups(subject.as_bytes(), &Budget::default()).unwrap().unwrap();
        assert_eq!(groups.place(), (40_000, 40_002), "{text}");
    }
    assert_eq!(is_match(&regex("(*UTF)^.$"), "ä".as_bytes()), Ok(true));
    // HAProxy takes an error of the library for no match, too.
    assert_eq!(is_match(&regex("(*UTF)."), b"a\xff"), Ok(false));
}

#[test]
fn the_start_of_a_search_is_refused() {
    let span = Sources::span(Sources::default().add("", ""), 1, 0, 0);
    let problem = Regex::new(r"x|\Gb", Flavour::default(), span).unwrap_err();
    assert_eq!(problem.message, r"'\G' in 'x|\Gb' is not supported");
    assert_eq!(is_match(&regex(r"a\\Gb"), br"a\Gb"), Ok(true));
}

/// Expressions that take unbounded time elsewhere, with subjects constructed for them. Each is known to need minutes or
/// more with PCRE2 alone.
fn slow_ones() -> Vec<(&'static str, Vec<u8>)> {
    let many = |text: &str, times: usize| text.repeat(times).into_bytes();
    vec![
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
    ]
}

#[test]
fn a_search_is_interrupted_after_each_piece() {
    for (text, subject) in slow_ones() {
        for most in 1..5 {
            let mut count = 0;
            let found = regex(text).run(&subject, 0, || {
                count += 1;
                count == most
            });
            let is_interrupted = found.is_err();
            assert!(is_interrupted && count == most || !is_interrupted && count < most, "{text}");
        }
    }
}

/// What one piece may do between two looks at the clock is bounded, whatever the expression.
#[test]
fn a_piece_does_no_more_than_all_before_it_and_the_first_once_more() {
    for length in [0, 1, 100, 16_000, 1 << 20] {
        let subject = vec![b'a'; length];
        for text in ["(x+x+)+y", "^(a+)+$"] {
            let code = regex(text).code;
            let mut pieces = Pieces::new(&subject, &code);
            let (mut sum, mut most) = (0, 0);
            for turn in 0..20 {
                let (first, last, steps) = pieces.next();
                let starts = if code.is_anchored() { 1 } else { last - first + 1 };
                assert!(starts == 1 || starts * length <= 1 << 18 || starts <= length / 1024, "{length}");
                let work = starts as u64 * u64::from(steps);
                if turn == 0 {
                    most = work;
                }
                assert!(work <= sum + most, "{length}: {work} after {sum}");
                sum += work;
                pieces.refine();
            }
        }
    }
}

#[test]
fn the_time_of_a_context_is_shared() {
    let (slow, subject) = (regex("^(a+)+$"), [vec![b'a'; 64], vec![b'b']].concat());
    let budget = Budget::default();
    let count = (0..100).filter(|_| slow.is_match(&subject, &budget) == Err(Failed)).count();
    assert_eq!(count, 100);
    // Whatever follows fails at once.
    assert_eq!(regex("b").is_match(&subject, &budget), Err(Failed));
    assert_eq!(is_match(&regex("b"), &subject), Ok(true));
    assert!(failures() > 100);
}

/// Runs content rules that consist of an expression once for each arrival, and returns the last result.
fn on_each_arrival<'s>(regex: &Regex, arrivals: impl Iterator<Item = &'s [u8]>) -> Result<bool, Failed> {
    let mut left = TimeLeft::default();
    let mut result = Ok(false);
    for subject in arrivals {
        let budget = Budget::after(left);
        result = regex.is_match(subject, &budget);
        left = budget.left();
    }
    result
}

#[test]
fn further_runs_have_what_earlier_ones_have_left() {
    const ARRIVALS: usize = 1000;
    let (slow, subject) = (regex("^(a+)+$"), [vec![b'a'; 64], vec![b'b']].concat());
    let begun = sys::processor_time();
    assert_eq!(on_each_arrival(&slow, std::iter::repeat_n(&*subject, ARRIVALS)), Err(Failed));
    let each = (sys::processor_time() - begun) / u32::try_from(ARRIVALS).unwrap();
    // A run alone has more.
    assert!(each < Duration::from_micros(200), "{each:?}");
}

/// A client may send the longest text in single bytes.
#[test]
fn further_runs_of_ordinary_expressions_never_fail() {
    let text = "GET /segment/segment/index.html HTTP/1.1\r\n".repeat(100).into_bytes();
    let arrivals = || (0..text.len()).map(|end| &text[..end]);
    for expression in ["union.*select", r"^[A-Z]+ [^ ]+ HTTP/1\.0", r"\.(jpe?g|png)$"] {
        assert_eq!(on_each_arrival(&regex(expression), arrivals()), Ok(false), "{expression}");
    }
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
        let found = is_match(&regex, subject);
        println!("{:?} {text} {found:?}", begun.elapsed());
        assert!(found.is_ok(), "{text}");
    }
}
