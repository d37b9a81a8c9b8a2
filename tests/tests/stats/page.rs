//! The statistics page, and its forms for programs.

use braid_tests::forward::LIMIT;

use crate::site::{Site, row, rows};

const SECTIONS: &str = "\
defaults named
    mode http
    timeout client 1m
    timeout connect 1s
    timeout server 1s
    stats uri /inherited
frontend web
    bind {web}
    log stdout format raw local0
    option httplog
    http-after-response set-header x-after yes
    http-request deny if { path /stats-denied }
    stats uri /stats
    stats refresh 7s
    stats show-legends
    stats show-node here
    stats show-desc It\\'s <b>ours</b> & yours
    use_backend private if { path_beg /private }
    use_backend guarded if { path_beg /guarded }
    use_backend inherited if { path_beg /inherited }
    default_backend app
backend app
    server one {origin}
    server off 127.0.0.1:1 disabled
backend private
    stats uri /private
    stats realm A\\ \\\"secret\\\"
    stats auth me:pass
    stats auth you:word:two
    stats scope .
    stats scope app
    stats hide-version
backend guarded
    stats uri /guarded
    stats http-request allow if { url_param(key) 1 }
    stats http-request deny if { url_param(key) 2 }
    stats http-request auth realm Guard
backend inherited from named
    server one {origin}
";

fn objects(text: &str) -> Vec<String> {
    rows(text).iter().map(|row| format!("{}/{}", row["pxname"], row["svname"])).collect()
}

