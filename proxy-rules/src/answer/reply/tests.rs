//! Replies of rules, from text to what is sent. The expected values are what HAProxy 3.5-dev5 answered to the same
//! lines.

use crate::answer::testing::{TestFile, read, read_well, told, with_context};
use crate::points::HookPoint;
use crate::rules::SectionRules;

/// Returns the reply to `GET /a/b?c` by a rule.
fn answered(rule: &str) -> String {
    answered_beside(rule, "")
}

fn answered_beside(rule: &str, sections: &str) -> String {
    let configuration = read_well(&format!("frontend f\n {rule}\n mode http\n{sections}"));
    let rules = configuration.proxies[0].get::<SectionRules>().unwrap();
    let of_response = rule.starts_with("http-response");
    let rules =
        if of_response { rules.at(HookPoint::HttpResponse) } else { rules.at(HookPoint::HttpRequest) };
    with_context("/a/b?c", of_response, |context| told(&rules.run(context)))
}

#[test]
fn an_answer_without_words_is_a_status() {
    assert_eq!(answered("http-request return"), "[200] 200 OK\ncontent-length: 0\n\n");
    assert_eq!(answered("http-request return status 403"), "[403] 403 Forbidden\ncontent-length: 0\n\n");
    assert_eq!(answered("http-request return status 299"), "[299] 299 Success\ncontent-length: 0\n\n");
    assert_eq!(answered("http-response return status 204"), "[204] 204 No Content\ncontent-length: 0\n\n");
}

#[test]
fn a_denial_without_words_is_an_error_message() {
    assert_eq!(answered("http-request deny"), "denies: error 403");
    assert_eq!(answered("http-response deny"), "denies: error 502");
    assert_eq!(answered("http-request deny deny_status 429"), "denies: error 429");
    assert_eq!(answered("http-request deny deny_status 429 if { path /a/b }"), "denies: error 429");
    assert_eq!(answered("http-request deny if { path /b }"), "continue");
    assert_eq!(answered("http-request deny default-errorfiles status 404"), "denies: error 404");
    assert_eq!(answered("http-request return status 400 default-errorfiles"), "error 400");
    assert_eq!(answered("http-request tarpit"), "tarpit 500");
    assert_eq!(answered("http-request tarpit deny_status 429"), "tarpit 429");
    assert_eq!(answered("http-request tarpit status 503 default-errorfiles"), "tarpit 503");
}

#[test]
fn a_denial_with_words_is_what_they_say() {
    assert_eq!(
        answered("http-request deny status 403"),
        "denies: [403] 403 Forbidden\ncontent-length: 0\n\n"
    );
    assert_eq!(
        answered("http-request deny status 418"),
        "denies: [418] 418 I'm a teapot\ncontent-length: 0\n\n"
    );
    assert_eq!(
        answered("http-request deny deny_status 418 hdr x-why no"),
        "denies: [418] 418 I'm a teapot\nx-why: no\ncontent-length: 0\n\n"
    );
    assert_eq!(
        answered("http-response deny content-type text/plain string no"),
        "denies: [502] 502 Bad Gateway or Proxy Error\ncontent-length: 2\ncontent-type: text/plain\n\nno"
    );
}

#[test]
fn bodies_are_text_or_files() {
    let plain = "content-type text/plain";
    let file = TestFile::new("reply-body", "two\nlines\n");
    for (words, body) in [
        ("string \"it is\"".to_owned(), "it is"),
        ("string %[path]".to_owned(), "%[path]"),
        ("lf-string \"path %[path]\"".to_owned(), "path /a/b"),
        ("lf-string 'as it is'".to_owned(), "as it is"),
        (format!("file {}", file.path()), "two\nlines\n"),
        (format!("lf-file {}", file.path()), "two\nlines\n"),
    ] {
        let expected =
            format!("[200] 200 OK\ncontent-length: {}\ncontent-type: text/plain\n\n{body}", body.len());
        assert_eq!(answered(&format!("http-request return {plain} {words}")), expected, "{words}");
        assert_eq!(answered(&format!("http-request return {words} {plain}")), expected, "{words}");
    }
    let file = TestFile::new("reply-format", "path %[path]\n");
    assert_eq!(
        answered(&format!("http-request return status 404 {plain} lf-file {}", file.path())),
        "[404] 404 Not Found\ncontent-length: 10\ncontent-type: text/plain\n\npath /a/b\n"
    );
    assert_eq!(answered("http-request return file /dev/null"), "[200] 200 OK\ncontent-length: 0\n\n");
    // An empty body has no type.
    assert_eq!(
        answered(&format!("http-request return {plain} lf-string %[req.hdr(none)]")),
        "[200] 200 OK\ncontent-length: 0\n\n"
    );
}

