//! Exchanges of several clients on one connection to a server.

use proxy_http::Method;

use super::{Site, answer, answer_to, ask};
use crate::tests::http::format::{REFUSED, RESET};
use crate::tests::http::hear::Heard;
use crate::tests::http::message::{Language, Message};
use crate::tests::http::peer::Peer;
use crate::tests::{after, ms, run};

const HTTP1_TO_RECORDS: (Language, Language) = (Language::Http1, Language::Records);
const RECORDS: (Language, Language) = (Language::Records, Language::Records);

fn get(n: usize) -> Message {
    Message::new(&format!("GET /of/{n}"))
}

/// Sends the request of a new client, which reaches the server on this connection. Returns the client and the
/// exchange.
async fn asks(site: &Site<'_>, n: usize, server: &mut Peer) -> (Peer, u32) {
    let mut client = site.client().await;
    ask(&mut client, &get(n));
    assert_eq!(server.hear(None).await, Some(get(n)));
    (client, server.voice().1)
}

/// Sends the request of the first client, for which a connection is made.
async fn asks_first(site: &Site<'_>) -> (Peer, Peer) {
    let mut client = site.client().await;
    ask(&mut client, &get(1));
    let mut server = site.server(1).await;
    assert_eq!(server.hear(None).await, Some(get(1)));
    (client, server)
}

/// Asserts that the client and the log get this status.
async fn is_answered(site: &mut Site<'_>, client: &mut Peer, server: &mut Peer, number: u32, status: &str) {
    answer(server, Some(number), &Message::new(status));
    let heard = client.hear(Some(Method::Get)).await;
    assert_eq!(heard.map(|message| message.start).as_deref(), Some(status));
    assert_eq!(site.logged().await.outcome, format!("{status} --"));
}

/// One is reset by the server, one is refused and sent again: the others are not affected.
#[test]
fn eight_of_different_clients() {
    run(|lab| async move {
        let mut site = Site::new(&lab, HTTP1_TO_RECORDS, " http-reuse always", 1, |_| {});
        let (first, mut server) = asks_first(&site).await;
        let mut clients = vec![(first, 1)];
        for n in 2..=8 {
            clients.push(asks(&site, n, &mut server).await);
        }
        assert_eq!(
            clients.iter().map(|(_, number)| *number).collect::<Vec<_>>(),
            (1..=8).collect::<Vec<_>>()
        );

        // It is full: the ninth gets a new connection, which others may use.
        let mut ninth = site.client().await;
        ask(&mut ninth, &get(9));
        let mut other = site.server(1).await;
        assert_eq!(other.hear(None).await, Some(get(9)));

        server.attend(1);
        server.break_off(RESET);
        assert_eq!(clients[0].0.hear(Some(Method::Get)).await.unwrap().start, "502");
        assert_eq!(site.logged().await.outcome, "502 SH");

        // A connection that refuses may be about to end: the request is sent on a new one.
        server.attend(2);
        server.break_off(REFUSED);
        let mut again = site.server(1).await;
        assert_eq!(again.hear(None).await, Some(get(2)));
        answer(&mut again, None, &Message::known("200", b"ok"));
        let heard = clients[1].0.hear(Some(Method::Get)).await;
        assert_eq!(heard, Some(Message::known("200", b"ok")));
        let logged = site.logged().await;
        assert_eq!((&*logged.request, &*logged.outcome, logged.retries), ("GET /of/2", "200 --", 1));

        for (client, number) in clients[2..].iter_mut().rev() {
            is_answered(&mut site, client, &mut server, *number, "204").await;
        }
        is_answered(&mut site, &mut ninth, &mut other, 1, "204").await;
        assert!(!server.is_told_end());
        // The connection takes exchanges again.
        asks(&site, 10, &mut server).await;
    });
}

/// `max-reuse` counts exchanges, including open ones.
#[test]
fn a_connection_is_used_as_often_as_it_may_be() {
    for most in [0, 2] {
        run(|lab| async move {
            let mut site = Site::new(&lab, HTTP1_TO_RECORDS, " http-reuse always", 1, |server| {
                server.pool.most_reuses = Some(most);
            });
            let (first, mut server) = asks_first(&site).await;
            let mut clients = vec![(first, 1)];
            for n in 2..=most as usize + 1 {
                clients.push(asks(&site, n, &mut server).await);
            }
            let mut further = site.client().await;
            ask(&mut further, &get(9));
            let mut other = site.server(1).await;
            assert_eq!(other.hear(None).await, Some(get(9)));
            // Open exchanges continue.
            assert!(server.is_told_end());
            for (client, number) in &mut clients {
                is_answered(&mut site, client, &mut server, *number, "204").await;
            }
            assert_eq!(server.hear_end().await, Heard::All);
            is_answered(&mut site, &mut further, &mut other, 1, "204").await;
        });
    }
}

