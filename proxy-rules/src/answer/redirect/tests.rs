//! Redirections, from text to replies. The expected values are what HAProxy 3.5-dev5 answered to the same lines.

use super::Redirects;
use crate::answer::testing::{read, read_well, told, with_context};
use crate::points::HookPoint;
use crate::rules::SectionRules;

/// Returns the reply to a request for a target, made by a line of a frontend.
fn redirected(line: &str, target: &str) -> String {
    let configuration = read_well(&format!("frontend f\n {line}\n mode http\n"));
    let section = &configuration.proxies[0];
    let rules = match section.get::<SectionRules>() {
        Some(rules) => rules.at(HookPoint::HttpRequest).clone(),
        None => section.get::<Redirects>().unwrap().0.clone(),
    };
    with_context(target, false, |context| told(&rules.run(context)))
}

/// Returns only the fields, in one line.
fn fields(line: &str, target: &str) -> String {
    let told = redirected(line, target);
    let (status, fields) = told.split_once('\n').unwrap();
    let code = status.split(' ').nth(1).unwrap();
    assert!(status.starts_with(&format!("[{code}] ")), "{status}");
    let fields = fields.trim_end().replace("content-length: 0\nlocation: ", "").replace('\n', " | ");
    format!("{code} {fields}")
}

const NO_CACHE: &str = " | cache-control: no-cache";

#[test]
fn an_answer_has_no_body_and_is_kept_as_its_code_says() {
    assert_eq!(
        redirected("http-request redirect location /new code 301", "/"),
        "[301] 301 Moved Permanently\ncontent-length: 0\nlocation: /new\n\n"
    );
    assert_eq!(
        redirected("http-request redirect location /new", "/"),
        "[302] 302 Found\ncontent-length: 0\nlocation: /new\ncache-control: no-cache\n\n"
    );
    for (code, reason, kept) in [
        (301, "Moved Permanently", true),
        (302, "Found", false),
        (303, "See Other", false),
        (307, "Temporary Redirect", false),
        (308, "Permanent Redirect", true),
    ] {
        let told = redirected(&format!("redirect location /new code {code}"), "/");
        assert!(told.starts_with(&format!("[{code}] {code} {reason}\n")), "{told}");
        assert_eq!(!told.contains("cache-control: no-cache"), kept, "{code}");
    }
}

#[test]
fn the_query_is_put_behind_a_location() {
    for (to, target, expected) in [
        ("/n", "/lk?a=1", "/n?a=1"),
        ("/n", "/lk", "/n"),
        ("/n", "/lk?", "/n"),
        ("/n?", "/lk?a=1", "/n?a=1"),
        ("/n?b", "/lk?a=1?c", "/n?b&a=1?c"),
        ("/n?b", "/lk", "/n?b"),
    ] {
        assert_eq!(
            fields(&format!("redirect location {to} keep-query"), target),
            format!("302 {expected}{NO_CACHE}")
        );
    }
    assert_eq!(fields("redirect location /n drop-query", "/lk?a=1"), format!("302 /n{NO_CACHE}"));
}

#[test]
fn a_prefix_stands_before_the_path() {
    for (words, target, expected) in [
        ("/p", "/p1?x", "/p/p1?x"),
        ("/p drop-query", "/p1?x", "/p/p1"),
        ("/p append-slash", "/p1", "/p/p1/"),
        ("/p append-slash", "/p1/", "/p/p1/"),
        ("/p append-slash drop-query", "/p1?x", "/p/p1/"),
        ("/p append-slash", "/p1?x", "/p/p1?x/"),
        ("/ append-slash", "/p1", "/p1/"),
        ("https://w.example", "http://h.example/p1?x", "https://w.example/p1?x"),
        ("https://w.example", "http://h.example", "https://w.example/"),
        ("https://w.example", "*", "https://w.example/"),
    ] {
        let expected = format!("302 {expected}{NO_CACHE}");
        assert_eq!(fields(&format!("redirect prefix {words}"), target), expected, "{words}");
        assert_eq!(fields(&format!("http-request redirect prefix {words}"), target), expected, "{words}");
    }
}

#[test]
fn a_scheme_keeps_host_and_path() {
    assert_eq!(fields("redirect scheme https", "/sc?x"), format!("302 https://h.example/sc?x{NO_CACHE}"));
    assert_eq!(
        fields("http-request redirect scheme https drop-query append-slash", "/sc?x"),
        format!("302 https://h.example/sc/{NO_CACHE}")
    );
}