#[test]
fn fields_stand_before_the_length() {
    assert_eq!(
        answered("http-request return status 204 hdr X-A %[path] hdr X-E %[req.hdr(none)] hdr x-a again"),
        "[204] 204 No Content\nx-a: /a/b\nx-a: again\ncontent-length: 0\n\n"
    );
    assert_eq!(
        answered("http-request return content-type text/plain string abc hdr Connection close hdr Foo-Bar v"),
        "[200 closes] 200 OK\nfoo-bar: v\ncontent-length: 3\ncontent-type: text/plain\n\nabc"
    );
    assert_eq!(
        answered("http-request return content-type text/plain lf-string %[path] hdr x-a b"),
        "[200] 200 OK\nx-a: b\ncontent-length: 4\ncontent-type: text/plain\n\n/a/b"
    );
}

#[test]
fn error_files_are_whole_answers() {
    let file = TestFile::new("reply-error", "HTTP/1.1 277 Odd\r\nX-One: a\r\nContent-Length: 4\r\n\r\nbody");
    let body = "277 Odd\nx-one: a\ncontent-length: 4\n\nbody";
    let path = file.path();
    assert_eq!(answered(&format!("http-request return errorfile {path}")), format!("[200] {body}"));
    assert_eq!(answered(&format!("http-request deny errorfile {path}")), format!("denies: [403] {body}"));
    // The status does not need to have an error message here.
    assert_eq!(
        answered(&format!("http-request deny errorfile {path} status 418")),
        format!("denies: [418] {body}")
    );
    assert_eq!(answered("http-request deny errorfile /dev/null"), "denies: [403] silence");
    let sections = format!("http-errors e\n errorfile 403 {path}\n errorfile 500 /dev/null\n");
    let of_section = |rule: &str| answered_beside(rule, &sections);
    assert_eq!(of_section("http-request deny errorfiles e"), format!("denies: [403] {body}"));
    assert_eq!(of_section("http-request return status 403 errorfiles e"), format!("[403] {body}"));
    assert_eq!(of_section("http-request deny deny_status 500 errorfiles e"), "denies: [500] silence");
}

#[test]
fn rules_of_defaults_refer_to_sections_too() {
    let text = "defaults d\n mode http\n http-request deny errorfiles e\n\
                frontend f from d\nfrontend g from d\nhttp-errors e\n errorfile 403 /dev/null\n";
    for section in &read_well(text).proxies {
        let rules = section.get::<SectionRules>().unwrap().at(HookPoint::HttpRequest);
        assert_eq!(with_context("/", false, |context| told(&rules.run(context))), "denies: [403] silence");
    }
}

#[test]
fn a_section_without_the_message_gives_the_status_alone() {
    let (configuration, said) = read(
        "frontend f\nhttp-request deny errorfiles e status 404\nmode http\nhttp-errors e\nerrorfile 403 /dev/null\n",
    );
    assert_eq!(
        said,
        ["2:29-30: http-errors section 'e' has no message for 404: the reply is the status without a body"]
    );
    let rules = configuration.proxies[0].get::<SectionRules>().unwrap().at(HookPoint::HttpRequest).clone();
    let told = with_context("/", false, |context| told(&rules.run(context)));
    assert_eq!(told, "denies: [404] 404 Not Found\ncontent-length: 0\n\n");
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let whole = "an error file defines the whole reply";
    for (rule, expected) in [
        (
            "return content-type a/b",
            vec!["2:33-36: content type 'a/b' is ignored: there is no body".to_owned()],
        ),
        (
            "return content-type a/b file /dev/null",
            vec!["2:33-36: content type 'a/b' is ignored: the body is empty".to_owned()],
        ),
        (
            "deny hdr x-a b default-errorfiles content-type a/b",
            vec![
                format!("2:22-25: field 'x-a' is ignored: {whole}"),
                format!("2:60-63: content type 'a/b' is ignored: {whole}"),
            ],
        ),
        (
            "return hdr Content-Length 7",
            vec!["2:24-38: field 'Content-Length' is ignored here: it follows from the body".to_owned()],
        ),
    ] {
        let (_, said) = read(&format!("frontend f\nhttp-request {rule}\nmode http\n"));
        assert_eq!(said, expected, "{rule}");
    }
}

