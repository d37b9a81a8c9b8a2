//! Conditions with a known result: each of them was evaluated by HAProxy 3.5-dev5, too, with the same result.
//!
//! The texts are those after the tokenizer of lines.

use std::fmt::Write as _;

use proptest::prelude::*;
use proxy_config::condition::{
    ConditionErrorKind as Kind, Expression, Facts, OpensslVersion, SslLibrary, Version, evaluate,
};

/// A program like that HAProxy, optionally with an SSL library, which that HAProxy did not have.
struct Program(Option<SslLibrary>);

const PROGRAM: Program = Program(None);

impl Facts for Program {
    fn version(&self) -> Version {
        Version::parse("3.5-dev5-50872d-2").expect("a version")
    }

    fn feature(&self, name: &str) -> bool {
        ["HAVE_WORKING_TCP_MD5SIG", "LINUX_SPLICE", "SLZ", "THREAD"].contains(&name)
    }

    fn enabled(&self, name: &str) -> bool {
        ["EPOLL", "FAST-FORWARD", "GETADDRINFO", "POLL", "REUSEPORT", "SPLICE"].contains(&name)
    }

    fn defined(&self, name: &str) -> bool {
        ["A", "EMPTY"].contains(&name)
    }

    fn ssl_library(&self) -> Option<SslLibrary> {
        self.0.clone()
    }
}

/// Conditions that are true.
#[rustfmt::skip]
const TRUE: &[&str] = &[
    "1", "7", "-3", "+3", "0x10", "0X1F", "010", "99999999999999999999999", " 1", "\t1", "1 ", "1\t", "\n1",
    "!0", "!!1", "1&&1", "1 && 1", "1\t&&\t1", "1||0", "0 || 0 || 1", "1 || 0 && 0", "0 && 0 || 1",
    "1 && 0 || 1 && 1", "!0 && !0", "(1)", "( 1 )", "((1))", "!(!(1))", "(1 && 0) || 1", "1 && (0 || 1)",
    "defined(A)", "defined(\"A\")", "defined('A')", "defined(EMPTY)", "!defined(NOTHERE)", "defined(A)&&1",
    "defined || 1", "feature(THREAD)", "!feature(LUA)", "feature(PCRE2) || feature(SLZ)",
    "feature(LINUX_SPLICE)", "feature(HAVE_WORKING_TCP_MD5SIG)", "streq(,)", "streq(a,a)", "streq( a, a)",
    "streq(a b,a b)", "streq(\"a,b\",\"a,b\")", "streq(\"a,b\",'a,b')", "streq('a)','a)')",
    "streq(a\"b\"c,abc)", "streq(\"a'b\",a\\'b)", "streq('a\"b',a\\\"b)", "streq('a\\n',\"a\\\\n\")",
    "streq(\"a\\n\",a\\n)", "streq(\"a\\tb\",a\\tb)", "streq(a\\ b,a b)", "streq(\"\",'')", "streq((,()",
    "streq(é,é)", "strneq(a,b)", "!strneq(a,a)", "strstr(abc,b)", "strstr(abc,abc)", "strstr(abc,)",
    "strstr(,)", "version_atleast", "version_atleast()", "version_atleast(1)", "version_atleast(2.4)",
    "version_atleast(3.5-dev0)", "version_atleast(3.5-dev4)", "version_atleast(3.5-dev5)",
    "version_atleast(v3.5-dev3)", "version_atleast(v9)", "version_atleast(abc)", "version_atleast(3.x)",
    "version_atleast(3.5.0.0.0)", "version_atleast(3.5-dev5-50872d-2)", "version_atleast(3.5-dev5-1)",
    "version_atleast(3.5-dev5-)", "version_atleast(3.5-dev5-x-)", "version_atleast(3.5-dev5x)",
    "version_atleast(3.)", "version_atleast(-)", "version_atleast(-dev1)", "version_atleast(.)",
    "version_atleast( 3.4)", "version_atleast(3. 5-dev1)", "version_atleast(4294967297)",
    "version_atleast(\"3.4\")", "version_before(3.5)", "version_before(3.5-dev6)",
    "version_before(3.5-dev5-50872d-3)", "version_before(3.6)", "version_before(1024)",
    "version_before(-1)", "version_atleast(2.4) && version_before(4.0)",
    "1 || openssl_version_atleast(1.1.1)", "(0 && openssl_version_atleast(1.1.1)) || 1",
    "!ssllib_name_startswith(AWS-LC)", "enabled(POLL)", "enabled(EPOLL)", "enabled(SPLICE)",
    "enabled(GETADDRINFO)", "enabled(REUSEPORT)", "enabled(FAST-FORWARD)", "!enabled(NOSUCHTHING)",
    "!fips_mode()", "!fips_mode || 0",
];

