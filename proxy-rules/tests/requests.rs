//! Rules for requests: configurations from text, and the resulting requests.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Client, frontend, read, request, response, response_text, rules, section, text, with};
use proxy_rules::{Choice, Context, HookPoint, UseBackends, Variables, Verdict};

/// Returns whether a condition holds for a request of a client at 192.0.2.7.
fn holds_with(acls: &str, condition: &str, of: &str) -> bool {
    let rules = rules(&format!("{acls}\n  http-request allow {condition}"));
    let verdict = with(&mut request(of), |context| rules.at(HookPoint::HttpRequest).run(context));
    matches!(verdict, Verdict::Accept)
}

fn holds(condition: &str, of: &str) -> bool {
    holds_with("", condition, of)
}

/// Returns the request after a rule.
fn changed(lines: &str, of: &str) -> String {
    let rules = rules(lines);
    let mut request = request(of);
    match with(&mut request, |context| rules.at(HookPoint::HttpRequest).run(context)) {
        Verdict::Continue => text(&request),
        Verdict::Error { status, .. } => status.to_string(),
        other => format!("{other:?}"),
    }
}

/// A value that could not be determined in time is not forgotten because something else was evaluated after it.
#[test]
fn a_failure_is_kept() {
    let slow = format!("GET /|x: {}!x", "a".repeat(64));
    let value = "req.fhdr(x),regsub(\"^(a+)+x\",b)";
    for rule in [
        format!("http-request set-header y '%[{value}]'"),
        format!("http-request set-header y '%[{value}]%[acl(TRUE)]'"),
        format!("http-request set-header y '%[{value}]' if {{ acl(TRUE) }}"),
        format!("http-request deny if {{ '{value}' -m found }}"),
    ] {
        let rules = rules(&format!("  acl yes always_true\n  {}\n", rule.replace("TRUE", "yes")));
        let verdict = with(&mut request(&slow), |context| rules.at(HookPoint::HttpRequest).run(context));
        assert!(matches!(verdict, Verdict::Failed), "{rule}: {verdict:?}");
    }
    // What does not depend on it is known.
    let condition = format!("if {{ path / }} || {{ '{value}' -m found }}");
    assert!(holds(&condition, &slow));
}

/// The expressions of all rules of a hook point share their time, so that a client cannot multiply it.
#[test]
fn nothing_is_matched_once_the_time_is_used_up() {
    let verdict = |count: usize| {
        let rules = rules("  http-request allow if { req.fhdr(x) -m reg ^(a+)+$ } || { path_reg ^/ }\n");
        let fields = format!("|x: {}!", "a".repeat(64)).repeat(count);
        with(&mut request(&format!("GET /{fields}")), |context| rules.at(HookPoint::HttpRequest).run(context))
    };
    assert!(matches!(verdict(1), Verdict::Accept));
    assert!(matches!(verdict(100), Verdict::Failed));
}

/// Each was compared with HAProxy.
#[test]
fn addresses_in_targets() {
    for (target, address) in [
        ("http://192.0.2.1/x", "192.0.2.1 80"),
        ("http://192.0.2.1:8080/x", "192.0.2.1 8080"),
        ("HTTPS://192.0.2.1", "192.0.2.1 443"),
        ("ftp://192.0.2.1/", " "),
        ("http://[2001:db8::1]:80/", " "),
        ("http://example.com:80/", " "),
        ("/http://192.0.2.1/", " "),
        ("/", " "),
    ] {
        let rule = "  http-request set-header y '%[url_ip] %[url_port]'";
        assert_eq!(changed(rule, &format!("GET {target}")), format!("GET {target}|y: {address}"));
    }
}