#[test]
fn mistakes_are_told_where_they_are() {
    let codes = "there are some for 200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, \
                 431, 500, 501, 502, 503, 504";
    let range = "expected a number from 200 to 599: the status of the reply";
    let latin = TestFile::new("reply-latin", "");
    std::fs::write(latin.path(), b"\xe9t\xe9").unwrap();
    for (rule, expected) in [
        ("return status", format!("missing argument after 'status': {range}")),
        ("return status 199", format!("invalid value '199' for 'status': {range}")),
        ("return status 600", format!("invalid value '600' for 'status': {range}")),
        ("return status 2x0", format!("invalid value '2x0' for 'status': {range}")),
        ("deny deny_status 418", format!("there is no error message for status 418: {codes}")),
        (
            "return status 409 default-errorfiles",
            format!("there is no error message for status 409: {codes}"),
        ),
        ("return status 409 errorfiles e", format!("there is no error message for status 409: {codes}")),
        ("return content-type", "missing argument after 'content-type': expected a media type".to_owned()),
        ("return string a errorfile /dev/null", "'errorfile' cannot be combined with 'string'".to_owned()),
        (
            "return default-errorfiles lf-string a",
            "'lf-string' cannot be combined with 'default-errorfiles'".to_owned(),
        ),
        (
            "return string a",
            "'string' without 'content-type': say what the body is: content-type text/plain".to_owned(),
        ),
        (
            "return lf-string a",
            "'lf-string' without 'content-type': say what the body is: content-type text/plain".to_owned(),
        ),
        ("return status 204 content-type a/b string a", "a reply with status 204 has no body".to_owned()),
        ("return status 304 content-type a/b lf-string a", "a reply with status 304 has no body".to_owned()),
        ("return hdr", "missing argument after 'hdr': expected the name of a field and its value".to_owned()),
        ("return hdr x-a", "missing argument after 'x-a': expected the value of the field".to_owned()),
        (
            "return hdr x:a b",
            "'x:a' is not the name of a field: expected letters, digits and !#$%&'*+-.^_`|~".to_owned(),
        ),
        ("return file /dev/zero", "'/dev/zero' is larger than 16384 bytes".to_owned()),
        ("return errorfiles f", "there is no http-errors section 'f'".to_owned()),
        (
            &format!("return content-type a/b lf-file {}", latin.path()),
            format!("'{}' is not text in UTF-8, as a format has to be", latin.path()),
        ),
        (
            "tarpit content-type a/b string a",
            "a reply of its own is not supported yet for 'tarpit': it sends the section's error message: \
             deny_status 429"
                .to_owned(),
        ),
    ] {
        let text =
            format!("http-errors e\nerrorfile 500 /dev/null\nfrontend f\nhttp-request {rule}\nmode http\n");
        let rule = rule.replace("errorfiles f", "status 403 errorfiles f");
        let (_, said) = read(&text.replace("errorfiles f", "status 403 errorfiles f"));
        let [said] = &said[..] else { panic!("{rule}: {said:?}") };
        let (place, said) = said.split_once(": ").unwrap();
        // A message without help of its own gets the help of the action.
        let said = said.split(": usage: http-request return [status").next().unwrap();
        assert!(place.starts_with("4:"), "{rule}: {place}");
        assert_eq!(said, expected, "{rule}");
    }
}
