//! Ends of connections with open exchanges.

use proxy_http::Method;

use super::{Site, answer, answer_to, ask};
use crate::tests::http::hear::Heard;
use crate::tests::http::message::{Language, Message};
use crate::tests::run;

fn killed(language: Language) {
    run(|lab| async move {
        let mut site = Site::new(&lab, (Language::Records, language), "", 4, |_| {});
        let mut client = site.client().await;
        let requests = [
            Message::new("GET /1"),
            Message::new("GET /2"),
            Message::known("POST /3", b"abc"),
            Message::new("GET /4").with("upgrade", "bytes"),
        ];
        let mut servers = Vec::new();
        for (request, n) in requests.iter().zip(1..) {
            client.begin();
            client.say(&request.part(client.voice(), request.body.len().min(1)));
            let mut server = site.server(n).await;
            assert!(server.hear_head(None).await.is_some());
            servers.push(server);
        }
        // The first waits for a response, the second has a part of one, the third has sent a part of its request, the
        // fourth is a tunnel.
        let long = Message::known("200", &[b'x'; 100]);
        assert!(servers[1].hear(None).await.is_some());
        servers[1].say(&long.part(servers[1].voice(), 10));
        client.attend(2);
        assert!(client.hear_head(Some(Method::Get)).await.is_some());
        assert_eq!(client.hear_data(10).await.len(), 10);
        assert!(servers[3].hear(None).await.is_some());
        answer(&mut servers[3], None, &Message::new("101").with("upgrade", "bytes"));
        assert!(answer_to(&mut client, 4, Method::Get).await.is_some());
        client.say_bytes(b"ping");
        assert_eq!(servers[3].hear_bytes(4).await, b"ping");
        assert_eq!(site.living().len(), 4);

        let (id, ..) = site.connection().unwrap();
        assert!(site.worker.context.registry.kill_connection(id));
        let mut logged = Vec::new();
        for _ in 0..4 {
            let line = site.logged().await;
            logged.push(format!("{} {}", line.request, line.outcome));
        }
        logged.sort();
        assert_eq!(logged, ["GET /1 - KH", "GET /2 200 KD", "GET /4 101 KD", "POST /3 - KH"]);
        for server in &mut servers {
            server.hear_end().await;
        }
        client.attend(1);
        assert_eq!(client.hear_end().await, Heard::All);
        client.attend(2);
        assert_eq!(client.hear_end().await, Heard::Part);
        assert!(client.is_told_end());
        assert!(site.living().is_empty());
        assert_eq!(site.connection(), None);
    });
}

#[test]
fn killed_before_servers_that_carry_one_at_a_time() {
    killed(Language::Http1);
}

#[test]
fn killed_before_servers_that_carry_many() {
    killed(Language::Records);
}

/// Killing an idle connection logs nothing: its exchanges were logged.
#[test]
fn killed_while_idle() {
    run(|lab| async move {
        let mut site = Site::new(&lab, (Language::Records, Language::Records), "", 1, |_| {});
        let mut client = site.client().await;
        ask(&mut client, &Message::new("GET /1"));
        let mut server = site.server(1).await;
        assert!(server.hear(None).await.is_some());
        answer(&mut server, None, &Message::new("204"));
        assert!(client.hear(Some(Method::Get)).await.is_some());
        assert_eq!(site.logged().await.outcome, "204 --");
        let (id, ..) = site.connection().unwrap();
        assert!(site.worker.context.registry.kill_connection(id));
        assert_eq!(client.hear_end().await, Heard::All);
        assert!(site.lines.try_recv().is_err());
    });
}

/// In a soft stop a worker accepts no more exchanges, and closes the connection after the last one.
#[test]
fn stopped_with_exchanges_open() {
    run(|lab| async move {
        let mut site = Site::new(&lab, (Language::Records, Language::Records), "", 1, |_| {});
        let mut client = site.client().await;
        let first = ask(&mut client, &Message::new("GET /1"));
        let mut server = site.server(1).await;
        assert!(server.hear(None).await.is_some());
        site.worker.context.begin_stop();
        let late = ask(&mut client, &Message::new("GET /1"));
        assert_eq!(answer_to(&mut client, late, Method::Get).await, None);
        assert!(client.is_told_end());
        answer(&mut server, None, &Message::new("204"));
        assert!(answer_to(&mut client, first, Method::Get).await.is_some());
        assert_eq!(site.logged().await.outcome, "204 --");
        assert_eq!(client.hear_end().await, Heard::All);
    });
}

/// A server's connection that breaks ends all of its exchanges.
#[test]
fn a_server_that_breaks_off() {
    run(|lab| async move {
        let settings = " http-reuse always\n retry-on empty-response";
        let mut site = Site::new(&lab, (Language::Records, Language::Records), settings, 1, |_| {});
        let mut client = site.client().await;
        let gets = [Message::new("GET /1"), Message::new("GET /a")];
        let first = ask(&mut client, &gets[0]);
        let mut server = site.server(1).await;
        assert_eq!(server.hear(None).await, Some(gets[0].clone()));
        let second = ask(&mut client, &gets[1]);
        assert_eq!(server.hear(None).await, Some(gets[1].clone()));
        server.abort();
        // Both are sent again.
        for _ in &gets {
            let mut again = site.server(1).await;
            let is_first = again.hear(None).await.unwrap() == gets[0];
            let response = if is_first { Message::new("204") } else { Message::known("200", b"ok") };
            answer(&mut again, None, &response);
            let number = if is_first { first } else { second };
            assert_eq!(answer_to(&mut client, number, Method::Get).await, Some(response));
            assert_eq!(site.logged().await.retries, 1);
        }
    });
}

/// An exchange that a content rule rejects is reset, and others of its connection continue.
#[test]
fn one_exchange_rejected() {
    run(|lab| async move {
        let settings =
            " tcp-request content reject if { path /no }\n tcp-response content reject if { status 204 }";
        let mut site = Site::new(&lab, (Language::Records, Language::Records), settings, 1, |_| {});
        let mut client = site.client().await;
        let first = ask(&mut client, &Message::new("GET /1"));
        let mut server = site.server(1).await;
        assert!(server.hear(None).await.is_some());
        let second = ask(&mut client, &Message::new("GET /no"));
        assert_eq!(answer_to(&mut client, second, Method::Get).await, None);
        assert_eq!(site.logged().await.outcome, "- PR");
        answer(&mut server, None, &Message::known("200", b"ok"));
        assert!(answer_to(&mut client, first, Method::Get).await.is_some());
        assert_eq!(site.logged().await.outcome, "200 --");
        let third = ask(&mut client, &Message::new("GET /1"));
        assert!(server.hear(None).await.is_some());
        answer(&mut server, None, &Message::new("204"));
        assert_eq!(answer_to(&mut client, third, Method::Get).await, None);
        assert_eq!(site.logged().await.outcome, "- PD");
        let fourth = ask(&mut client, &Message::new("GET /1"));
        assert!(server.hear(None).await.is_some());
        answer(&mut server, None, &Message::known("200", b"ok"));
        assert!(answer_to(&mut client, fourth, Method::Get).await.is_some());
    });
}