/// Each line was compared with HAProxy, with the same request.
#[test]
fn conditions_on_requests() {
    const OF: &str =
        "GET /a/img/x.gif?u=1&v=2|host: www.Example.com:80|x-list: a,, b|x-list: c|x-num: 12|x-ip: 10.1.2.3";
    let table: &[(&str, bool)] = &[
        ("if { path /a/img/x.gif }", true),
        ("if { path /a/img }", false),
        ("if { path_beg /a/ } { path_end .gif .png }", true),
        ("if { path_beg /b/ } || { path_dir img }", true),
        ("if { path_sub IMG }", false),
        ("if { path_sub -i IMG }", true),
        ("if { path_reg ^/a/[a-z]+/ }", true),
        ("if { path_len 12 }", true),
        ("if { path_len gt 12 }", false),
        ("if { path,length 12 }", true),
        ("if { path -m len lt 13 }", true),
        ("if { pathq /a/img/x.gif?u=1&v=2 }", true),
        ("if { query u=1&v=2 }", true),
        ("if { query(with_qm) ?u=1&v=2 }", true),
        ("if { url_param(v) 2 }", true),
        ("if { urlp(w) -m found }", false),
        ("if { urlp_beg(u) 1 }", true),
        ("if { url /a/img/x.gif?u=1&v=2 }", true),
        ("if { url_beg /a } HTTP_URL_SLASH !HTTP_URL_ABS !HTTP_URL_STAR", true),
        ("if { base -m beg www.Example.com:80/a/img }", true),
        ("if { base_dom Example.com }", true),
        ("if { hdr(host) www.example.com:80 }", false),
        ("if { hdr(Host) -i www.example.com:80 }", true),
        ("if { hdr(host),lower www.example.com:80 }", true),
        ("if { hdr_dom(host) -i example.com }", true),
        ("if { hdr_beg(host) -i www. }", true),
        ("if { req.hdr(host) -m end :80 }", true),
        ("if { req.hdr(x-list) b }", true),
        ("if { req.hdr(x-list) c }", true),
        ("if { req.hdr(x-list,1) a }", true),
        ("if { req.hdr(x-list,3) b }", true),
        ("if { req.hdr(x-list,-1) c }", true),
        ("if { req.hdr(x-list,-4) a }", true),
        ("if { req.hdr(x-list,5) -m found }", false),
        ("if { req.hdr(x-list,1) b }", false),
        ("if { req.fhdr(x-list) \"a,, b\" }", true),
        ("if { req.fhdr(x-list,-1) c }", true),
        ("if { req.hdr_cnt(x-list) 4 }", true),
        ("if { hdr_cnt(none) 0 }", true),
        ("if { req.hdr_cnt() 7 }", true),
        ("if { req.fhdr_cnt(x-list) 2 }", true),
        ("if { req.fhdr_cnt 5 }", true),
        ("if { hdr(x-none) -m found }", false),
        ("unless { hdr(x-none) -m found }", true),
        ("if { hdr_val(x-num) gt 10 lt 5 }", true),
        ("if { hdr(x-num) -m int 12 }", true),
        ("if { hdr_ip(x-ip) 10.0.0.0/8 }", true),
        ("if { hdr(x-ip) -m ip 10.1.0.0/16 }", true),
        ("if { hdr(x-num) -m bool }", true),
        ("if { method GET }", true),
        ("if { method POST PUT }", false),
        ("if METH_GET !METH_POST HTTP HTTP_1.1", true),
        ("if HTTP_1.0 or HTTP_CONTENT", false),
        ("if { req.ver 1.1 }", true),
        ("if { src 192.0.2.0/24 }", true),
        ("if { src 192.0.2.8 }", false),
        ("if { src_port 40000 } { dst 198.51.100.1 } { dst_port 80 }", true),
        ("if LOCALHOST", false),
        ("if TRUE !FALSE", true),
        ("if !TRUE or TRUE", true),
        ("if ! TRUE", false),
        ("if !!TRUE", true),
        ("unless TRUE FALSE", true),
        ("if FALSE OR TRUE", true),
        ("if { fe_name f } { so_name web } { so_id 3 }", true),
        ("if { 'str(\"a,b\")' a,b }", true),
        ("if { str(a/b/c),field(2,/) b }", true),
        ("if { str(aB),upper AB }", true),
        ("if { int(5) 1:9 } { bool(true) } { ipv4(10.0.0.1) 10.0.0.0/8 }", true),
        ("if { int(5) -m bool }", true),
        ("if { int(5) -m str 5 }", true),
        ("if { src -m str 192.0.2.7 }", true),
        ("if { src -m found }", true),
        ("if { src -m beg 192. }", true),
        ("if { method -m beg G }", true),
        ("if { mptcp }", false),
    ];
    for (condition, truth) in table {
        assert_eq!(holds(condition, OF), *truth, "{condition}");
    }
    assert!(holds("if { path / }", "GET http://h/?x"));
    assert!(holds("if HTTP_URL_ABS { url http://h/?x }", "GET http://h/?x"));
    assert!(holds("if HTTP_URL_STAR", "OPTIONS *"));
    assert!(holds("if HTTP_CONTENT", "POST /|content-length: 3"));
}