#[test]
fn the_page_is_served_and_logged_as_by_haproxy() {
    let site = Site::new("page", SECTIONS);
    let page = site.get("/stats");
    assert_eq!((page.status, page.field("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!((page.field("refresh"), page.field("x-after")), (Some("7"), Some("yes")));
    let policy = page.field("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(page.body.starts_with("<!DOCTYPE html>") && page.body.trim_end().ends_with("</html>"));
    assert!(page.body.contains("id=\"app/off\"") && page.body.contains("class=\"maint\""));
    assert!(page.body.contains(" on here</title>"));
    assert!(page.body.contains("It&#39;s &lt;b&gt;ours&lt;/b&gt; &amp; yours"), "{}", page.body);
    let line = site.braid.process.wait_for_line("GET /stats HTTP/1.1", LIMIT).unwrap();
    assert!(
        line.contains(" web web/<STATS> ") && line.contains(" 200 ") && line.contains(" LR-- "),
        "{line}"
    );
    // A request for something else goes to its server.
    assert_eq!(site.get("/200").body, "hello");
    assert_eq!(
        site.request("PUT /stats HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            .status,
        502
    );
    assert_eq!(site.get("/stats-denied").status, 403);
}

#[test]
fn forms_for_programs_are_chosen_by_words() {
    let site = Site::new("words", SECTIONS);
    let csv = site.get("/stats;csv");
    assert_eq!(csv.field("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(row(&rows(&csv.body), "app", "off")["status"], "MAINT");
    assert_eq!(row(&rows(&csv.body), "app", "off")["addr"], "127.0.0.1:1");
    assert!(!objects(&site.get("/stats;csv;up").body).contains(&"app/off".to_owned()));
    assert!(!objects(&site.get("/stats;csv;no-maint").body).contains(&"app/off".to_owned()));
    assert_eq!(objects(&site.get("/stats?;csv;scope=AP").body), ["app/one", "app/off", "app/BACKEND"]);
    let json = site.get("/stats;json");
    assert_eq!(json.field("content-type"), Some("application/json"));
    assert!(json.body.starts_with("[[{\"objType\":\"Frontend\""));
    assert!(site.get("/stats;json-schema").body.contains("\"Stat\""));
    assert!(site.get("/stats;typed").body.starts_with("F."));
    assert_eq!(site.get("/stats;norefresh").field("refresh"), None);
    let head = site.request("HEAD /stats;csv HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_eq!((head.status, &*head.body), (200, ""));
}

#[test]
fn a_section_can_ask_for_a_password_and_show_a_part() {
    let site = Site::new("auth", SECTIONS);
    let refused = site.get("/private;csv");
    assert_eq!(refused.status, 401);
    assert_eq!(refused.field("www-authenticate"), Some("Basic realm=\"A 'secret'\", charset=\"UTF-8\""));
    let with = |credentials: &str| {
        let field = format!("Authorization: Basic {credentials}\r\n");
        site.request(&format!("GET /private;csv HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{field}\r\n"))
    };
    // me:pass, you:word:two, me:word
    assert_eq!(objects(&with("bWU6cGFzcw==").body), ["app/one", "app/off", "app/BACKEND", "private/BACKEND"]);
    assert_eq!(with("eW91OndvcmQ6dHdv").status, 200);
    assert_eq!(with("bWU6d29yZA==").status, 401);
}

#[test]
fn rules_decide_who_sees_a_page() {
    let site = Site::new("rules", SECTIONS);
    let statuses = ["/guarded?key=1", "/guarded?key=2", "/guarded"].map(|target| site.get(target).status);
    assert_eq!(statuses, [200, 403, 401]);
    assert_eq!(
        site.get("/guarded").field("www-authenticate"),
        Some("Basic realm=\"Guard\", charset=\"UTF-8\"")
    );
    assert_eq!(site.get("/inherited").status, 200);
    let ordered = "POST /stats HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\na=b";
    let refused = site.request(ordered);
    assert_eq!((refused.status, refused.field("location")), (303, Some("/stats;st=DENY")));
}

#[test]
fn only_the_page_itself_changes_servers() {
    let site = Site::new(
        "admin",
        "frontend web\n    bind {web}\n    stats uri /stats\n    stats admin unless { path_sub view }\n    \
         default_backend app\nbackend app\n    server one {origin}\n    server two {origin}\n",
    );
    let status = |server: &str| row(&site.rows(""), "app", server)["status"].clone();
    let order = |target: &str, fields: &str, body: &str| {
        let length = body.len();
        let reply = site.request(&format!(
            "POST {target} HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
        ));
        assert_eq!(reply.status, 303);
        reply.field("location").unwrap().rsplit_once("st=").unwrap().1.to_owned()
    };
    assert_eq!(order("/stats", "", "s=one&s=two&action=maint&b=app"), "DONE");
    assert_eq!((&*status("one"), &*status("two")), ("MAINT", "MAINT"));
    assert_eq!(order("/stats", "", "s=two&action=drain&b=app"), "DONE");
    assert_eq!(order("/stats", "", "s=one&action=ready&b=app"), "DONE");
    assert_eq!((&*status("one"), &*status("two")), ("no check", "DRAIN"));
    let number = row(&site.rows(""), "app", "one")["iid"].clone();
    assert_eq!(order("/stats", "", &format!("s=two&action=ready&b=%23{number}")), "DONE");
    assert_eq!(status("two"), "no check");
    for (body, outcome) in [
        ("s=one&action=&b=app", "NONE"),
        ("s=three&s=one&action=ready&b=app", "PART"),
        ("s=one&action=explode&b=app", "UNKN"),
        ("s=one&action=maint&b=web", "UNKN"),
    ] {
        assert_eq!(order("/stats", "", body), outcome, "{body}");
    }
    assert_eq!(order("/stats;view", "", "s=one&action=maint&b=app"), "DENY");
    // What a browser sends needs the token of the page, and has to come from there.
    let page = site.get("/stats").body;
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let body = format!("s=one&action=maint&b=app&token={token}");
    let own = "Origin: http://proxy\r\nSec-Fetch-Site: same-origin\r\n";
    assert_eq!(order("/stats", "Origin: http://evil\r\n", &body), "DENY");
    assert_eq!(order("/stats", "Sec-Fetch-Site: cross-site\r\n", &body), "DENY");
    assert_eq!(order("/stats", own, "s=one&action=maint&b=app"), "DENY");
    assert_eq!(status("one"), "no check");
    assert_eq!(order("/stats", own, &body), "DONE");
    assert_eq!(status("one"), "MAINT");
    assert!(site.get("/stats;st=DONE").body.contains("The servers were changed."));
    assert!(!site.get("/stats;view").body.contains("name=\"token\""));
}

#[test]
fn settings_without_effect_are_warned_of() {
    let site = Site::new(
        "warned",
        "listen l\n    bind {web}\n    stats uri /s\n    stats scope nowhere\n    stats auth a:b\n    \
         stats http-request deny\nlisten t\n    mode tcp\n    stats enable\n",
    );
    let warnings = site.braid.warnings().join("\n");
    for expected in [
        "'stats scope nowhere' of listen 'l' has no effect",
        "'stats auth' and 'stats realm' of listen 'l' have no effect",
        "the statistics page of listen 't' is never served",
    ] {
        assert!(warnings.contains(expected), "{expected} in {warnings}");
    }
}
