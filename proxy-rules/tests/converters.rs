//! Converters and fetches of values, from configuration text to the value of a field.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Client, frontend, read, request, rules, section, with};
use proxy_rules::{Context, HookPoint, SectionRules, Variables, Verdict};

const OF: &str =
    "GET /x?a=1|cookie: a=1; b=22 ;c=\"x;y\"; a=3|cookie: a=4, d=5; e; $f=6|x-a: AbC|x-n: 0123456789|x-e: ";

/// Returns the values of expressions for the request, in the same order.
fn values(lines: &str, expressions: &[&str]) -> Vec<String> {
    let set: Vec<_> = expressions
        .iter()
        .map(|expression| format!("  http-request set-header y '{expression}'\n"))
        .collect();
    let mut values = Vec::new();
    for line in set {
        let rules = rules(&format!("{lines}\n{line}"));
        let mut request = request(OF);
        let verdict = with(&mut request, |context| rules.at(HookPoint::HttpRequest).run(context));
        assert!(matches!(verdict, Verdict::Continue), "{line}");
        values.push(String::from_utf8_lossy(request.fields().get(b"y").unwrap()).into_owned());
    }
    values
}

fn check(lines: &str, table: &[(&str, &str)]) {
    let formats: Vec<String> = table.iter().map(|(expression, _)| format!("%[{expression}]")).collect();
    let found = values(lines, &formats.iter().map(String::as_str).collect::<Vec<_>>());
    let wrong: Vec<_> = table.iter().zip(found).filter(|((_, value), found)| value != found).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const VARIABLES: &str = "
  http-request set-var(txn.i) int(3)
  http-request set-var(txn.n) int(-1)
  http-request set-var(txn.s) str(text)";

/// Each was compared with HAProxy 3.5-dev5.
#[test]
fn networks() {
    check(
        "",
        &[
            ("ipv4(192.0.2.77),ipmask(24)", "192.0.2.0"),
            ("ipv4(192.0.2.77),ipmask(255.255.0.255)", "192.0.0.77"),
            ("ipv4(192.0.2.77),ipmask(0)", "0.0.0.0"),
            ("ipv4(192.0.2.77),ipmask(32,64)", "192.0.2.77"),
            ("ipv6(2001:db8:1:2:3::4),ipmask(24)", ""),
            ("ipv6(2001:db8:1:2:3::4),ipmask(24,64)", "2001:db8:1:2::"),
            ("ipv6(2001:db8:1:2:3::4),ipmask(24,ffff:ff00::)", "2001:d00::"),
            ("ipv6(::ffff:192.0.2.77),ipmask(24)", "192.0.2.0"),
            ("ipv6(::192.0.2.77),ipmask(24,64)", "192.0.2.0"),
            ("ipv6(2002:c000:201::1),ipmask(24,64)", "192.0.2.0"),
            ("str(10.1.2.3),ipmask(8)", "10.0.0.0"),
        ],
    );
}

#[test]
fn the_process() {
    check(
        "",
        &[
            ("env(NO_SUCH_VARIABLE)", ""),
            ("rand(1)", "0"),
            ("date,sub(0),div(1000000000)", "1"),
            ("date(5,ms),div(1000000000000)", "1"),
            ("date_us,div(1000000)", "0"),
            ("pid", &std::process::id().to_string()),
        ],
    );
}

/// Each was compared with HAProxy 3.5-dev5.
#[test]
fn texts() {
    check(
        VARIABLES,
        &[
            ("req.hdr(x-a),reverse", "CbA"),
            ("req.hdr(x-a),lower,reverse", "cba"),
            ("str(),reverse", ""),
            ("str(www.example.com.),reverse_dom", "com.example.www"),
            ("str(a..b),reverse_dom", ""),
            ("str(.),reverse_dom", ""),
            ("str(abc),concat", "abc"),
            ("str(abc),concat(,txn.s,)", "abctext"),
            ("str(abc),concat(-,txn.i,x)", "abc-3x"),
            ("str(abc),concat(-,txn.no,x)", "abc-x"),
            ("str(abc),concat(-,,x)", "abc-x"),
            ("str(foo 1/2),json", "foo 1\\/2"),
            ("str(+%20?+%41),url_dec(0)", "+ ? A"),
            ("str(+%20?+%41),url_dec(-3)", "  ? A"),
            ("str(+%20?+%41%zz),url_dec", ""),
            ("str(%2541),url_dec,url_dec", "A"),
            ("str(a b/~-._=?&+%é),url_enc", "a%20b%2F~-._%3D%3F%26%2B%25%C3%A9"),
            ("str(a b),url_enc(query),url_dec", "a b"),
            ("str(a=1;b=2),param(b,0x3b)", "2"),
            ("str(a=1&b=2),param(c)", ""),
            ("query,param(a)", "1"),
            ("str(/a//b/c/),word(-2,/,0)", "/a//b"),
            ("str(xyabcyx),ltrim(yx),rtrim(yx)", "abc"),
            ("str(xxx),ltrim(x)", ""),
            ("str(xxx),rtrim(x)", ""),
            ("str(\"a\\r\\nb\"),cut_crlf", "a"),
            ("str(Www.Example.com:80),host_only", "www.example.com"),
            ("str([::1]:80),host_only", "[::1]"),
            ("str([::1]),host_only", "[::1]"),
            ("str([::1]:80),port_only", "80"),
            ("str([::1]),port_only", "0"),
            ("str(a:),port_only", "0"),
            ("bool(1),iif(a,b)", "a"),
            ("bool(1),iif(,b)", ""),
            ("str(0),iif(yes,no)", "no"),
            ("int(5),iif(yes,no)", "yes"),
            ("str(abc),strcmp(txn.s)", "-19"),
            ("str(text),strcmp(txn.s)", "0"),
            ("str(textual),strcmp(txn.s)", "1"),
            ("str(tex),strcmp(txn.s)", "-1"),
            ("str(3),strcmp(txn.i)", "0"),
            ("str(x),strcmp(txn.no)", ""),
        ],
    );
}

/// Each was compared with HAProxy 3.5-dev5.
#[test]
fn bytes() {
    check(
        VARIABLES,
        &[
            ("req.hdr(x-n),bytes(2)", "23456789"),
            ("req.hdr(x-n),lower,bytes(2,3)", "234"),
            ("req.hdr(x-n),bytes(99)", ""),
            ("req.hdr(x-n),bytes(8,99)", "89"),
            ("req.hdr(x-n),bytes(txn.i,txn.i)", "345"),
            ("req.hdr(x-n),bytes(txn.s)", "0123456789"),
            ("req.hdr(x-n),bytes(txn.n)", ""),
            ("req.hdr(x-n),bytes(1,txn.n)", ""),
            ("req.hdr(x-n),bytes(1,txn.no)", ""),
            ("req.hdr(x-n),be2dec(::,3,1)", "3158322::3355701::3553080"),
            ("req.hdr(x-n),be2dec(,3)", "31583223355701355308057"),
            ("req.hdr(x-n),le2dec(-,3)", "3289392-3486771-3684150-57"),
            ("req.hdr(x-e),be2dec(:,1)", ""),
            ("req.hdr(x-n),be2hex", "30313233343536373839"),
            ("req.hdr(x-n),be2hex(,2)", "30313233343536373839"),
            ("req.hdr(x-n),be2hex(--,3)", "303132--333435--363738--39"),
            ("req.hdr(x-n),be2hex(.,3,1)", "303132.333435.363738"),
            ("req.hdr(x-e),be2hex(:,1,1)", ""),
            ("int(258),hex", "0000000000000102"),
            ("bool(1),hex", "0000000000000001"),
            ("ipv4(127.0.0.1),hex", "7F000001"),
            ("bin(14FBc0),hex", "14FBC0"),
            ("str(0aF),hex2i", "175"),
            ("str(ffffffffffffffffff1),hex2i", "-15"),
            ("str(0ag),hex2i", ""),
            ("str(ab),base2", "0110000101100010"),
            ("str(fo),base64", "Zm8="),
            ("int(1),base64", "AAAAAAAAAAE="),
            ("str(fo),ub64enc", "Zm8"),
            ("bin(14fb9c03d97f12d97e),ub64enc", "FPucA9l_Etl-"),
            ("str(FPucA9l_Etl-),ub64dec,hex", "14FB9C03D97F12D97E"),
            ("str(Zg==),b64dec", "f"),
            ("str(Zg),b64dec", ""),
            ("str(a),has_ctl", "0"),
            ("bin(610961),has_ctl", "0"),
            ("bin(610961),has_ctl()", "0"),
            ("bin(610961),has_ctl(any)", "1"),
            ("bin(610961),has_ctl(http)", "0"),
            ("bin(610961),has_ctl(0x200)", "1"),
            ("int(0),has_ctl(http)", "1"),
        ],
    );
}

/// Each was compared with HAProxy 3.5-dev5.
#[test]
fn numbers() {
    const MOST: &str = "9223372036854775807";
    check(
        VARIABLES,
        &[
            ("int(5),add(3)", "8"),
            ("int(5),add(+3)", "8"),
            ("int(5),add(-3)", "2"),
            ("int(5),add(txn.i)", "8"),
            ("int(5),add(txn.s)", "5"),
            ("int(5),add(txn.no)", ""),
            ("bool(1),add(1)", "2"),
            ("int(9223372036854775807),add(1)", MOST),
            ("int(0),add(99999999999999999999)", MOST),
            ("int(-9223372036854775807),sub(2)", "-9223372036854775808"),
            ("int(-5),sub(-9223372036854775808)", "9223372036854775803"),
            ("int(0),sub(-9223372036854775808)", MOST),
            ("int(5),mul(3)", "15"),
            ("int(9223372036854775807),mul(-2)", "-9223372036854775808"),
            ("int(-9223372036854775808),mul(-1)", MOST),
            ("int(-7),div(2)", "-3"),
            ("int(-7),div(0)", MOST),
            ("int(-9223372036854775808),div(-1)", MOST),
            ("int(-7),mod(2)", "-1"),
            ("int(7),mod(0)", "0"),
            ("int(-9223372036854775808),mod(-1)", "0"),
            ("int(-9223372036854775808),neg", MOST),
            ("int(6),and(3)", "2"),
            ("int(6),or(3)", "7"),
            ("int(6),xor(3)", "5"),
            ("int(6),cpl", "-7"),
            ("int(6),not", "0"),
            ("int(6),bool", "1"),
            ("int(-3),odd", "1"),
            ("int(-3),even", "0"),
            ("str(7),odd", "1"),
            ("str(),odd", ""),
        ],
    );
}

/// Each was compared with HAProxy 3.5-dev5.
#[test]
fn hashes() {
    check(
        "",
        &[
            ("str(a),crc32", "3904355907"),
            ("str(a),crc32(1)", "1288200982"),
            ("str(a),crc32(0)", "3904355907"),
            ("str(a),crc32c", "3251651376"),
            ("str(a),crc32c(1)", "626010576"),
            ("str(a),djb2", "177670"),
            ("str(a),djb2(1)", "3548763807"),
            ("str(a),sdbm", "97"),
            ("str(a),sdbm(1)", "1830748055"),
            ("str(a),wt6", "1900802597"),
            ("str(a),wt6(1)", "1986649387"),
            ("str(a),xxh32", "1426945110"),
            ("str(a),xxh32(7)", "3666002600"),
            ("str(a),xxh32(4294967297)", "4111757423"),
            ("str(a),xxh32(-1)", "3443684653"),
            ("str(a),xxh64", "-3292477735350538661"),
            ("str(a),xxh64(7)", "-2566126185475933851"),
            ("str(a),xxh64(-1)", "6972758980737027682"),
            ("str(a),xxh3", "-1817709641818812897"),
            ("str(a),xxh3(7)", "-7001539911779966828"),
            ("str(a),xxh3(-1)", "4875116479388997462"),
            ("str(/index.html),crc32", "3928116034"),
            ("str(/index.html),crc32(1)", "571229468"),
            ("str(/index.html),crc32(0)", "3928116034"),
            ("str(/index.html),crc32c", "3198995637"),
            ("str(/index.html),crc32c(1)", "3534103757"),
            ("str(/index.html),djb2", "3776231887"),
            ("str(/index.html),djb2(1)", "1889807916"),
            ("str(/index.html),sdbm", "858007926"),
            ("str(/index.html),sdbm(1)", "4217574924"),
            ("str(/index.html),wt6", "822151038"),
            ("str(/index.html),wt6(1)", "2986733765"),
            ("str(/index.html),xxh32", "1354608795"),
            ("str(/index.html),xxh32(7)", "2759199963"),
            ("str(/index.html),xxh32(4294967297)", "3406659634"),
            ("str(/index.html),xxh32(-1)", "3797814524"),
            ("str(/index.html),xxh64", "-4061540515841707417"),
            ("str(/index.html),xxh64(7)", "1954659263988679012"),
            ("str(/index.html),xxh64(-1)", "-3082793032183489098"),
            ("str(/index.html),xxh3", "-6156675040932399064"),
            ("str(/index.html),xxh3(7)", "8227026303391135350"),
            ("str(/index.html),xxh3(-1)", "-2555445276180868343"),
            ("str(),crc32", "0"),
            ("str(),crc32(1)", "2874071335"),
            ("str(),crc32(0)", "0"),
            ("str(),crc32c", "0"),
            ("str(),crc32c(1)", "2874071335"),
            ("str(),djb2", "5381"),
            ("str(),djb2(1)", "3719394183"),
            ("str(),sdbm", "0"),
            ("str(),sdbm(1)", "2874071335"),
            ("str(),wt6", "4187620192"),
            ("str(),wt6(1)", "2385687481"),
            ("str(),xxh32", "46947589"),
            ("str(),xxh32(7)", "3618484216"),
            ("str(),xxh32(4294967297)", "187479954"),
            ("str(),xxh32(-1)", "2422332061"),
            ("str(),xxh64", "-1205034819632174695"),
            ("str(),xxh64(7)", "-7642500336903896055"),
            ("str(),xxh64(-1)", "2994696410035606400"),
            ("str(),xxh3", "3244421341483603138"),
            ("str(),xxh3(7)", "-7981820518085198152"),
            ("str(),xxh3(-1)", "5478965906984379733"),
            ("bin(e9ff80),crc32", "669928559"),
            ("bin(e9ff80),crc32(1)", "1743916659"),
            ("bin(e9ff80),crc32(0)", "669928559"),
            ("bin(e9ff80),crc32c", "1902582964"),
            ("bin(e9ff80),crc32c(1)", "1885115903"),
            ("bin(e9ff80),djb2", "193639277"),
            ("bin(e9ff80),djb2(1)", "787453539"),
            ("bin(e9ff80),sdbm", "1941658538"),
            ("bin(e9ff80),sdbm(1)", "1082321366"),
            ("bin(e9ff80),wt6", "470446359"),
            ("bin(e9ff80),wt6(1)", "2808144738"),
            ("bin(e9ff80),xxh32", "2468248267"),
            ("bin(e9ff80),xxh32(7)", "487485533"),
            ("bin(e9ff80),xxh32(4294967297)", "4285726155"),
            ("bin(e9ff80),xxh32(-1)", "330166101"),
            ("bin(e9ff80),xxh64", "355539965881039948"),
            ("bin(e9ff80),xxh64(7)", "-5397492799241369356"),
            ("bin(e9ff80),xxh64(-1)", "-5948497259894557417"),
            ("bin(e9ff80),xxh3", "4384825926705186795"),
            ("bin(e9ff80),xxh3(7)", "2859377707749968051"),
            ("bin(e9ff80),xxh3(-1)", "8133668215881391616"),
            ("str(0123456789abcdef0123456789abcdef),crc32", "2002367758"),
            ("str(0123456789abcdef0123456789abcdef),crc32(1)", "3063568720"),
            ("str(0123456789abcdef0123456789abcdef),crc32(0)", "2002367758"),
            ("str(0123456789abcdef0123456789abcdef),crc32c", "1557151385"),
            ("str(0123456789abcdef0123456789abcdef),crc32c(1)", "3557472037"),
            ("str(0123456789abcdef0123456789abcdef),djb2", "552514569"),
            ("str(0123456789abcdef0123456789abcdef),djb2(1)", "1000565365"),
            ("str(0123456789abcdef0123456789abcdef),sdbm", "3123714704"),
            ("str(0123456789abcdef0123456789abcdef),sdbm(1)", "338496399"),
            ("str(0123456789abcdef0123456789abcdef),wt6", "1095674149"),
            ("str(0123456789abcdef0123456789abcdef),wt6(1)", "2530409026"),
            ("str(0123456789abcdef0123456789abcdef),xxh32", "3951594800"),
            ("str(0123456789abcdef0123456789abcdef),xxh32(7)", "2861049138"),
            ("str(0123456789abcdef0123456789abcdef),xxh32(4294967297)", "3019677782"),
            ("str(0123456789abcdef0123456789abcdef),xxh32(-1)", "2393024813"),
            ("str(0123456789abcdef0123456789abcdef),xxh64", "7217744722875508421"),
            ("str(0123456789abcdef0123456789abcdef),xxh64(7)", "-882782791874512490"),
            ("str(0123456789abcdef0123456789abcdef),xxh64(-1)", "-598062653664169378"),
            ("str(0123456789abcdef0123456789abcdef),xxh3", "77156422110593109"),
            ("str(0123456789abcdef0123456789abcdef),xxh3(7)", "2503554337220869177"),
            ("str(0123456789abcdef0123456789abcdef),xxh3(-1)", "-7348200358802546104"),
        ],
    );
}

/// Each was compared with HAProxy 3.5-dev5.
#[test]
fn dates() {
    check(
        "",
        &[
            ("int(1000000000),utime(%Y-%m-%d %H:%M:%S)", "2001-09-09 01:46:40"),
            ("int(1000000000),utime(%a %b %e %T %Z %z,3600)", "Sun Sep  9 02:46:40 GMT +0000"),
            ("int(1000000000),ltime(%s)", "1000000000"),
            ("int(1000000000),ltime(%s,-1)", "999999999"),
            ("int(1000000000),http_date", "Sun, 09 Sep 2001 01:46:40 GMT"),
            ("int(1000000000005),http_date(1,ms)", "Sun, 09 Sep 2001 01:46:40.6 GMT"),
        ],
    );
}

/// Each was compared with HAProxy 3.5-dev5.
#[test]
fn languages() {
    check(
        "",
        &[
            ("str(\"fr;q=0.8 , en;q=0.9\"),language(en;fr)", "en"),
            ("str(de),language(en;fr)", ""),
            ("str(de),language(en;fr,fr)", "fr"),
        ],
    );
}

/// Each was compared with HAProxy 3.5-dev5.
#[test]
fn cookies_and_names() {
    check(
        "",
        &[
            ("req.cook(a)", "4"),
            ("req.cook(b)", "22"),
            ("cook(c)", "\"x;y\""),
            ("req.cook", "1"),
            ("req.cook()", "1"),
            ("req.cook(zz)", ""),
            ("req.cook_cnt", "6"),
            ("req.cook_cnt(a)", "3"),
            ("cook_val(b),add(1)", "23"),
            ("req.cook_names", "a,b,c,a,a,d"),
            ("req.cook_names(;)", "a;b;c;a;a;d"),
            ("req.hdr_names", "cookie,cookie,x-a,x-n,x-e"),
            ("req.hdr_names(;)", "cookie;cookie;x-a;x-n;x-e"),
        ],
    );
    let holds = |condition: &str| {
        let rules = rules(&format!("  http-request allow if {condition}"));
        matches!(
            with(&mut request(OF), |context| rules.at(HookPoint::HttpRequest).run(context)),
            Verdict::Accept
        )
    };
    // Of several cookies with the same name, one is enough.
    assert!(holds("{ cook(a) 1 } { req.cook(a) 3 } { cook_beg(a) 4 } { req.cook_val(a) gt 3 }"));
    assert!(!holds("{ cook(a) 2 }"));
}

#[test]
fn cookies_of_responses_are_the_first_of_each_field() {
    let rules = rules("  http-response set-header y %[res.cook_names]:%[res.cook(a)]:%[scook_cnt]");
    let client = Client::default();
    let (mut variables, mut scratch) = (Variables::default(), Vec::new());
    let mut response = common::response("200|set-cookie: a=1; path=/|set-cookie: b=\"2\"; secure; a=3");
    let mut context = Context::new(&client, &mut variables, &mut scratch).with_response(&mut response);
    assert!(matches!(rules.at(HookPoint::HttpResponse).run(&mut context), Verdict::Continue));
    assert_eq!(response.fields().get(b"y"), Some(&b"a,b:1:2"[..]));
}

/// A value that is set is stored in the field unchanged; reading the field strips the white space around it.
#[test]
fn white_space_around_a_value() {
    let rules =
        rules("  http-request set-header y '%[str( a )]'\n  http-request set-header z %[req.fhdr(y),length]");
    let mut request = request("GET /");
    with(&mut request, |context| rules.at(HookPoint::HttpRequest).run(context));
    assert_eq!(request.fields().get(b"y"), Some(&b" a "[..]));
    assert_eq!(request.fields().get(b"z"), Some(&b"1"[..]));
}

const ACLS: &str = "
  acl one always_true
  acl two acl(one)
  acl not_two acl(!two)
  acl four acl(two,!not_two)
  acl late always_false
  acl later acl(late)
  acl late path /x";

#[test]
fn acls_ask_others() {
    check(
        ACLS,
        &[
            ("acl(one)", "1"),
            ("acl(two)", "1"),
            ("acl(not_two)", "0"),
            ("acl(four)", "1"),
            ("acl(one,not_two)", "0"),
            ("acl(TRUE)", "1"),
            ("acl(METH_GET,!METH_POST)", "1"),
            ("acl(!FALSE)", "1"),
            // A line that adds to an ACL affects rules before it, too.
            ("acl(later),iif(yes,no)", "yes"),
        ],
    );
    let rules =
        rules(&format!("{ACLS}\n  http-request deny if !four or not_two\n  http-request allow if two later"));
    assert!(matches!(
        with(&mut request(OF), |context| rules.at(HookPoint::HttpRequest).run(context)),
        Verdict::Accept
    ));
}

#[test]
fn acls_are_those_of_the_section() {
    let text = "defaults d\n  mode http\n  acl a always_true\nfrontend f from d\n  default_backend b\n  acl b acl(a)\nbackend b from d\n";
    let (_, said) = read(text);
    assert!(said.len() == 1 && said[0].contains("there is no ACL 'a'"), "{said:?}");
}

#[test]
fn connections() {
    let section = section(
        "  http-request set-header y %[http_first_req]\n  http-response set-header y %[http_first_req]:%[bc_reused]",
    );
    let rules = section.get::<SectionRules>().unwrap();
    let (mut request, mut response) = (request("GET /"), common::response("200"));
    with(&mut request, |context| rules.at(HookPoint::HttpRequest).run(context));
    assert_eq!(request.fields().get(b"y"), Some(&b"1"[..]));
    let mut client = Client::default();
    client.repeated = true;
    let (mut variables, mut scratch) = (Variables::default(), Vec::new());
    let mut context = Context::new(&client, &mut variables, &mut scratch)
        .with_request(&mut request)
        .with_response(&mut response);
    rules.at(HookPoint::HttpResponse).run(&mut context);
    assert_eq!(response.fields().get(b"y"), Some(&b"0:1"[..]));
}

#[test]
fn mistakes() {
    let table = [
        ("json(x)", "invalid argument 'x' of 'json'; expected 'ascii', 'utf8', 'utf8s', 'utf8p' or 'utf8ps'"),
        ("url_enc(x)", "invalid argument 'x' of 'url_enc'; expected 'query'"),
        ("url_dec(x)", "invalid argument 'x' of 'url_dec'; expected a number"),
        (
            "be2dec(:,9)",
            "invalid argument '9' of 'be2dec'; expected how many bytes a number has, from 1 to 8",
        ),
        ("be2dec(:)", "'be2dec' needs an argument; expected how many bytes a number has, from 1 to 8"),
        ("be2hex(:)", "'be2hex' needs an argument; expected the number of bytes in a group, from 1 on"),
        (
            "be2hex(,0,1)",
            "invalid argument '0' of 'be2hex'; expected the number of bytes in a group, from 1 on",
        ),
        ("iif(a)", "'iif' needs an argument; expected the text for what is false"),
        (
            "param(a,;;)",
            "invalid argument ';;' of 'param'; expected the byte between parameters: itself, or '0x' and two digits",
        ),
        (
            "param(a,)",
            "'param' needs an argument; expected the byte between parameters: itself, or '0x' and two digits",
        ),
        (
            "bytes(-1)",
            "invalid argument '-1' of 'bytes'; expected a number from 0 on, or the name of a variable",
        ),
        (
            "bytes(0,0)",
            "invalid argument '0' of 'bytes'; expected a number from 1 on, or the name of a variable",
        ),
        ("bytes(2,)", "'bytes' needs an argument; expected a number from 1 on, or the name of a variable"),
        ("bytes(bad.i)", "invalid argument 'bad.i' of 'bytes'; there is no scope 'bad'"),
        ("add(3x)", "invalid argument '3x' of 'add'; expected a number, or the name of a variable"),
        ("concat(-,bad)", "invalid argument 'bad' of 'concat'; the name of a variable begins with its scope"),
        ("word(0,/)", "invalid argument '0' of 'word'; expected a number: from 1 on"),
        (
            "has_ctl(0x400000000)",
            "invalid argument '0x400000000' of 'has_ctl'; expected 'any', 'http', or a number of 33 bits: one for each \
             character",
        ),
    ];
    for (converter, message) in table {
        said(&format!("http-request set-header y '%[req.hdr(x),{converter}]'"), message);
    }
    for fetch in ["bin(14f)", "bin(14zz)"] {
        said(
            &format!("http-request set-header y '%[{fetch}]'"),
            "expected hexadecimal digits, two for each byte",
        );
    }
    said("acl a acl()", "'acl' needs an argument; expected the name of an ACL, or '!' and a name");
    said("acl a acl(TRUE,)", "'acl' needs an argument; expected the name of an ACL, or '!' and a name");
    said("acl a acl(TRUF)", "there is no ACL 'TRUF'; did you mean 'TRUE' maybe ?");
    said("acl a acl(!!TRUE)", "there is no ACL '!TRUE'");
    said("acl a acl(a)", "there is no ACL 'a'");
    said("acl a always_true\n  acl a acl(a)", "'a' would depend on itself");
    said(
        "acl a always_true\n  acl b acl(a)\n  acl c acl(!b)\n  acl a acl(TRUE,c)",
        "'a' would depend on itself",
    );
    said(
        "http-request set-header y %[bc_reused]",
        "'bc_reused' needs the connection to the server, which is not there at this point",
    );
}

/// Checks that this message is the only one about lines in a frontend.
#[track_caller]
fn said(lines: &str, message: &str) {
    let (_, said) = read(&frontend(&format!("  {lines}")));
    assert!(
        said.len() == 1 && said[0].contains(message),
        "{lines}\n  expected {message}\n  said     {said:?}"
    );
}
