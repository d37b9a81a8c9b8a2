//! Content rules: their results for configurations from text, and when they wait.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{Client, read, request, response, rules, with};
use proxy_config::Configuration;
use proxy_rules::{Buffered, Context, HookPoint, SectionRules, Variables, Verdict};

/// Returns the results of a frontend's rules while they may wait, and when they may not.
fn come_to(lines: &str) -> (String, String) {
    let content = rules(lines).content(HookPoint::TcpRequest).clone();
    let name = |verdict: Verdict| format!("{verdict:?}").to_lowercase();
    let first = with(&mut request("GET /a"), |context| content.rules.inspect(context));
    let last = with(&mut request("GET /a"), |context| content.rules.run(context));
    (first.map_or_else(|| "wait".to_owned(), name), name(last))
}

#[test]
fn rules_wait_for_what_is_undetermined() {
    let table = [
        ("accept", "accept", "accept"),
        ("reject", "reject", "reject"),
        ("reject if { path /a }", "reject", "reject"),
        ("reject unless { path /a }", "continue", "continue"),
        ("accept if WAIT_END", "wait", "accept"),
        ("accept if { wait_end }", "wait", "accept"),
        ("reject if !WAIT_END", "wait", "continue"),
        ("reject unless WAIT_END", "wait", "continue"),
        // What is known decides where it can.
        ("accept if WAIT_END { path /b }", "continue", "continue"),
        ("accept if WAIT_END { path /a }", "wait", "accept"),
        ("accept if WAIT_END or { path /a }", "accept", "accept"),
        ("accept if WAIT_END or { path /b }", "wait", "accept"),
        ("reject unless WAIT_END or { path /a }", "continue", "continue"),
        ("accept if { acl(WAIT_END) }", "wait", "accept"),
        ("reject if { acl(!WAIT_END) }", "wait", "continue"),
        ("accept if { acl(FALSE,WAIT_END) }", "continue", "continue"),
    ];
    for (rule, first, last) in table {
        let came = come_to(&format!("  tcp-request content {rule}"));
        assert_eq!((&*came.0, &*came.1), (first, last), "{rule}");
    }
}

/// As in HAProxy, a client that has sent nothing has sent an empty text at first, and no text once rules have waited.
#[test]
fn nothing_is_found_of_who_sends_nothing() {
    for (rule, first, last) in [
        ("accept if { req.payload(0,0) -m found }", true, false),
        ("accept if { req.payload(0,0) -m len 0 }", true, false),
        ("accept if { req.len 0 }", true, true),
    ] {
        let content = rules(&format!("  tcp-request content {rule}")).content(HookPoint::TcpRequest).clone();
        for (may_grow, accepts) in [(true, first), (false, last)] {
            let verdict = with(&mut request("GET /a"), |context| {
                context.request_bytes = Some(Buffered { bytes: b"", may_grow });
                content.rules.run(context)
            });
            assert_eq!(matches!(verdict, Verdict::Accept), accepts, "{rule}");
        }
    }
}

#[test]
fn a_rule_that_waits_holds_those_after_it() {
    let lines = "
  tcp-request content set-var(txn.a) path
  tcp-request content accept if { var(txn.a) -m str /b }
  tcp-request content set-var(txn.b) str(x) if WAIT_END
  tcp-request content reject if { var(txn.b) -m found }
  tcp-request content unset-var(txn.a)
  tcp-request content reject if { var(txn.a) -m found }";
    assert_eq!(come_to(lines), ("wait".to_owned(), "reject".to_owned()));
}

#[test]
fn an_ended_wait_is_true_for_other_rules() {
    let rules = rules("  http-request allow if WAIT_END");
    let verdict = with(&mut request("GET /"), |context| rules.at(HookPoint::HttpRequest).run(context));
    assert!(matches!(verdict, Verdict::Accept));
}

/// Returns the rules of the last section.
fn last(configuration: &Configuration) -> SectionRules {
    configuration.proxies.last().unwrap().get::<SectionRules>().cloned().unwrap()
}

const DEFAULTS: &str = "defaults d\n  mode http\n";

#[test]
fn rules_about_responses() {
    let lines = "  tcp-response content reject if { status 200 }\n  tcp-response inspect-delay 2s\n";
    let (configuration, said) = read(&format!("backend b\n  mode http\n{lines}"));
    assert_eq!(said, Vec::<String>::new());
    let content = last(&configuration).content(HookPoint::TcpResponse).clone();
    assert_eq!(content.inspect_delay, Some(Duration::from_secs(2)));
    let (client, mut variables, mut scratch) = (Client::default(), Variables::default(), Vec::new());
    let mut response = response("200");
    let mut context = Context::new(&client, &mut variables, &mut scratch).with_response(&mut response);
    assert!(matches!(content.rules.run(&mut context), Verdict::Reject));
    assert_eq!(context.last_rule.unwrap().line, 3);
}

#[test]
fn a_section_has_those_of_its_defaults_first() {
    let text = format!(
        "{DEFAULTS}  tcp-request inspect-delay 1s\n  tcp-request content accept\n  http-request deny\n\
         backend b from d\n  tcp-request inspect-delay 2s\n  tcp-request content reject\n"
    );
    let (configuration, said) = read(&text);
    assert_eq!(said, ["7] : this 'tcp-request inspect-delay' is ignored: it was set before"]);
    let content = last(&configuration).content(HookPoint::TcpRequest).clone();
    assert_eq!((content.rules.len(), content.inspect_delay), (2, Some(Duration::from_secs(1))));
}

