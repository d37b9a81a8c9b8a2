//! A slow receiver delays only its own exchange, and the proxy does not read what it cannot forward.

use proxy_http::Method;

use super::{Site, answer, answer_to, ask};
use crate::tests::http::format::{HEAD, WINDOW};
use crate::tests::http::message::{Language, Message};
use crate::tests::{after, ms, run};

/// The bytes that the transport buffers in each direction.
const TRANSPORT: usize = 64 * 1024;
/// The bytes that the proxy reads at once.
const BUFFER: usize = 16 * 1024;
const LONG: usize = 1024 * 1024;

/// More than the window and all buffers hold together.
async fn all_wait() {
    after(ms(1000)).await;
}

fn a_response_that_is_not_read(language: Language) {
    run(|lab| async move {
        let mut site = Site::new(&lab, (Language::Records, language), " http-reuse always", 2, |_| {});
        let mut client = site.client().await;
        let (get, long) = (Message::new("GET /1"), Message::known("200", &vec![b'x'; LONG]));
        let stalled = ask(&mut client, &get);
        let mut server = site.server(1).await;
        assert_eq!(server.hear(None).await, Some(get));
        answer(&mut server, None, &long);
        all_wait().await;
        client.attend(stalled);
        let head = long.head(client.voice()).len();
        let records = (client.waiting() - head - WINDOW) / HEAD;
        assert_eq!(client.waiting(), head + WINDOW + records * HEAD, "{records} records");
        let read = LONG - server.unsent();
        assert!(read <= TRANSPORT + WINDOW + BUFFER, "{read} bytes");

        // Other exchanges continue.
        let other = ask(&mut client, &Message::new("GET /2"));
        let mut second = site.server(2).await;
        assert!(second.hear(None).await.is_some());
        answer(&mut second, None, &Message::known("200", b"ok"));
        let heard = answer_to(&mut client, other, Method::Get).await;
        assert_eq!(heard, Some(Message::known("200", b"ok")));
        assert_eq!(site.logged().await.led_to, "b2/s2");

        let heard = answer_to(&mut client, stalled, Method::Get).await;
        assert!(heard == Some(long));
        assert_eq!(site.logged().await.outcome, "200 --");
    });
}

#[test]
fn a_response_of_a_server_that_carries_one_at_a_time() {
    a_response_that_is_not_read(Language::Http1);
}

#[test]
fn a_response_of_a_server_that_carries_many() {
    a_response_that_is_not_read(Language::Records);
}

fn a_request_that_is_not_read(language: Language) {
    run(|lab| async move {
        let mut site = Site::new(&lab, (language, Language::Records), " http-reuse always", 1, |_| {});
        let mut client = site.client().await;
        let long = Message::known("PUT /1", &vec![b'x'; LONG]);
        ask(&mut client, &long);
        let mut server = site.server(1).await;
        all_wait().await;
        server.attend(1);
        let head = long.head(server.voice()).len();
        let records = (server.waiting() - head - WINDOW) / HEAD;
        assert_eq!(server.waiting(), head + WINDOW + records * HEAD, "{records} records");
        let read = LONG - client.unsent();
        assert!(read <= TRANSPORT + WINDOW + BUFFER, "{read} bytes");

        // Another client continues, on the same connection.
        let mut other = site.client().await;
        ask(&mut other, &Message::new("GET /1"));
        server.attend(2);
        while server.first_tag().is_none() {
            after(ms(1)).await;
        }
        answer(&mut server, Some(2), &Message::known("200", b"ok"));
        assert!(other.hear(Some(Method::Get)).await.is_some());
        assert_eq!(site.logged().await.request, "GET /1");

        server.attend(1);
        assert!(server.hear(None).await == Some(long));
        answer(&mut server, None, &Message::known("200", b"ok"));
        assert!(client.hear(Some(Method::Put)).await.is_some());
        assert_eq!(site.logged().await.outcome, "200 --");
    });
}

#[test]
fn a_request_of_a_client_that_makes_one_at_a_time() {
    a_request_that_is_not_read(Language::Http1);
}

#[test]
fn a_request_of_a_client_that_makes_many() {
    a_request_that_is_not_read(Language::Records);
}

/// The end of a body needs no window: a receiver that has all bytes grants no more.
fn a_body_that_fills_the_window(language: Language) {
    run(|lab| async move {
        let mut site = Site::new(&lab, (Language::Records, language), "", 1, |_| {});
        let mut client = site.client().await;
        let (get, full) = (Message::new("GET /1"), Message::known("200", &vec![b'x'; WINDOW]));
        ask(&mut client, &get);
        let mut server = site.server(1).await;
        assert_eq!(server.hear(None).await, Some(get));
        server.say(&full.part(server.voice(), WINDOW));
        all_wait().await;
        server.say(&full.end(server.voice()));
        // The exchange is logged once all was sent, though the client has not read any of it.
        let logged = site.logged().await;
        assert_eq!((&*logged.outcome, logged.millis <= 1000), ("200 --", true));
        assert!(client.hear(Some(Method::Get)).await == Some(full));
    });
}

#[test]
fn a_full_window_from_a_server_that_carries_one_at_a_time() {
    a_body_that_fills_the_window(Language::Http1);
}

#[test]
fn a_full_window_from_a_server_that_carries_many() {
    a_body_that_fills_the_window(Language::Records);
}
