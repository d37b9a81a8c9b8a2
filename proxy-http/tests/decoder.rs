//! Bodies, and the moves that a proxy may make without decoding them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proxy_http::h1::{BodyDecoder, BodyErrorKind, Decoded, Framing, HeadErrorKind};

#[test]
fn data_move_together_and_the_rest_stays() {
    let mut decoder = BodyDecoder::new(Framing::Chunked);
    let mut bytes = b"3\r\nabc\r\n2;x\r\nde\r\n0\r\nA: b\r\n\r\nGET".to_vec();
    let decoded = decoder.decode(&mut bytes).unwrap();
    assert_eq!(decoded, Decoded { consumed: bytes.len() - 3, data: 5 });
    assert_eq!(&bytes[..decoded.data], b"abcde");
    assert_eq!(&bytes[decoded.consumed..], b"GET");
    assert!(decoder.is_done());
    assert_eq!(decoder.trailers().get(b"a"), Some(&b"b"[..]));
    assert_eq!(decoder.decode(&mut bytes).unwrap(), Decoded::default());
    assert_eq!(decoder.end_of_input(), Ok(()));

    decoder.restart(Framing::Length(2));
    assert!(decoder.trailers().is_empty());
    let mut bytes = b"abc".to_vec();
    assert_eq!(decoder.decode(&mut bytes).unwrap(), Decoded { consumed: 2, data: 2 });
    assert!(decoder.is_done());

    decoder.restart(Framing::Chunked);
    decoder.decode(&mut b"0\r\nC: d\r\n\r\n".to_vec()).unwrap();
    assert_eq!(
        decoder.trailers().iter().map(|it| (it.name, it.value)).collect::<Vec<_>>(),
        [(&b"c"[..], &b"d"[..])]
    );
}

#[test]
fn data_may_be_moved_unseen() {
    let mut decoder = BodyDecoder::new(Framing::Chunked);
    assert_eq!(decoder.raw_remaining(), None);
    assert_eq!(decoder.decode(&mut b"a\r\n01".to_vec()).unwrap(), Decoded { consumed: 5, data: 2 });
    assert_eq!(decoder.raw_remaining(), Some(8));
    decoder.moved(3);
    assert_eq!(decoder.raw_remaining(), Some(5));
    decoder.moved(5);
    assert_eq!(decoder.raw_remaining(), None);
    assert_eq!(decoder.decode(&mut b"\r\n0\r\n\r\n".to_vec()).unwrap(), Decoded { consumed: 7, data: 0 });
    assert!(decoder.is_done());
    assert_eq!(decoder.raw_remaining(), None);

    let mut decoder = BodyDecoder::new(Framing::Length(7));
    assert_eq!(decoder.raw_remaining(), Some(7));
    decoder.moved(7);
    assert!(decoder.is_done());

    let mut decoder = BodyDecoder::new(Framing::UntilClose);
    assert_eq!(decoder.raw_remaining(), Some(u64::MAX));
    decoder.moved(1 << 40);
    assert_eq!(decoder.raw_remaining(), Some(u64::MAX));
    assert!(!decoder.is_done());
    assert_eq!(decoder.end_of_input(), Ok(()));
    assert!(decoder.is_done());
}

#[test]
fn bodies_without_bytes_are_done_at_once() {
    for framing in [Framing::None, Framing::Length(0)] {
        let mut decoder = BodyDecoder::new(framing);
        assert!(decoder.is_done());
        assert_eq!(decoder.decode(&mut [0; 3]).unwrap(), Decoded::default());
    }
}

#[test]
fn an_end_that_comes_too_early() {
    for (framing, bytes) in [
        (Framing::Length(3), "ab"),
        (Framing::Chunked, ""),
        (Framing::Chunked, "3\r\nab"),
        (Framing::Chunked, "2\r\nab\r\n"),
        (Framing::Chunked, "0\r\n"),
        (Framing::Chunked, "0\r\nA: b\r\n"),
    ] {
        let mut decoder = BodyDecoder::new(framing);
        decoder.decode(&mut bytes.as_bytes().to_vec()).unwrap();
        let error = decoder.end_of_input().unwrap_err();
        assert_eq!((error.kind, error.position), (BodyErrorKind::Truncated, bytes.len() as u64), "{bytes:?}");
        assert_eq!(decoder.end_of_input(), Err(error));
    }
}

#[test]
fn what_is_wrong_and_where() {
    use BodyErrorKind as Kind;
    for (bytes, kind, position) in [
        ("x\r\n", Kind::ChunkSize, 0),
        ("\r\n", Kind::ChunkSize, 0),
        ("2x\r\n", Kind::ChunkSize, 1),
        ("10000000000000\r\n", Kind::ChunkSize, 13),
        ("2\nab", Kind::ChunkLineEnd, 1),
        ("2\r\rab", Kind::ChunkLineEnd, 2),
        ("2;\"\r\n", Kind::ChunkExtension, 3),
        ("2;\\\r\n", Kind::ChunkExtension, 2),
        ("2\r\nabc\r\n", Kind::ChunkEnd, 5),
        ("2\r\nab\rc", Kind::ChunkEnd, 6),
        ("2\r\nab\r\n0\r\nA\r\n", Kind::Trailers(HeadErrorKind::FieldName), 11),
    ] {
        for at in 0..bytes.len() {
            let mut decoder = BodyDecoder::new(Framing::Chunked);
            let (mut first, mut second) = (bytes.as_bytes()[..at].to_vec(), bytes.as_bytes()[at..].to_vec());
            let error = decoder.decode(&mut first).and_then(|_| decoder.decode(&mut second)).unwrap_err();
            assert_eq!((error.kind, error.position), (kind, position), "{bytes:?} cut at {at}");
            assert_eq!(decoder.decode(&mut second), Err(error), "it stays wrong");
        }
    }
}
