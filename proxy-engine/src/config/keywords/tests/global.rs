//! Tests of the keywords of the global section.

use super::*;

#[test]
fn numbers_of_the_process() {
    let tuning = |lines: &str| -> HttpTuning {
        let (configuration, said) = global(lines);
        assert_eq!(said, Vec::<String>::new(), "{lines}");
        configuration.global.get_or_default()
    };
    let plain = tuning("");
    assert_eq!((plain.bufsize, plain.rewrite_room(), plain.largest_head()), (16_384, 1024, 15_360));
    assert_eq!((plain.most_fields, plain.logged_uri, plain.shared_pools), (101, 1024, true));
    // Rounded up to whole pairs of pointers.
    assert_eq!(tuning("tune.bufsize 16385").bufsize, 16_400);
    assert_eq!(tuning("tune.bufsize 32k").largest_head(), 31 * 1024);
    assert_eq!(tuning("tune.bufsize 1").bufsize, 16);
    // At most half, in either order.
    assert_eq!(tuning("tune.maxrewrite 9000\ntune.bufsize 8k").rewrite_room(), 4096);
    assert_eq!(tuning("tune.maxrewrite 0").largest_head(), 16_384);
    assert_eq!(tuning("tune.http.maxhdr 32767").most_fields, 32_767);
    assert_eq!(tuning("tune.http.logurilen 65535").logged_uri, 65_535);
    assert!(tuning("tune.idle-pool.shared full").shared_pools);
    assert!(!tuning("tune.idle-pool.shared on\ntune.idle-pool.shared off").shared_pools);
    refused_globally(&[
        ("tune.bufsize", "missing argument after"),
        ("tune.bufsize 0", "invalid buffer size"),
        ("tune.bufsize 2g", "invalid buffer size"),
        ("tune.bufsize 18446744073709551615", "invalid buffer size"),
        ("tune.bufsize 16kb", "invalid value"),
        ("tune.maxrewrite -1", "invalid value"),
        ("tune.http.maxhdr 0", "invalid value"),
        ("tune.http.maxhdr 32768", "invalid value"),
        ("tune.http.logurilen x", "invalid value"),
        ("tune.idle-pool.shared yes", "invalid value"),
    ]);
}

#[test]
fn case_of_names() {
    let path = std::env::temp_dir().join(format!("braid-{}-case-adjust", std::process::id()));
    let path = path.to_str().unwrap();
    let with_file = |text: &str, lines: &str| {
        std::fs::write(path, text).unwrap();
        let read = global(&format!("h1-case-adjust-file {path}\n{lines}"));
        std::fs::remove_file(path).unwrap();
        read
    };
    let text = "# some names\n\n  content-type \t Content-Type  \r\nhost HOST\n#etag ETag\n";
    let (configuration, said) = with_file(text, "h1-case-adjust content-length Content-Length");
    assert_eq!(said, Vec::<String>::new());
    let names = configuration.global.get::<CaseAdjustments>().and_then(CaseAdjustments::map).unwrap();
    for (name, written) in [
        (&b"content-length"[..], &b"Content-Length"[..]),
        (b"content-type", b"Content-Type"),
        (b"host", b"HOST"),
        (b"etag", b"etag"),
        (b"\xff", b"\xff"),
    ] {
        assert_eq!(names.written(name), written);
    }
    assert!(!names.is_empty() && CaseAdjustments::default().map().is_none());

    for (text, words) in [
        ("host HOST\nhost Host\n", "line 2: 'host' is adjusted twice"),
        ("host\n", "line 1: 'host' and '' differ"),
        ("host Host Host\n", "differ in more"),
        ("content-length Content-Length\n", "'content-length' is adjusted by an 'h1-case-adjust' line"),
    ] {
        let (_, said) = with_file(text, "h1-case-adjust content-length Content-Length");
        assert!(
            matches!(&said[..], [one] if one.starts_with("A2") && one.contains(words)),
            "{text}: {said:?}"
        );
    }
    refused_globally(&[
        ("h1-case-adjust host", "missing argument after"),
        ("h1-case-adjust host Hosts", "differ in more"),
        // HAProxy accepts it without any effect.
        ("h1-case-adjust Host HOST", "lower case"),
        ("h1-case-adjust a:b A:b", "not a valid field name"),
        ("h1-case-adjust host Host\nh1-case-adjust host HOST", "twice"),
        ("h1-case-adjust-file /nowhere/at/all", "cannot read"),
        ("h1-case-adjust-file", "missing argument after"),
    ]);
}