#[test]
fn what_is_refused() {
    let table = [
        (
            "defaults\n  mode http\n  tcp-request content accept\n",
            "3] : 'tcp-request content' is not allowed in a defaults section without a name",
        ),
        (
            "defaults\n  mode http\n  tcp-response inspect-delay 1s\n",
            "3] : 'tcp-response inspect-delay' is not allowed in a defaults section without a name",
        ),
        (
            "defaults\n  mode tcp\n  tcp-request session accept\n",
            "3] : 'tcp-request session' is not allowed in a defaults section without a name",
        ),
        (
            "frontend f\n  mode tcp\n  tcp-response content accept\n",
            "3] : 'tcp-response content' is not allowed in a frontend section",
        ),
        (
            "frontend f\n  mode tcp\n  tcp-request content accept\n  tcp-request session accept\n",
            "4] : this 'tcp-request session' rule follows a 'tcp-request content' rule but is evaluated before it",
        ),
        (
            "defaults d\n  mode http\n  tcp-request content accept\nlisten l from d\n",
            "4] : a listen section cannot inherit the rules of defaults 'd'",
        ),
        (
            "backend b\n  mode http\n  tcp-request content close\n",
            "3] : unknown action 'close' of 'tcp-request content'",
        ),
        (
            "backend b\n  mode http\n  tcp-request content capture path len 1\n",
            "3] : only a frontend has slots for captures",
        ),
        (
            "frontend f\n  mode http\n  tcp-request connection track-sc7 src\n",
            "3] : HAProxy action 'tcp-request connection track-sc7' is not supported yet; there are no stick tables",
        ),
        (
            "frontend f\n  mode http\n  tcp-request connection set-var(txn.a) src\n",
            "3] : this changes nothing: 'txn.a' does not exist yet in 'tcp-request connection' rules",
        ),
        (
            "frontend f\n  mode tcp\n  tcp-request connection set-log-level info\n",
            "3] : unknown action 'set-log-level' of 'tcp-request connection'; it is an action of 'tcp-request content'; \
             those of 'tcp-request connection' are accept, ",
        ),
        (
            "backend b\n  mode tcp\n  tcp-request content switch-mode http\n",
            "3] : 'switch-mode' is not allowed in a backend",
        ),
        (
            "frontend f\n  mode tcp\n  tcp-request content switch-mode http proto h2\n",
            "3] : 'proto h2' is not supported yet: HTTP/2 is not built in",
        ),
        (
            "defaults d\n  mode tcp\n  tcp-request connection accept\nlisten l from d\n",
            "4] : a listen section cannot inherit the rules of defaults 'd'",
        ),
        (
            "frontend f\n  mode http\n  tcp-request content accept\n  tcp-request connection accept\n",
            "4] : this 'tcp-request connection' rule follows a 'tcp-request content' rule but is evaluated before it",
        ),
        (
            "frontend f\n  mode http\n  http-request deny\n  tcp-request connection accept\n",
            "4] : this 'tcp-request connection' rule follows a 'http-request' rule but is evaluated before it",
        ),
        ("backend b\n  mode http\n  tcp-request inspect-delay x\n", "3] : invalid value 'x'"),
        (
            "backend b\n  mode http\n  http-request deny\n  tcp-request content accept\n",
            "4] : this 'tcp-request content' rule follows a 'http-request' rule but is evaluated before it",
        ),
        (
            "backend b\n  mode http\n  http-response deny\n  tcp-response content accept\n",
            "4] : this 'tcp-response content' rule follows a 'http-response' rule but is evaluated before it",
        ),
    ];
    for (text, wanted) in table {
        let (_, said) = read(text);
        assert!(said.len() == 1 && said[0].starts_with(wanted), "{text}: {said:#?}");
    }
}

/// Only the order of the section's own lines counts.
#[test]
fn rules_of_defaults_cause_no_warning_about_order() {
    let text = format!(
        "{DEFAULTS}  http-request deny\n  http-response deny\n\
         backend b from d\n  tcp-request content accept\n  tcp-response content accept\n"
    );
    assert_eq!(read(&text).1, Vec::<String>::new());
}

#[test]
fn rules_tell_whether_they_look_at_the_request() {
    let table = [
        ("accept", false),
        ("reject if { req.len ge 5 } or { req.payload(0,1) -m bin 16 }", false),
        ("accept if { acl(far) }", false),
        ("set-src src", false),
        ("set-nice 3", false),
        ("set-var(txn.a) req.len", false),
        ("set-var-fmt(txn.a) %[src]:%[req.len]", false),
        ("unset-var(txn.a)", false),
        ("switch-mode http", false),
        ("set-var(txn.a) path,lower", true),
        ("set-var-fmt(txn.a) %[src]:%[path]", true),
        ("set-src req.hdr_ip(x)", true),
        ("set-bc-mark req.hdr(x),length", true),
        ("capture req.hdr(host) len 10", true),
        ("switch-mode http if HTTP", true),
        ("accept if { src 10.0.0.0/8 } !{ method GET }", true),
        ("accept if { acl(far,!near) }", true),
        // The line below these rules adds to the ACL.
        ("accept if later", true),
    ];
    for (rule, reads) in table {
        let lines = format!(
            "  acl far src 192.0.2.0/24\n  acl near path /a\n  acl later src 192.0.2.0/24\n  \
             tcp-request content {rule}\n  acl later path /b\n"
        );
        let (configuration, _) = read(&format!("frontend f\n  mode tcp\n{lines}"));
        let rules = last(&configuration).at(HookPoint::TcpRequest).clone();
        assert_eq!((rules.len(), rules.reads_request()), (1, reads), "{rule}");
    }
}