#[test]
fn names_of_acls_are_alternatives() {
    let acls = "  acl a path /a\n  acl both src 192.0.2.7\n  acl a path /b\n  acl a.b_c:d-e path /c";
    assert!(holds_with(acls, "if a both", "GET /a"));
    assert!(holds_with(acls, "if a", "GET /b"));
    assert!(!holds_with(acls, "if a", "GET /c"));
    assert!(!holds_with(acls, "if !a", "GET /b"));
    assert!(holds_with(acls, "if a.b_c:d-e", "GET /c"));
    let own = "  acl TRUE path /own";
    assert!(!holds_with(own, "if TRUE", "GET /a"), "a name of one's own comes first");
}

/// An alternative after a rule applies to the rule, too.
#[test]
fn alternatives_may_come_late() {
    let rules = rules("  acl a path /a\n  http-request allow if a\n  acl a path /b");
    let verdict = with(&mut request("GET /b"), |context| rules.at(HookPoint::HttpRequest).run(context));
    assert!(matches!(verdict, Verdict::Accept));
}

#[test]
fn patterns_in_files() {
    let path = std::env::temp_dir().join(format!("braid-patterns-{}", std::process::id()));
    std::fs::write(&path, "# hosts\n\n  a.example\r\nb.example\n").unwrap();
    let file = path.display();
    let holds = |condition: &str| holds(condition, "GET /|host: B.example");
    assert!(holds(&format!("if {{ hdr(host) -i -f {file} }}")));
    assert!(!holds(&format!("if {{ hdr(host) -f {file} }}")));
    assert!(holds(&format!("if {{ hdr(host) -f {file} B.example }}")));
    assert!(holds(&format!("if {{ hdr(host),lower -m str -f file@{file} }}")));
    assert!(!holds("if { hdr(host) -f opt@/nonexistent/file none }"));
    std::fs::remove_file(&path).unwrap();
    let (_, said) = read(&frontend(&format!("  acl a path -f {file}")));
    assert!(said[0].contains(&format!("cannot read '{file}': No such file")), "{said:?}");
}

