//! Messages about invalid rules.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{frontend, read};

/// Returns the message about a line of a frontend.
fn said(line: &str) -> String {
    let (_, said) = read(&frontend(&format!("  {line}")));
    let said: Vec<_> = said.iter().map(|line| line.strip_prefix("4] : ").unwrap_or(line)).collect();
    said.join("\n")
}

#[test]
fn mistakes() {
    let table = [
        ("http-request deny if nope", "there is no ACL 'nope'"),
        ("http-request deny if LOCALHOTS", "there is no ACL 'LOCALHOTS'; did you mean 'LOCALHOST' maybe ?"),
        ("http-request deny if REQ_CONTENT", "HAProxy ACL 'REQ_CONTENT' is not supported yet"),
        (
            "http-request deny if TRUE and TRUE",
            "there is no ACL 'and'; terms without a word between them all have to hold",
        ),
        (
            "http-request deny if {src 10.0.0.1}",
            "there is no ACL '{src'; braces are words of their own, with spaces around them",
        ),
        ("http-request deny if { src 10.0.0.1", "the brace before 'src' is not closed by a word '}'"),
        ("http-request deny if { }", "there is no test between the braces"),
        ("http-request deny if { paht /x }", "unknown fetch 'paht'; did you mean 'path' maybe ?"),
        ("http-request deny if { ssl_fc }", "HAProxy fetch 'ssl_fc' is not supported yet"),
        ("http-request deny if { ssl_fc_sni_end x }", "HAProxy fetch 'ssl_fc_sni' is not supported yet"),
        ("http-request deny if { path_bge /x }", "unknown fetch 'path_bge'; did you mean 'path_beg' maybe ?"),
        (
            "http-request deny if { ssl_fc_sn x }",
            "unknown fetch 'ssl_fc_sn'; HAProxy fetch 'ssl_fc_sni' is not supported yet",
        ),
        (
            "http-request deny if { path,sha11 x }",
            "unknown converter 'sha11'; HAProxy converter 'sha1' is not supported yet",
        ),
        ("http-request deny if { path,lowre x }", "unknown converter 'lowre'; did you mean 'lower' maybe ?"),
        ("http-request deny if { path,sha1 x }", "HAProxy converter 'sha1' is not supported yet"),
        ("http-request deny if { src,add(0) 1 }", "'add' takes type integer, and gets type address"),
        ("http-request deny if { ipv6(::1),odd }", "'odd' takes type integer, and gets type address"),
        (
            "http-request deny if { src -m int 1 }",
            "the match 'int' takes type integer, and 'src' gives type address",
        ),
        ("http-request deny if { path, x }", "expected a converter after the comma"),
        ("http-request deny if { path(x) y }", "'path' takes no arguments"),
        ("http-request deny if { hdr y }", "'hdr' needs an argument; expected the name of a field"),
        (
            "http-request deny if { hdr(x,-11) y }",
            "invalid argument '-11' of 'hdr'; expected a number: from 1 on from the first, from -1 to -10 from the last",
        ),
        (
            "http-request deny if { hdr(x y }",
            "the parenthesis after 'hdr' is not closed; a blank in parentheses ends the word, unless it is in quotes",
        ),
        ("http-request deny if { path -m bge x }", "unknown match 'bge'; did you mean 'beg' maybe ?"),
        ("http-request deny if { path -x y }", "unknown flag '-x'; '--' before patterns that begin with '-'"),
        ("http-request deny if { path -M x }", "HAProxy flag '-M' of ACLs is not supported yet"),
        ("http-request deny if { path -m str -m beg x }", "'-m' is allowed only once, and before '-f'"),
        ("http-request deny if { hdr_cnt(x) y }", "'y' is not a number or a range of numbers"),
        (
            "http-request deny if { src example.org }",
            "'example.org' is not an address or a network; names are not resolved in patterns",
        ),
        (
            "http-request deny if { always_true -m ip ::1 }",
            "the match 'ip' takes type address, and 'always_true' gives type boolean",
        ),
        (
            "http-request deny if { var(txn.x) y }",
            "'var' gives a value of type any: say how to compare it; expected '-m' and one of beg, bin, bool, dir, dom, end, \
             found, int, ip, len, reg, str, sub",
        ),
        (
            "http-request deny if { var(tnx.x) -m found }",
            "invalid argument 'tnx.x' of 'var'; there is no scope 'tnx'; did you mean 'txn'?",
        ),
        ("http-request set-header x %[src", "this bracket is not closed"),
        ("http-request set-header x %[src)]", "expected ']' after the expression, and not ')'"),
        (
            "http-request set-header x %[res.hdr(y)]",
            "'res.hdr' needs the response, which is not there at this point",
        ),
        ("http-response set-header x %[path]", "'path' needs the request, which is not there at this point"),
        (
            "http-request set-header x %[be_name]",
            "'be_name' needs the backend, which is not there at this point",
        ),
        (
            "http-request set-header x %ST",
            "'%ST' needs the start line of the response, which is not there at this point",
        ),
        (
            "http-request set-header x %Ta",
            "'%Ta' needs the record of a log line, which is not there at this point",
        ),
        ("http-request set-header x 1%-2", "'%' does not begin a value here; '%%' is a per cent sign"),
        (
            "http-request set-header x %{+Z}ci",
            "unknown flag 'Z' of values; expected Q, X, E, M, bin, json or cbor",
        ),
        (
            "http-request set-heder x y",
            "unknown action 'set-heder' of 'http-request'; did you mean 'set-header' maybe ?",
        ),
        ("http-request lua.x", "HAProxy action 'http-request lua.x' is not supported yet; there is no Lua"),
        (
            "http-request do-log",
            "HAProxy action 'http-request do-log' is not supported yet; there are no log profiles",
        ),
        (
            "http-response set-path /",
            "unknown action 'set-path' of 'http-response'; it is an action of 'http-request'; those of 'http-response' are add-header, allow, capture, del-header, deny, redirect, replace-header, replace-value, return, set-fc-mark, set-fc-tos, set-header, set-log-level, set-mark, set-nice, set-status, set-tos, set-var, set-var-fmt, silent-drop, strict-mode, unset-var",
        ),
        (
            "http-request set-var src",
            "'set-var' needs something in parentheses; usage: http-request set-var(<scope>.<name>[,<when>...]) <expression>",
        ),
        ("http-request allow(x)", "'allow' takes nothing in parentheses; usage: http-request allow"),
        ("http-request set-header \"a b\" c", "'a b' is not the name of a header field"),
        (
            "http-request replace-path ( x",
            "'(' is not a regular expression; missing closing parenthesis, at byte 1",
        ),
        (
            "http-request silent-drop rst-ttl 0",
            "invalid value '0' for 'rst-ttl'; expected a number from 1 to 255: the time to live of the reset",
        ),
        (
            "http-request set-nice 2000",
            "invalid value '2000' for 'set-nice'; expected a number from -1024 to 1024: the nice value",
        ),
        ("http-request set-header X-A", "missing argument after 'X-A'; expected the value of the field"),
        (
            "http-request capture req.hdr(a) length 10",
            "'length' is a converter here; did you mean 'len' maybe ?",
        ),
        (
            "http-request deny if { hdr_ip(x-forwarded-for, -1) 192.0.2.1 }",
            "the parenthesis after 'hdr_ip' is not closed; a blank in parentheses ends the word, unless it is in quotes",
        ),
        ("http-request deny if { path /a", "the brace before 'path' is not closed by a word '}'"),
        (
            "http-request set-src %[src]",
            "expected an expression, not '%[src]'; here it is written without '%[' and ']'",
        ),
        (
            "http-request deny if { hdr(host) -i -f }",
            "missing argument after '-f'; expected the name of a file",
        ),
        ("http-request deny if { path=/a }", "unexpected '=/a' after an expression"),
        (
            "http-request deny if { path -m regex a }",
            "unknown match 'regex'; expected one of beg, bin, bool, dir, dom, end, found, int, ip, len, reg, str, sub",
        ),
        (
            "http-request deny if { method -m meth GET }",
            "unknown match 'meth'; expected one of beg, bin, bool, dir, dom, end, found, int, ip, len, reg, str, sub",
        ),
        ("http-request deny if { bin(41) -m bni 41 }", "unknown match 'bni'; did you mean 'bin' maybe ?"),
        ("http-request deny if { bin(41) -m bin 4x }", "'4x' is not an even number of hexadecimal digits"),
        (
            "http-request use-service prometheus-exporter",
            "unknown service 'prometheus-exporter'; none is built into this binary",
        ),
        (
            "http-request set-var(foo.bar) src",
            "invalid argument 'foo.bar' of 'set-var(foo.bar)'; there is no scope 'foo'; expected one of proc, sess, \
             txn, req, res, check",
        ),
        ("use_backend nope if TRUE", "there is no backend 'nope' for frontend 'f'"),
        ("use_backend c if TRUE", "there is no backend 'c' for frontend 'f'; did you mean 'b' maybe ?"),
        (
            "use_backend b when TRUE",
            "unexpected 'when'; expected 'if' or 'unless' and a condition, or the end of the line",
        ),
        ("acl or path /x", "'or' stands between alternatives in a condition, and cannot be a name"),
        ("acl a/b path /x", "'a/b' is not a name of an ACL; expected letters, digits, '.', ':', '_' and '-'"),
        ("acl a", "missing argument after 'a'; expected an expression"),
    ];
    let mut wrong = Vec::new();
    for (line, message) in table {
        let found = said(line);
        if found != message {
            wrong.push(format!("{line}\n  expected {message}\n  said     {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All mistakes of a line are reported in one run, including those after one that hides the meaning of the rest.
#[test]
fn every_mistake_of_a_line() {
    for (line, messages) in [
        (
            "http-request dney if { pth_beg /a } { hdr(a),lowr -m begg x } nosuch",
            &[
                "unknown action 'dney' of 'http-request'; did you mean 'deny' maybe ?",
                "unknown fetch 'pth_beg'; did you mean 'path_beg' maybe ?",
                "unknown converter 'lowr'; did you mean 'lower' maybe ?",
                "unknown match 'begg'; did you mean 'beg' maybe ?",
                "there is no ACL 'nosuch'",
            ][..],
        ),
        (
            "http-request set-header X \"%[srcc] %[path,lowr]%[url\" if nosuch",
            &[
                "unknown fetch 'srcc'; did you mean 'src' maybe ?",
                "unknown converter 'lowr'; did you mean 'lower' maybe ?",
                "this bracket is not closed",
                "there is no ACL 'nosuch'",
            ],
        ),
        (
            "http-request capture srcc ln 10",
            &[
                "unknown fetch 'srcc'; did you mean 'src' maybe ?",
                "invalid value 'ln' for 'capture'; expected one of id, len; did you mean 'len' maybe ?",
            ],
        ),
        (
            "http-request return statsu 99 content-tpe text/plain strin x iff nosuch",
            &[
                "unknown word 'statsu' of a reply; did you mean 'status' maybe ?",
                "invalid value '99' for 'status'; expected a number from 200 to 599: the status of the reply",
                "unknown word 'content-tpe' of a reply; did you mean 'content-type' maybe ?",
                "unknown word 'strin' of a reply; did you mean 'string' maybe ?",
                "unexpected 'iff'; expected 'if' or 'unless' and a condition, or the end of the line; did you mean 'if' maybe ?",
                "there is no ACL 'nosuch'",
            ],
        ),
    ] {
        assert_eq!(said(line).lines().collect::<Vec<_>>(), messages, "{line}");
    }
}

/// A file of patterns, which is removed at the end.
struct TempFile(std::path::PathBuf);

impl TempFile {
    fn new(name: &str, text: &str) -> TempFile {
        let path = std::env::temp_dir().join(format!("braid-{name}-{}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        TempFile(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Of the patterns of an ACL each that is not valid is reported, with its line if it is in a file.
#[test]
fn every_bad_pattern() {
    let file = TempFile::new("bad-patterns", "# addresses\n192.0.2.1\nx\n\n192.0.2.0/99\n");
    let name = file.path();
    assert_eq!(
        said(&format!("acl a src -f {name} 192.0.2.2 y")).lines().collect::<Vec<_>>(),
        [
            format!(
                "'x' is not an address or a network (line 3 of '{name}'); names are not resolved in patterns"
            ),
            format!("'192.0.2.0/99' is not an address or a network (line 5 of '{name}')"),
            "'y' is not an address or a network; names are not resolved in patterns".to_owned(),
        ]
    );
    let many = TempFile::new("many-bad-patterns", &"(\n".repeat(11));
    let text = said(&format!("acl a path_reg -f {}", many.path()));
    assert_eq!(text.lines().count(), 11);
    assert_eq!(text.lines().last(), Some("there are more patterns that are not valid than these 10"));
}

/// An ACL that was refused is remembered: a rule that names it does not cause the message that there is none.
#[test]
fn what_depends_on_a_refused_acl_is_quiet() {
    let text = "frontend f\n  mode http\n  acl secure ssl_fc\n  acl odd path_bge /\n  http-request deny if secure !odd\n  \
                http-request deny if { acl(secure) }\n";
    assert_eq!(
        read(text).1,
        [
            "3] : HAProxy fetch 'ssl_fc' is not supported yet",
            "4] : unknown fetch 'path_bge'; did you mean 'path_beg' maybe ?"
        ]
    );
}

#[test]
fn warnings() {
    let table = [
        (
            "http-response set-header x y if { path /x }",
            "this never holds: 'path' needs the request, which is not there at this point",
        ),
        (
            "http-request deny if { src }",
            "'src' without patterns never holds; '-m found' asks whether it is there, \
          '-m bool' whether it is not 0; '--' if this is meant",
        ),
        (
            "http-request deny if { path_beg,lower /x }",
            "the match 'beg' of 'path_beg' is not used; it is the match 'str' that is",
        ),
        (
            "http-request deny if { path_beg -m end /x }",
            "the match 'beg' of 'path_beg' is not used; it is the match 'end' that is",
        ),
        (
            "http-request deny if",
            "nothing follows 'if': this never holds; name an ACL, or put a test in braces",
        ),
        (
            "http-request deny unless",
            "nothing follows 'unless': this always holds; name an ACL, or put a test in braces",
        ),
        ("http-request deny if { always_true 1 }", "patterns have no effect with the match 'bool'"),
    ];
    for (line, message) in table {
        assert_eq!(said(line), message, "{line}");
    }
    assert_eq!(said("http-request deny if { src -- }"), "");
}

#[test]
fn rules_of_defaults() {
    let told = |text: &str| read(text).1;
    assert_eq!(
        told("defaults\n  mode http\n  http-request deny\n  acl a src ::1\n"),
        [
            "3] : 'http-request' is not allowed in a defaults section without a name",
            "4] : 'acl' is not allowed in a defaults section without a name"
        ]
    );
    let both = "defaults d\n  mode http\n  http-request deny\nfrontend f from d\n  default_backend b\nbackend b from d\n";
    assert_eq!(
        told(both),
        [
            "6] : rules of defaults 'd' cannot be inherited by both frontends and backends (a rule there at [t.cfg:3])"
        ]
    );
    let chain = "defaults d\n  mode http\n  http-request deny\ndefaults e from d\n  http-request deny\n";
    assert_eq!(
        told(chain),
        [
            "4] : a defaults section cannot inherit from defaults 'd', which has rules (a rule there at [t.cfg:3])"
        ]
    );
    let plain = "defaults d\n  mode http\ndefaults e from d\n  http-request deny\n";
    assert_eq!(told(plain), [""; 0]);
    let listen = "defaults d\n  mode http\n  http-request deny\nlisten f from d\n";
    assert_eq!(
        told(listen),
        ["4] : a listen section cannot inherit the rules of defaults 'd' (a rule there at [t.cfg:3])"]
    );
    let tcp = "frontend f\n  mode tcp\n  http-request deny\n  default_backend b\nbackend b\n";
    assert_eq!(told(tcp), ["1] : the HTTP rules of frontend 'f' are never used: it is of mode tcp"]);
    let scope = "defaults d\n  mode http\n  acl a path /x\nfrontend f from d\n  http-request deny if a\n";
    assert_eq!(told(scope), ["5] : there is no ACL 'a'"], "those of defaults are for the rules there");
}