#[test]
fn cookies_are_set_and_cleared() {
    for (words, expected) in [
        ("set-cookie A=1", "A=1; path=/;"),
        ("set-cookie-fmt A=%[path]", "A=/c; path=/;"),
        ("set-cookie A=%[path]", "A=%[path]; path=/;"),
        ("clear-cookie A=", "A=; path=/; Max-Age=0;"),
        ("set-cookie A=1 clear-cookie B=", "B=; path=/; Max-Age=0;"),
    ] {
        let expected = format!("302 /n{NO_CACHE} | set-cookie: {expected}");
        assert_eq!(fields(&format!("redirect location /n {words}"), "/c"), expected, "{words}");
        assert_eq!(fields(&format!("http-request redirect location /n {words}"), "/c"), expected, "{words}");
    }
}

#[test]
fn the_action_takes_formats_and_the_directive_text() {
    assert_eq!(fields("http-request redirect location /n?%[path]", "/lk?a"), format!("302 /n?/lk{NO_CACHE}"));
    assert_eq!(fields("redirect location /n?%[path]", "/lk?a"), format!("302 /n?%[path]{NO_CACHE}"));
    let built = "http-request redirect prefix /%[req.hdr(host)] code 308";
    assert_eq!(fields(built, "/lk?a"), "308 /h.example/lk?a");
}

#[test]
fn an_empty_location_can_be_a_reason_to_go_on() {
    let line = "http-request redirect location %[req.hdr(none)]";
    assert_eq!(redirected(&format!("{line} ignore-empty"), "/"), "continue");
    assert_eq!(redirected(&format!("{line} ignore-empty keep-query"), "/?a"), "continue");
    let empty = "[302] 302 Found\ncontent-length: 0\nlocation: \ncache-control: no-cache\n\n";
    assert_eq!(redirected(line, "/"), empty);
}

#[test]
fn a_response_can_only_be_led_to_a_location() {
    let configuration = read_well("backend b\n http-response redirect location /n code 307\n mode http\n");
    let rules = configuration.proxies[0].get::<SectionRules>().unwrap().at(HookPoint::HttpResponse).clone();
    let told = with_context("/", true, |context| told(&rules.run(context)));
    assert_eq!(
        told,
        "[307] 307 Temporary Redirect\ncontent-length: 0\nlocation: /n\ncache-control: no-cache\n\n"
    );
    let (_, said) = read("frontend f\n http-response redirect prefix /n\n");
    assert_eq!(said, ["2:24-30: 'prefix' is not allowed in a rule for responses: use 'location'"]);
}

#[test]
fn conditions_hold() {
    let line = "redirect location /n if { path /a }";
    assert_eq!(fields(line, "/a"), format!("302 /n{NO_CACHE}"));
    assert_eq!(redirected(line, "/b"), "continue");
}

#[test]
fn mistakes_are_told_where_they_are() {
    for (line, expected) in [
        ("redirect", "2:8-8: a redirection without a destination: expected location, prefix or scheme"),
        (
            "redirect code 301",
            "2:17-17: a redirection without a destination: expected location, prefix or scheme",
        ),
        ("redirect location", "2:17-17: missing argument after 'location': expected a URL"),
        ("redirect scheme", "2:15-15: missing argument after 'scheme': expected a scheme"),
        (
            "redirect location /n code 304",
            "2:26-29: invalid value '304' for 'redirect': expected 301, 302, 303, 307 or 308",
        ),
        (
            "redirect location /n set-cookie",
            "2:31-31: missing argument after 'set-cookie': expected a cookie: NAME, or NAME=value",
        ),
        (
            "redirect to /n",
            "2:9-11: unknown word 'to' of a redirection: expected one of location, prefix, scheme, code, \
             drop-query, keep-query, append-slash, ignore-empty, set-cookie, set-cookie-fmt, clear-cookie, or a \
             condition",
        ),
    ] {
        let (_, said) = read(&format!("frontend f\n{line}\n"));
        assert_eq!(said, [expected], "{line}");
    }
    let (_, said) = read("frontend f\nredirect location /n\n");
    assert_eq!(said, ["1:9-10: 'redirect' of frontend 'f' is never used: it is of mode tcp"]);
    let (_, said) = read("defaults\nredirect location /n\n");
    assert_eq!(
        said,
        [
            "2:0-8: 'redirect' is not allowed in a defaults section: it is allowed in frontend, backend, listen"
        ]
    );
}
