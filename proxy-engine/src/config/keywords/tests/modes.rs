//! Tests of keywords that depend on the mode, and of balancing algorithms that need requests.

use super::*;
use crate::balance::Hashing;
use crate::policy::{HashAffinity, HashBalanceFactor};

#[test]
fn hash_types() {
    for (line, method, function, avalanche) in [
        ("map-based", HashMethod::MapBased, HashFunction::Sdbm, false),
        ("consistent", HashMethod::Consistent, HashFunction::Sdbm, true),
        ("consistent sdbm", HashMethod::Consistent, HashFunction::Sdbm, false),
        ("map-based djb2 avalanche", HashMethod::MapBased, HashFunction::Djb2, true),
        ("map-based wt6", HashMethod::MapBased, HashFunction::Wt6, false),
        ("consistent none", HashMethod::Consistent, HashFunction::None, false),
    ] {
        let section = well(&format!("hash-type {line}"));
        assert_eq!(section.get(), Some(&HashType { method, function, avalanche }), "{line}");
    }
    refused(&[
        ("hash-type", "missing argument after"),
        ("hash-type avalanche", "invalid value"),
        ("hash-type consistent avalanche", "invalid value"),
        ("hash-type consistent md5", "invalid value"),
        ("hash-type consistent sdbm avalanch", "unexpected"),
        ("hash-balance-factor", "missing argument after"),
        ("hash-balance-factor 100", "more than 100 percent"),
        ("hash-preserve-affinity", "missing argument after"),
        ("hash-preserve-affinity never", "invalid value"),
        ("balance hash", "an expression is expected"),
        ("balance hash src dst", "only an expression is expected"),
        ("balance hash sauce", "unknown fetch"),
        ("balance hash res.hdr(a)", "not there at this point"),
        ("balance rdp-cookie()", "name of a cookie"),
        ("balance log-hash lower", "not supported yet"),
        ("balance sticky", "not supported yet"),
        ("balance hdr()", "name of a field"),
        ("balance hdr(host) domain", "use_domain_only is expected"),
        ("balance uri depth", "takes a number"),
        ("balance url_param id check_post", "not supported yet"),
    ]);
    for (line, factor) in [("hash-balance-factor 0", 0), ("hash-balance-factor 150", 150)] {
        assert_eq!(well(line).get(), Some(&HashBalanceFactor(factor)));
    }
    for (word, affinity) in [
        ("always", HashAffinity::Always),
        ("maxconn", HashAffinity::MaxConn),
        ("maxqueue", HashAffinity::MaxQueue),
    ] {
        assert_eq!(well(&format!("hash-preserve-affinity {word}")).get(), Some(&affinity));
    }
    well("balance hash req.hdr(host),lower");
    well("balance rdp-cookie");
    well("balance rdp-cookie(name)");
    well("balance random()");
    well("balance hdr(host) use_domain_only");
    well("balance uri whole len 10 depth 2 path-only");
    well("balance url_param id");
}

#[test]
fn what_needs_http_is_said_to_have_no_effect_without() {
    let options = "
 option http-ignore-probes
 option http-no-delay
 option http-buffer-request
 option abortonclose
 option prefer-last-server
 option accept-unsafe-violations-in-http-request
 option accept-unsafe-violations-in-http-response
 option forwardfor
 option originalto
 option http-server-close
 option h1-case-adjust-bogus-client
 option h1-case-adjust-bogus-server
 option http-restrict-req-hdr-names delete
 http-reuse always
 retry-on 503
 timeout http-request 10s
 timeout http-keep-alive 10s
 timeout tarpit 10s
 balance uri
 hash-type consistent";
    let sections = "frontend f\n default_backend b\nbackend b\n";
    let (configuration, said) = read(&format!("defaults\n {DEFAULTS} mode tcp{options}\n{sections}"));
    let mut of: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
    for line in &said {
        assert!(line.starts_with('W'), "{line}");
        let name = line.split('\'').nth(1).unwrap();
        of[usize::from(line.contains("backend 'b'"))].push(name.strip_prefix("option ").unwrap_or(name));
    }
    of.iter_mut().for_each(|names| names.sort_unstable());
    let frontend = [
        "accept-unsafe-violations-in-http-request",
        "forwardfor",
        "http-buffer-request",
        "http-ignore-probes",
        "http-no-delay",
        "originalto",
    ];
    let backend = [
        "accept-unsafe-violations-in-http-response",
        "balance uri",
        "forwardfor",
        "http-buffer-request",
        "http-no-delay",
        "originalto",
        "prefer-last-server",
    ];
    assert_eq!(of, [frontend.to_vec(), backend.to_vec()]);
    // The algorithm is round robin instead.
    let balancing: &Balancing = configuration.proxies[1].get().unwrap();
    let made = balance::make(balancing, Mode::Tcp, &Hashing::default()).unwrap();
    assert!(!made.is_deterministic() && made.is_full_with_a_queue(), "{made:?}");
    assert!(balance::make(balancing, Mode::Http, &Hashing::default()).unwrap().is_deterministic());
    // In mode http there is no warning.
    let (_, said) = read(&format!("defaults\n {DEFAULTS} mode http{options}\n{sections}"));
    assert_eq!(said, Vec::<String>::new());
}

#[test]
fn what_stands_in_a_section_of_the_other_side() {
    for (kind, line) in [
        ("frontend", "option prefer-last-server"),
        ("frontend", "option accept-unsafe-violations-in-http-response"),
        ("frontend", "option h1-case-adjust-bogus-server"),
        ("frontend", "http-reuse always"),
        ("frontend", "hash-type consistent"),
        ("frontend", "balance uri"),
        ("backend", "option http-ignore-probes"),
        ("backend", "option accept-unsafe-violations-in-http-request"),
        ("backend", "option h1-case-adjust-bogus-client"),
    ] {
        let (_, said) = read(&format!("defaults\n {DEFAULTS} mode http\n{kind} x\n {line}\n"));
        assert!(
            matches!(&said[..], [one] if one.starts_with("W7") && one.contains("is ignored")),
            "{line}: {said:?}"
        );
    }
    // This is an error, as in HAProxy.
    let (_, said) = read(&format!("defaults\n {DEFAULTS} mode http\nfrontend x\n retry-on 503\n"));
    assert!(
        matches!(&said[..], [one] if one.starts_with("A7") && one.contains("is not allowed")),
        "{said:?}"
    );
}

#[test]
fn modes() {
    assert_eq!(well("").get(), Some(&Mode::Http));
    assert_eq!(well("mode tcp").get(), Some(&Mode::Tcp));
    refused(&[
        ("mode health", "http-request return"),
        ("mode log", "not supported yet"),
        ("mode spop", "not supported yet"),
        ("mode haterm", "not supported yet"),
        ("mode htp", "invalid value"),
    ]);
    for (frontend, backend, words) in [
        ("http", "http", None),
        ("tcp", "tcp", None),
        ("http", "tcp", Some("frontend 'f' is of mode http and cannot lead to backend 'b'")),
        // Its sessions become connections of HTTP.
        ("tcp", "http", None),
    ] {
        let sections =
            format!("frontend f\n mode {frontend}\n default_backend b\nbackend b\n mode {backend}\n");
        let (_, said) = read(&format!("defaults\n {DEFAULTS}{sections}"));
        match words {
            None => assert_eq!(said, Vec::<String>::new()),
            Some(words) => {
                assert!(
                    matches!(&said[..], [one] if one.starts_with('A') && one.contains(words)),
                    "{said:?}"
                );
            }
        }
    }
}