/// Conditions that are false.
#[rustfmt::skip]
const FALSE: &[&str] = &[
    "", "0", "-0", "00", "0x0", "!1", "! 1", "! ! 0", "!-5", "1&&0", "0&&0", "0||0", "0 || 1 && 0",
    "!1 || !1", "((0))", "!(1)", "defined", "defined ", "defined()", "defined( A)", "defined(A )",
    "defined(NOTHERE)", "defined && 1", "(defined )", "feature", "feature()", "feature(thread)",
    "feature(THREA)", "feature(HREAD)", "feature(+THREAD)", "feature(THREAD )", "feature(LUA)",
    "feature(OPENSSL) && openssl_version_atleast(1.1.1)",
    "feature(OPENSSL) && ssllib_name_startswith(OpenSSL)", "feature(QUIC) && !feature(QUIC_OPENSSL_COMPAT)",
    "feature(NOSUCHTHING)", "streq(a,)", "streq(,a)", "streq(a,b)", "streq(a,A)", "streq(a, a)",
    "streq(a ,a)", "streq(\"a)b\",a)", "streq('a\\n',a\\n)", "streq(a\\rb,a\\nb)", "streq(a\\,b)",
    "streq(a,b\\)", "streq(\\x41,A)", "streq(\\$A,$A)", "streq(((,a)", "streq(é,e)", "strneq(a,a)",
    "strneq(,)", "strstr(abc,d)", "strstr(,a)", "version_atleast(3.5)", "version_atleast(3.5-dev6)",
    "version_atleast(3.5-rc1)", "version_atleast(3.5-pre1)", "version_atleast(1024)",
    "version_atleast(3.5-dev5-50872d-3)", "version_atleast(3.5-dev5-9)", "version_atleast(3.5-foo)",
    "version_atleast(3.5-)", "version_atleast(-1)", "version_before", "version_before()",
    "version_before(3.5-dev5)", "version_before(3.5-dev5-50872d-2)", "version_before(abc)",
    "0 && openssl_version_atleast(1.1.1)", "ssllib_name_startswith(OpenSSL)", "ssllib_name_startswith()",
    "ssllib_name_startswith", "0 && awslc_api_before(1)", "enabled", "enabled()", "enabled(KQUEUE)",
    "enabled(EVPORTS)", "enabled(SERVER-SSL-VERIFY-NONE)", "enabled(splice)", "enabled(NOSUCHTHING)",
    "fips_mode", "fips_mode()", "(fips_mode())",
];

/// Conditions that cannot be parsed or evaluated.
#[rustfmt::skip]
const WRONG: &[&str] = &[
    " ", "- 3", "0x", "0xg", "08", "099", "0b1", "1.0", "1a", "1 2", "1 1", "1\n", "!", "! ", "!!", "!foo",
    "1 & 1", "1 &&& 1", "1&& &1", "1&&", "&&1", "&&", "1 &&", "1 | 0", "1 ||| 0", "1||", "||1", "||",
    "1 and 1", "1 or 0", "()", "( )", "(1", "((1)", "1)", "(1))", ")", "(", "(1)(1)", "(1) (0)", "(1||)",
    "(1 2)", "defined(A,A)", "defined(A", "defined(A))", "defined (A)", "defined A", "defined&&1",
    "(defined)", "defined\t|| 1", "DEFINED(A)", "Defined(A)", "define(A)", "definedd(A)", "undefined(A)",
    "foo", "foo()", "foo(1)", "true", "false", "yes", "streq", "streq()", "streq(a)", "streq(a,a,a)",
    "streq(a,a", "streq(a,a)b", "streq(a,a) b", "streq(a;a)", "streq a,a", "streq (a,a)", "streq(a\\)",
    "streq(a\\),b)", "streq(a,b\\", "streq(\"\",\"", "streq('a,a)", "streq(a,'a)", "streq(a,\"a)",
    "streq(a,a\")", "streq((a),(a))", "strneq(a)", "strstr(abc)", "strstr(abc,b,c)",
    "version_atleast(2.4,2.5)", "version_atleast 2.4", "openssl_version_atleast(1.1.1)",
    "openssl_version_before(1.1.1)", "!openssl_version_before(1.1.1)", "openssl_version_atleast()",
    "openssl_version_atleast", "1 && openssl_version_atleast(1.1.1)", "0 || openssl_version_before(x)",
    "awslc_api_atleast(1)", "awslc_api_before(x)", "fips_mode( )", "fips_mode(1)", "fips_mode(",
    "fips_mode ()", "(fips_mode)", "!fips_mode||0", "0 && foo", "1 || foo", "0 && (", "1 || streq(a)", "$A",
    "${A}", "a=b", "1 # comment", "#1", "1;1", "*", ".", "-", "+", "--1", "+-1", "1-1", "-1-1", "1,1",
];