/// The same with a connection that one client has for itself.
#[test]
fn a_clients_own_connection_is_used_as_often_as_it_may_be() {
    run(|lab| async move {
        let mut site = Site::new(&lab, RECORDS, " http-reuse never", 1, |server| {
            server.pool.most_reuses = Some(1);
        });
        let (mut client, mut server) = asks_first(&site).await;
        let second = ask(&mut client, &get(2));
        assert_eq!(server.hear(None).await, Some(get(2)));
        ask(&mut client, &get(3));
        let mut other = site.server(1).await;
        assert_eq!(other.hear(None).await, Some(get(3)));
        assert!(server.is_told_end());
        answer(&mut server, Some(2), &Message::new("204"));
        assert_eq!(answer_to(&mut client, second, Method::Get).await, Some(Message::new("204")));
        assert_eq!(site.logged().await.outcome, "204 --");
    });
}

/// With `http-reuse never` a connection ends with its client.
#[test]
fn a_connection_of_one_client() {
    run(|lab| async move {
        let mut site = Site::new(&lab, RECORDS, " http-reuse never", 1, |_| {});
        let (mut client, mut server) = asks_first(&site).await;
        let second = ask(&mut client, &get(2));
        assert_eq!(server.hear(None).await, Some(get(2)));
        let mut other_client = site.client().await;
        ask(&mut other_client, &get(3));
        let mut other = site.server(1).await;
        assert_eq!(other.hear(None).await, Some(get(3)));
        answer(&mut server, Some(2), &Message::new("204"));
        assert_eq!(answer_to(&mut client, second, Method::Get).await, Some(Message::new("204")));
        assert_eq!(site.logged().await.outcome, "204 --");
        // The connection ends with its client, whose first exchange is reset.
        drop(client);
        server.attend(1);
        assert_eq!(server.hear_end().await, Heard::All);
        is_answered(&mut site, &mut other_client, &mut other, 1, "204").await;
        // The reply waits until the timeout of the client, which does not read it.
        assert_eq!(site.logged().await.outcome, "- cH");
        assert!(server.is_told_end());
    });
}

/// A client has one connection for itself: the one before takes no more exchanges, and ends with its last one.
#[test]
fn a_clients_own_connection_is_replaced() {
    run(|lab| async move {
        let mut site = Site::new(&lab, RECORDS, " http-reuse never", 2, |_| {});
        let (mut client, mut server) = asks_first(&site).await;
        let second = ask(&mut client, &Message::new("GET /2"));
        let mut other = site.server(2).await;
        assert!(other.hear(None).await.is_some());
        answer(&mut other, None, &Message::new("204"));
        assert_eq!(answer_to(&mut client, second, Method::Get).await, Some(Message::new("204")));
        assert_eq!(site.logged().await.led_to, "b2/s2");
        assert!(server.is_told_end());
        client.attend(1);
        is_answered(&mut site, &mut client, &mut server, 1, "204").await;
        assert_eq!(server.hear_end().await, Heard::All);
        assert!(!other.is_told_end());
    });
}

/// A client is authenticated on a connection that all clients could use until then.
#[test]
fn a_connection_that_becomes_one_clients() {
    run(|lab| async move {
        let mut site = Site::new(&lab, RECORDS, " http-reuse always", 1, |_| {});
        let (mut client, mut server) = asks_first(&site).await;
        let unauthorised = Message::new("401").with("www-authenticate", "Negotiate");
        answer(&mut server, None, &unauthorised);
        assert_eq!(client.hear(Some(Method::Get)).await, Some(unauthorised));
        assert_eq!(site.logged().await.outcome, "401 --");
        let mut other_client = site.client().await;
        ask(&mut other_client, &get(2));
        let mut other = site.server(1).await;
        assert_eq!(other.hear(None).await, Some(get(2)));
        // The client itself continues on that connection.
        ask(&mut client, &get(3));
        assert_eq!(server.hear(None).await, Some(get(3)));
    });
}

/// A connection that was idle for a whole interval between two purges is closed.
#[test]
fn an_unused_connection_is_purged() {
    run(|lab| async move {
        let mut site = Site::new(&lab, HTTP1_TO_RECORDS, " http-reuse always", 1, |server| {
            server.pool.purge_delay = ms(100);
        });
        let (mut client, mut server) = asks_first(&site).await;
        is_answered(&mut site, &mut client, &mut server, 1, "204").await;
        for n in 2..=4 {
            // The connection is used between two purges, though it is idle at both.
            after(ms(90)).await;
            let (mut client, number) = asks(&site, n, &mut server).await;
            is_answered(&mut site, &mut client, &mut server, number, "204").await;
        }
        after(ms(250)).await;
        assert_eq!(server.hear_end().await, Heard::All);
    });
}

/// An idle connection is closed when descriptors are short.
#[test]
fn an_unused_connection_makes_room() {
    run(|lab| async move {
        let mut site = Site::new(&lab, HTTP1_TO_RECORDS, " http-reuse always", 1, |_| {});
        let (mut client, mut server) = asks_first(&site).await;
        assert!(!site.worker.context.pool.close_idle());
        is_answered(&mut site, &mut client, &mut server, 1, "204").await;
        assert!(site.worker.context.pool.close_idle());
        assert!(!site.worker.context.pool.close_idle());
        assert_eq!(server.hear_end().await, Heard::All);
    });
}
