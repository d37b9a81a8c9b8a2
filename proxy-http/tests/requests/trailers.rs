//! Trailers of chunked request bodies.

use crate::Row;

pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "trailer plain",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: a\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: a\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer two",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: a\r\nY: b\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: a\r\ny: b\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer length",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 7\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\ncontent-length: 7\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer length twice",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\ncontent-length: 7\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer lengths that differ",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 7\r\nContent-Length: 8\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer bad length",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: x\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer encoding gzip",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer encoding gzip, chunked",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\ntransfer-encoding: gzip, chunked\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer length and encoding",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\ntransfer-encoding: chunked\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer host twice",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nHost: x\r\nHost: X\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nhost: x\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer hosts that differ",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nHost: x\r\nHost: y\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer bad host",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nHost: x y\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer no colon",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer empty name",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n: a\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer space before colon",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX : a\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer white space first",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n X: a\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer folded",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: a\r\n b\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: a   b\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer LF only",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: a\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: a\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer NUL in value",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: a\0\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer connection close",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nConnection: close, x\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nconnection: close, x\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer upgrade h2c",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nUpgrade: h2c\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer te",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTE: gzip\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nte: gzip\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer 8 bits in value",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: \xff\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: \xff\r\n\r\n"],
        refused: None,
    },
    Row {
        name: "trailer 8 bits in name",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\xff: a\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer CR in value",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: a\rb\r\n\r\n",
        passed: &[],
        refused: Some(400),
    },
    Row {
        name: "trailer empty value",
        input: b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX:\r\n\r\n",
        passed: &[b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: \r\n\r\n"],
        refused: None,
    },
];
