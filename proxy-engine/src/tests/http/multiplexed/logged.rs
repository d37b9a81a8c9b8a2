//! The log lines of exchanges, whatever carries them.

use proto_core::stream::Stream;
use proxy_http::Method;

use super::{Site, answer, answer_to, ask};
use crate::tests::http::message::{Language, Message};
use crate::tests::http::peer::Peer;
use crate::tests::layers::layers;
use crate::tests::{after, ms, run, say};

/// Connects a client that takes 100 ms to pass a layer.
async fn passes_a_layer(site: &Site<'_>) -> Box<dyn Stream> {
    let entry = site.another_entry(|config| config.listeners[0].layers.all = layers(&["open"]));
    let (mut stream, accepted) = site.lab.accepted(&entry).await;
    site.worker.start(accepted);
    after(ms(100)).await;
    say(&mut stream, "open").await;
    stream
}

/// The duration of handshakes is logged with the first exchange only.
#[test]
fn the_first_exchange_after_a_layer() {
    for language in [Language::Http1, Language::Records] {
        run(|lab| async move {
            let mut site = Site::new(&lab, (language, Language::Http1), "", 1, |_| {});
            let mut client = Peer::new(passes_a_layer(&site).await, language, true);
            let mut server = None;
            for handshake in [100, 0] {
                let number = ask(&mut client, &Message::new("GET /1"));
                let server = match &mut server {
                    Some(server) => server,
                    none => none.insert(site.server(1).await),
                };
                assert!(server.hear(None).await.is_some());
                answer(server, None, &Message::new("204"));
                assert!(answer_to(&mut client, number, Method::Get).await.is_some());
                assert_eq!(site.logged().await.handshake, handshake);
            }
        });
    }
}

#[test]
fn no_request_after_a_layer() {
    for language in [Language::Http1, Language::Records] {
        run(|lab| async move {
            let mut site = Site::new(&lab, (language, Language::Http1), "", 1, |_| {});
            let client = Peer::new(passes_a_layer(&site).await, language, true);
            after(ms(50)).await;
            client.end();
            let logged = site.logged().await;
            assert_eq!((&*logged.outcome, logged.handshake), ("400 CR", 100));
        });
    }
}

/// Interim responses are forwarded only to clients of HTTP/1.1 and later.
#[test]
fn versions_of_requests() {
    for (version, is_told) in [("1.0", false), ("1.1", true), ("2.0", true)] {
        run(|lab| async move {
            let mut site = Site::new(&lab, (Language::Http1, Language::Http1), "", 1, |_| {});
            let mut client = site.client().await;
            client.say(format!("GET /1 HTTP/{version}\r\nhost: a\r\n\r\n").as_bytes());
            let mut server = site.server(1).await;
            assert!(server.hear(None).await.is_some());
            answer(&mut server, None, &Message::new("103"));
            answer(&mut server, None, &Message::new("204"));
            if is_told {
                assert_eq!(client.hear(Some(Method::Get)).await, Some(Message::new("103")));
            }
            assert_eq!(client.hear(Some(Method::Get)).await, Some(Message::new("204")));
            let line = format!("GET /1 HTTP/{version}");
            assert_eq!(site.logged().await.request, line.replace(" HTTP/1.1", ""));
        });
    }
}