/// Each line was compared with HAProxy.
#[test]
fn changes_of_requests() {
    const OF: &str = "GET /a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3";
    let table = [
        ("set-header x-c v", "GET /a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3|x-c: v"),
        ("set-header X-A %[req.hdr(x-a)]-%[src]:%cp", "GET /a/b?q=1|host: h|x-b: 2|x-a: 3-192.0.2.7:40000"),
        ("add-header x-a %%%[path]", "GET /a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3|x-a: %/a/b"),
        ("add-header x-n %[req.hdr(none)]", "GET /a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3|x-n: "),
        ("del-header X-A", "GET /a/b?q=1|host: h|x-b: 2"),
        ("del-header X- -m beg", "GET /a/b?q=1|host: h"),
        ("del-header -a -m end", "GET /a/b?q=1|host: h|x-b: 2"),
        ("del-header O -m sub", "GET /a/b?q=1|x-a: 1|x-b: 2|x-a: 3"),
        ("del-header x-[bB] -m reg", "GET /a/b?q=1|host: h|x-a: 1|x-a: 3"),
        ("del-header none if FALSE", "GET /a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("replace-header x-a (3) <\\\\1>%[path]", "GET /a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: <3>/a/b"),
        ("replace-header x-a . \\\\x41", "GET /a/b?q=1|host: h|x-a: A|x-b: 2|x-a: A"),
        ("set-method PUT", "PUT /a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("set-path /new", "GET /new?q=1|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("set-path /%[path]", "GET //a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("set-pathq /new", "GET /new|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("set-query a=%[url_param(q)]", "GET /a/b?a=1|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("set-query %[req.hdr(none)]", "GET /a/b?|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("set-uri /x?y", "GET /x?y|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("replace-path (.*) /foo\\\\1", "GET /foo/a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("replace-path /none /foo", "GET /a/b?q=1|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("replace-pathq /a(.*) \\\\1&z", "GET /b?q=1&z|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("replace-uri ^(.*)$ \\\\1%[src]", "GET /a/b?q=1192.0.2.7|host: h|x-a: 1|x-b: 2|x-a: 3"),
        ("set-header x-a \"a b\"", "GET /a/b?q=1|host: h|x-b: 2|x-a: a b"),
    ];
    for (action, after) in table {
        assert_eq!(changed(&format!("  http-request {action}"), OF), after, "{action}");
    }
    let lists = "GET /|x: a, b ,c|x: b";
    assert_eq!(changed("  http-request replace-value x ^b$ <\\\\0>", lists), "GET /|x: a,<b>,c|x: <b>");
    assert_eq!(changed("  http-request replace-header x b n", lists), "GET /|x: n|x: n");
    assert_eq!(changed("  http-request set-query x=1", "GET /a"), "GET /a?x=1");
    assert_eq!(changed("  http-request set-query %[str()]", "GET /a"), "GET /a");
    assert_eq!(changed("  http-request set-path /b", "GET http://h/a?q"), "GET http://h/b?q");
    assert_eq!(
        changed("  http-request set-uri http://other:8/x", "GET /a|host: h"),
        "GET http://other:8/x|host: other:8"
    );
}

/// A value that would end the line of the message is never written.
#[test]
fn nothing_is_smuggled_in() {
    const OF: &str = "GET /a|x: a\r\nb";
    assert_eq!(changed("  http-request set-header y %[req.hdr(x)]", OF), "GET /a|x: a\r\nb|y: a%0D%0Ab");
    assert_eq!(changed("  http-request set-header y \"a\\nb\"", OF), "500");
    assert_eq!(changed("  http-request set-path %[str(\"a b\")]", OF), "500");
    assert_eq!(changed("  http-request set-uri %[req.hdr(none)]", OF), "500");
    assert_eq!(changed("  http-request set-method %[str(\"A B\")]", OF), "500");
    assert_eq!(changed("  http-request replace-header x (?s).* \\\\x0a", OF), "500");
}

#[test]
fn a_message_that_becomes_too_large_is_an_error() {
    let rules = rules("  http-request set-header x %[req.hdr(host)]%[req.hdr(host)]");
    let mut request = request("GET /|host: 0123456789");
    request.fields_mut().set_limit(38);
    let verdict = with(&mut request, |context| rules.at(HookPoint::HttpRequest).run(context));
    assert!(matches!(verdict, Verdict::Error { status: 500, denies: false }), "{verdict:?}");

    let lenient = common::rules(
        "  http-request strict-mode off\n  http-request set-header x %[req.hdr(host)]%[req.hdr(host)]",
    );
    let verdict = with(&mut request, |context| lenient.at(HookPoint::HttpRequest).run(context));
    assert!(matches!(verdict, Verdict::Continue), "{verdict:?}");
}

/// Each line was compared with HAProxy.
#[test]
fn variables() {
    let lines = "
  http-request set-var(txn.host) req.hdr(host),lower
  http-request set-var(req.number) int(7)
  http-request set-var(req.number,ifset,ifgt) int(5)
  http-request set-var(req.other,ifset) int(1)
  http-request set-var(req.other,ifnotset) int(2)
  http-request set-var(req.kept,ifnotempty) str()
  http-request set-var-fmt(sess.text) <%[src]-%[var(txn.host)]>
  http-request set-var(txn.none) req.hdr(none)
  http-request set-var(req.gone) src
  http-request unset-var(req.gone)
  http-request set-var(req.old) req.hdr(host) upper if TRUE
  http-request set-header x %[var(txn.host)]|%[var(req.number)]|%[var(req.other)]|%[var(sess.text)]|%[var(req.old)]
  http-request set-header y %[var(txn.none)]%[var(req.gone)]%[var(req.kept)]%[var(txn.none,default)]
  http-request deny if !{ var(txn.host) -m str host } or { var(req.gone) -m found } or !{ var(req.number) -m int 5 }";
    let after = changed(lines, "GET /|host: Host");
    let expected = "GET /|host: Host|x: host|5|2|<192.0.2.7-host>|HOST|y: default";
    assert_eq!(after, expected);
}

#[test]
fn responses() {
    let rules = rules(
        "
  http-response set-header x-status %[status]/%ST
  http-response del-header server
  http-response replace-value vary ^a$ b
  http-response set-status 299 reason \"So so\" if { status 200:299 } { res.hdr(vary) a }
  http-after-response add-header x-always %[method]",
    );
    let (client, mut variables, mut scratch) = (Client::default(), Variables::default(), Vec::new());
    let (mut asked, mut answered) = (request("GET /"), response("200|server: s|vary: c,a"));
    let mut context = Context::new(&client, &mut variables, &mut scratch);
    context = context.with_request(&mut asked).with_response(&mut answered);
    assert!(matches!(rules.at(HookPoint::HttpResponse).run(&mut context), Verdict::Continue));
    assert!(matches!(rules.at(HookPoint::HttpAfterResponse).run(&mut context), Verdict::Continue));
    assert_eq!(response_text(&answered), "200|vary: c,b|x-status: 200/200|x-always: GET");
}

#[test]
fn backends_are_chosen() {
    let text = "
frontend f
  mode http
  use_backend static if { path_beg /static }
  use_backend %[path,field(2,/)] if { path_beg /by/ } || { path_beg /other/ }
  use_backend two unless { src 192.0.2.0/24 }
  default_backend static
backend static
  mode http
backend two
  mode http
";
    let (configuration, said) = read(text);
    assert_eq!(said, Vec::<String>::new());
    let rules = configuration.proxies[0].get::<UseBackends>().unwrap();
    let names: Vec<_> = rules.names().map(|name| name.map(|name| &*name.value)).collect();
    assert_eq!(names, [Some("static"), None, Some("two")]);
    let choose = |of: &str| {
        with(&mut request(of), |context| match rules.choose(context).unwrap() {
            Some(Choice::Named(name)) => String::from_utf8_lossy(name).into_owned(),
            Some(Choice::Rule(place)) => place.to_string(),
            None => "none".to_owned(),
        })
    };
    assert_eq!(choose("GET /static/x"), "0");
    assert_eq!(choose("GET /other/x"), "other");
    assert_eq!(choose("GET /x"), "none");
}

#[test]
fn a_frontend_of_tcp_chooses_by_its_client() {
    let text = "frontend f\n  mode tcp\n  use_backend a if { src 192.0.2.7 } { so_name web }\nbackend a\n";
    let (configuration, said) = read(text);
    assert_eq!(said, Vec::<String>::new());
    let rules = configuration.proxies[0].get::<UseBackends>().unwrap();
    let (client, mut variables, mut scratch) = (Client::default(), Variables::default(), Vec::new());
    assert_eq!(
        rules.choose(&mut Context::new(&client, &mut variables, &mut scratch)),
        Ok(Some(Choice::Rule(0)))
    );
    let client = Client::new("203.0.113.1:1", "198.51.100.1:80");
    assert_eq!(rules.choose(&mut Context::new(&client, &mut variables, &mut scratch)), Ok(None));
}

#[test]
fn rules_of_defaults_come_first() {
    let text = "
defaults base
  mode http
  acl a path /a
  http-request set-header x base if a
frontend f from base
  http-request add-header x own
  default_backend b
frontend g from base
  default_backend b
defaults
  mode http
backend b
";
    let (configuration, said) = read(text);
    assert_eq!(said, Vec::<String>::new());
    let rules = |at: usize| configuration.proxies[at].get::<proxy_rules::SectionRules>().unwrap();
    for (section, after) in [(0, "GET /a|x: base|x: own"), (1, "GET /a|x: base")] {
        let mut request = request("GET /a");
        with(&mut request, |context| rules(section).at(HookPoint::HttpRequest).run(context));
        assert_eq!(text_of(&request), after);
    }
}

fn text_of(request: &proxy_http::Request) -> String {
    text(request)
}

#[test]
fn a_section_without_rules_has_none() {
    assert!(section("").get::<proxy_rules::SectionRules>().is_none());
}

/// Each was compared with HAProxy.
#[test]
fn formats_have_flags() {
    let value = |format: &str| {
        let after = changed(&format!("  http-request set-header y {format}"), "GET /p?q|x: a\\\"]b");
        after.split_once("|y: ").unwrap().1.to_owned()
    };
    for (format, text) in [
        ("%{+E}[req.hdr(x)]", "a\\\\\\\"\\]b"),
        ("%{+Q}[src]", "192.0.2.7"),
        ("%{+Q}ci:%{+Q}cp", "\"192.0.2.7\":40000"),
        ("%{+X}ci:%{+X}cp", "C0000207:9C40"),
        ("%{+X,+Q}ci", "C0000207"),
        ("%{+X}[src_port]", "40000"),
        ("%{+Q}f", "\"f\""),
        ("%{+Q}o%[src]%ci%{-Q}f%f", "192.0.2.7\"192.0.2.7\"f\"f\""),
        ("%{+M}[req.hdr(none)]%[req.hdr(none)]", ""),
        ("%HM_%HU_%HP_%HQ_%HV_%b_%s_%fi:%fp", "GET_/p?q_/p_?q_HTTP/1.1_f_<NOSRV>_198.51.100.1:80"),
        ("100%%", "100%"),
    ] {
        assert_eq!(value(format), text, "{format}");
    }
}
