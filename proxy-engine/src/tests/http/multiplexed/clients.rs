//! Eight concurrent exchanges of one client, with different servers.

use proxy_http::Method;

use super::{Logged, Site, answer, answer_to, ask};
use crate::tests::http::format::{REFUSED, RESET};
use crate::tests::http::hear::Heard;
use crate::tests::http::message::{Language, Message};
use crate::tests::{after, ms, run};

/// One is slow, one is reset by the client, one is killed: the others are not affected.
fn eight_at_once(language: Language) {
    run(|lab| async move {
        let mut site = Site::new(&lab, (Language::Records, language), "", 8, |_| {});
        let mut client = site.client().await;
        let request = |n: usize| Message::known(&format!("POST /{n}"), &vec![b'x'; 10 * n]);
        let response = |n: usize| Message::known("200", &vec![b'y'; 100 * n]);
        let mut servers = Vec::new();
        for n in 1..=8 {
            assert_eq!(ask(&mut client, &request(n)), n as u32);
        }
        for n in 1..=8 {
            let mut server = site.server(n).await;
            assert_eq!(server.hear(None).await, Some(request(n)));
            servers.push(server);
        }
        // One that exceeds the limit of the connection is refused, and may be sent again.
        let ninth = ask(&mut client, &request(1));
        assert_eq!(answer_to(&mut client, ninth, Method::Post).await, None);
        assert_eq!(client.first_tag(), Some(REFUSED));

        let said = |n: usize| request(n).bytes((Language::Records, 1)).len();
        let heard = |n: usize| response(n).bytes((Language::Records, 1)).len();
        let logged = |n: usize, outcome: &str, sent, millis| Logged {
            request: format!("POST /{n}"),
            outcome: outcome.to_owned(),
            led_to: format!("b{n}/s{n}"),
            bytes: (said(n), sent),
            millis,
            handshake: 0,
            retries: 0,
        };
        after(ms(10)).await;
        client.attend(2);
        client.break_off(RESET);
        assert_eq!(site.logged().await, logged(2, "- CD", 0, 10));
        assert_eq!(servers[1].hear_end().await, Heard::All);

        let living = site.living();
        assert_eq!(living.len(), 7);
        let (id, _) = living.into_iter().find(|(_, request)| request == "POST /3").unwrap();
        let registry = &site.worker.context.registry;
        assert_eq!(registry.kill_activities(crate::Cause::Killed, |activity| activity.id() == id), 1);
        assert_eq!(site.logged().await, logged(3, "- KH", 0, 10));
        assert_eq!(servers[2].hear_end().await, Heard::All);
        assert_eq!(answer_to(&mut client, 3, Method::Post).await, None);
        assert_eq!(client.first_tag(), Some(RESET));

        for n in (4..=8).rev() {
            answer(&mut servers[n - 1], None, &response(n));
            assert_eq!(answer_to(&mut client, n as u32, Method::Post).await, Some(response(n)));
            assert_eq!(site.logged().await, logged(n, "200 --", heard(n), 10));
        }
        assert_eq!(site.living().len(), 1);
        after(ms(500)).await;
        answer(&mut servers[0], None, &response(1));
        assert_eq!(answer_to(&mut client, 1, Method::Post).await, Some(response(1)));
        assert_eq!(site.logged().await, logged(1, "200 --", heard(1), 510));

        // The bytes of the connection are those of all exchanges.
        let received = (1..=8).map(said).sum();
        let sent = (1..=8).filter(|n| ![2, 3].contains(n)).map(heard).sum();
        let (_, requests, bytes) = site.connection().unwrap();
        assert_eq!((requests, bytes), (8, (received, sent)));
        client.end();
        assert_eq!(client.hear_end().await, Heard::All);
        assert_eq!(site.connection(), None);
    });
}

#[test]
fn eight_to_servers_that_carry_one_at_a_time() {
    eight_at_once(Language::Http1);
}

#[test]
fn eight_to_servers_that_carry_many() {
    eight_at_once(Language::Records);
}

/// A malformed request affects its exchange alone.
#[test]
fn junk_beside_a_request() {
    run(|lab| async move {
        let mut site = Site::new(&lab, (Language::Records, Language::Records), "", 1, |_| {});
        let mut client = site.client().await;
        let get = Message::new("GET /1");
        let good = ask(&mut client, &get);
        let mut server = site.server(1).await;
        assert_eq!(server.hear(None).await, Some(get));
        let junk = client.begin();
        client.say(&Message::junk(client.voice()));
        assert_eq!(answer_to(&mut client, junk, Method::Get).await.unwrap().start, "400");
        assert_eq!(site.logged().await.outcome, "400 PR");
        answer(&mut server, None, &Message::new("204"));
        assert_eq!(answer_to(&mut client, good, Method::Get).await.unwrap().start, "204");
        assert_eq!(site.logged().await.outcome, "204 --");
    });
}

/// An incomplete head expires with the timeout of requests, whatever other exchanges do; those end in order.
#[test]
fn half_a_head_beside_a_request() {
    run(|lab| async move {
        let settings = " timeout http-request 1s";
        let mut site = Site::new(&lab, (Language::Records, Language::Records), settings, 1, |_| {});
        let mut client = site.client().await;
        let get = Message::new("GET /1");
        let good = ask(&mut client, &get);
        let mut server = site.server(1).await;
        assert_eq!(server.hear(None).await, Some(get.clone()));
        after(ms(100)).await;
        let half = client.begin();
        let head = get.head(client.voice());
        client.say(&head[..head.len() / 2]);
        assert_eq!(answer_to(&mut client, half, Method::Get).await.unwrap().start, "408");
        let logged = site.logged().await;
        assert_eq!((&*logged.outcome, logged.millis), ("408 cR", 1000));
        assert!(client.is_told_end());
        answer(&mut server, None, &Message::new("204"));
        assert_eq!(answer_to(&mut client, good, Method::Get).await.unwrap().start, "204");
        assert_eq!(site.logged().await.outcome, "204 --");
        assert_eq!(client.hear_end().await, Heard::All);
    });
}