fn disagreements(texts: &[&str], wanted: Option<bool>) -> String {
    texts.iter().fold(String::new(), |mut wrong, text| {
        let result = evaluate(text, &PROGRAM);
        if result.as_ref().ok() != wanted.as_ref() {
            writeln!(wrong, "{text:?}: {result:?}").expect("a string takes everything");
        }
        wrong
    })
}

#[test]
fn known_results() {
    assert_eq!(disagreements(TRUE, Some(true)), "");
    assert_eq!(disagreements(FALSE, Some(false)), "");
    assert_eq!(disagreements(WRONG, None), "");
}

#[test]
fn the_depth_is_bounded() {
    let nested = |levels: usize| format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
    let chain = |terms: usize, operator: &str| vec!["1"; terms].join(operator);
    let kind = |text: &str| evaluate(text, &PROGRAM).map_err(|error| error.kind);
    for text in [nested(340), chain(1022, "||"), chain(1022, "&&")] {
        assert_eq!(kind(&text), Ok(true));
    }
    for text in [nested(341), chain(1023, "||"), chain(1023, "&&"), "(".repeat(100_000)] {
        assert_eq!(kind(&text), Err(Kind::TooDeep { limit: 1024 }));
    }
    // Negations do not count as levels.
    assert_eq!(kind(&format!("{}1", "!".repeat(100_001))), Ok(false));
}

#[test]
fn errors_have_a_message_and_a_place() {
    for (text, span, message) in [
        ("sterq(a,a)", 0..5, "unknown predicate 'sterq', did you mean 'streq'?"),
        ("1 && fips_mode||1", 5..14, "expected a '(' after the predicate 'fips_mode'"),
        ("1 &&", 4..4, "expected a predicate, an integer or a '(', but the condition ends here"),
        ("!(0))", 4..5, "expected '&&', '||' or the end of the condition, found ')'"),
        ("200rrr", 3..4, "expected '&&', '||' or the end of the condition, found 'r'"),
        ("(1", 2..2, "expected a ')' for the '(' before, but the condition ends here"),
        ("streq(a)", 0..7, "'streq' takes (text,text), got 1 of 2 arguments"),
        ("streq(a,b,c)", 9..10, "expected a ')' after the last argument of 'streq', found ','"),
        ("streq(a,'b)", 8..9, "the quote ' is not closed"),
        ("0 || streq(ä,\\", 14..15, "nothing follows the '\\'"),
        (
            "openssl_version_before(3)",
            23..24,
            "cannot evaluate 'openssl_version_before' with '3': there is no SSL library to compare with",
        ),
    ] {
        let error = evaluate(text, &PROGRAM).expect_err(text);
        assert_eq!((error.span.clone(), error.kind.to_string().as_str()), (span, message), "{text}");
        assert_eq!(error.column(), text[..error.span.start].chars().count() + 1);
    }
}

#[test]
fn predicates_about_an_ssl_library() {
    let library = |name: &str, awslc_api, fips_mode| {
        let version = OpensslVersion(0x1010_10bf);
        Program(Some(SslLibrary { name: name.to_owned(), version, awslc_api, fips_mode }))
    };
    let openssl = library("OpenSSL 1.1.1k  25 Mar 2021", None, false);
    let awslc = library("AWS-LC 1.40.0", Some(35), true);
    for (text, with_openssl, with_awslc) in [
        ("ssllib_name_startswith(OpenSSL)", Some(true), Some(false)),
        ("ssllib_name_startswith()", Some(true), Some(true)),
        ("openssl_version_atleast(1.1.1k)", Some(true), Some(true)),
        ("openssl_version_atleast(1.1.1l)", Some(false), Some(false)),
        ("openssl_version_before(3.0.0)", Some(true), Some(true)),
        ("openssl_version_before(1.1)", None, None),
        ("awslc_api_atleast(35)", None, Some(true)),
        ("awslc_api_before(35)", None, Some(false)),
        ("awslc_api_before(36)", None, Some(true)),
        ("awslc_api_before(36x)", None, None),
        ("fips_mode()", Some(false), Some(true)),
    ] {
        assert_eq!(evaluate(text, &openssl).ok(), with_openssl, "{text}");
        assert_eq!(evaluate(text, &awslc).ok(), with_awslc, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "(?s).*") {
        if let Err(error) = evaluate(&text, &PROGRAM) {
            prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
        }
    }

    #[test]
    fn a_quoted_argument_is_the_text_itself(text in "(?s).*") {
        let quoted = text.replace('\'', r"'\''");
        let condition = format!("streq('{quoted}','{quoted}') && !strneq('{quoted}','{quoted}')");
        prop_assert_eq!(evaluate(&condition, &PROGRAM), Ok(true));
        let expression = Expression::parse(&condition).expect("it was read before").expect("it is not empty");
        prop_assert_eq!(Expression::parse(&expression.to_string()), Ok(Some(expression)));
    }
}
