//! Messages that are well-formed in every way in which a peer may write them.
//!
//! What is read is what was meant, however it is spelt and split; and what is written reads as the same.

mod common;

use common::{laws, requests, shown};
use proptest::collection::vec;
use proptest::prelude::*;
use proxy_http::h1::Limits;

/// A field as it is meant, and as it is spelt.
fn field() -> impl Strategy<Value = ((String, String), String)> {
    let name = "[a-z][a-z0-9_.-]{0,12}";
    let value = "([!-~\u{e4}]([ \t!-~]{0,20}[!-~])?)?";
    let space = "[ \t]{0,3}";
    let end = prop_oneof![Just("\r\n"), Just("\n"), Just("\r\n \r\n")];
    (name, value, space, space, end, any::<bool>()).prop_map(|(name, value, before, after, end, upper)| {
        // Fields with a meaning for the codec are tested elsewhere.
        let name = format!("x-{name}");
        let spelt = if upper { name.to_ascii_uppercase() } else { name.clone() };
        ((name, value.clone()), format!("{spelt}:{before}{value}{after}{end}"))
    })
}

/// A body as it is meant, the field that delimits it, and its spelling.
fn body() -> impl Strategy<Value = (Vec<u8>, String, Vec<u8>)> {
    let chunks = vec(
        (vec(any::<u8>(), 1..40), "0{0,2}", "([ \t]{0,2}(;[a-z]{1,3}(=\"[^\"\\\\[:cntrl:]]{0,4}\")?)?)"),
        0..5,
    );
    prop_oneof![
        Just((Vec::new(), String::new(), Vec::new())),
        vec(any::<u8>(), 0..60)
            .prop_map(|data| { (data.clone(), format!("Content-Length: {}\r\n", data.len()), data) }),
        chunks.prop_map(|chunks| {
            let (mut data, mut spelt) = (Vec::new(), Vec::new());
            for (chunk, zeros, extension) in chunks {
                data.extend_from_slice(&chunk);
                spelt.extend_from_slice(format!("{zeros}{:x}{extension}\r\n", chunk.len()).as_bytes());
                spelt.extend_from_slice(&chunk);
                spelt.extend_from_slice(b"\r\n");
            }
            spelt.extend_from_slice(b"0\r\n\r\n");
            (data, "Transfer-Encoding: chunked\r\n".to_owned(), spelt)
        }),
    ]
}

fn expected(fields: &[(String, String)], delimiter: &str, data: &[u8]) -> Vec<u8> {
    let mut message = b"POST /a HTTP/1.1\r\n".to_vec();
    for (name, value) in fields {
        message.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    message.extend_from_slice(delimiter.to_ascii_lowercase().as_bytes());
    message.extend_from_slice(b"\r\n");
    if !delimiter.starts_with('T') {
        message.extend_from_slice(data);
        return message;
    }
    if !data.is_empty() {
        message.extend_from_slice(format!("{:X}\r\n", data.len()).as_bytes());
        message.extend_from_slice(data);
        message.extend_from_slice(b"\r\n");
    }
    message.extend_from_slice(b"0\r\n\r\n");
    message
}

proptest! {
    #[test]
    fn what_is_written_is_what_was_meant(
        fields in vec(field(), 0..8),
        (data, delimiter, body) in body(),
        lines in prop_oneof![Just(""), Just("\r\n"), Just("\n\n")],
        gap in prop_oneof![Just(" "), Just("  "), Just("\t")],
        mut cuts in vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut bytes = format!("{lines}POST{gap}/a{gap}HTTP/1.1\r\n").into_bytes();
        for (_, spelt) in &fields {
            bytes.extend_from_slice(spelt.as_bytes());
        }
        bytes.extend_from_slice(delimiter.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body);
        let meant: Vec<_> = fields.into_iter().map(|(meant, _)| meant).collect();
        let expected = expected(&meant, &delimiter, &data);

        let mut cuts: Vec<_> = cuts.drain(..).map(|cut| cut.index(bytes.len())).collect();
        cuts.sort_unstable();
        let passed = requests(&bytes, &cuts, Limits::default());
        prop_assert_eq!(shown(&passed.messages), shown(&[expected]), "{:?}", passed.error);
        laws::is_stable(&passed, |message| requests(message, &[], Limits::default()));
    }

    #[test]
    fn requests_after_each_other_stay_separate(
        bodies in vec(body(), 1..5),
        mut cuts in vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let (mut bytes, mut messages) = (Vec::new(), Vec::new());
        for (data, delimiter, body) in &bodies {
            bytes.extend_from_slice(format!("POST /a HTTP/1.1\r\n{delimiter}\r\n").as_bytes());
            bytes.extend_from_slice(body);
            messages.push(expected(&[], delimiter, data));
        }
        let mut cuts: Vec<_> = cuts.drain(..).map(|cut| cut.index(bytes.len())).collect();
        cuts.sort_unstable();
        let passed = requests(&bytes, &cuts, Limits::default());
        prop_assert_eq!(shown(&passed.messages), shown(&messages), "{:?}", passed.error);
    }

    #[test]
    fn any_bytes_are_read_in_one_way(bytes in vec(any::<u8>(), 0..80), cut in 0_usize..80) {
        laws::of_requests(&bytes, cut);
        laws::of_responses(&bytes, cut);
    }
}
