//! The limit of concurrent exchanges of one client, whatever it resets.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use proxy_http::Method;

use super::{Site, answer, answer_to, ask};
use crate::tests::http::format::RESET;
use crate::tests::http::hear::Heard;
use crate::tests::http::message::{Language, Message};
use crate::tests::http::peer::Peer;
use crate::tests::{Lab, after, ms, run};

/// The most concurrent exchanges of a client.
const MOST: usize = 100;
/// The most exchanges of a client that begin before other tasks get their turn.
const AT_ONCE: usize = 16;
/// The turns of other tasks after which something counts as not happening.
const TURNS: usize = 10_000;

/// The delay of requests that are held.
const HELD: Duration = Duration::from_millis(2000);

/// Makes a site that holds requests for its first server, even if they are reset, and then rejects them.
fn holding(lab: &Lab) -> Site<'_> {
    let languages = (Language::Records, Language::Http1);
    let settings = format!(
        " no option abortonclose\n tcp-request inspect-delay {}ms\n tcp-request content reject if {{ path /1 }} WAIT_END",
        HELD.as_millis()
    );
    Site::new(lab, languages, &settings, 2, |_| {})
}

/// Opens this number of exchanges, and resets each.
fn open_and_reset(client: &mut Peer, exchanges: usize) {
    for _ in 0..exchanges {
        ask(client, &Message::new("GET /1"));
        client.break_off(RESET);
    }
}

/// Waits until this number of exchanges is running.
async fn until_living(site: &Site<'_>, exchanges: usize) {
    for _ in 0..TURNS {
        if site.living().len() >= exchanges {
            return;
        }
        next_turn().await;
    }
    panic!("{} exchanges", site.living().len());
}

/// No more than the limit run; the rest begin when others have ended.
#[test]
fn opened_and_reset() {
    run(|lab| async move {
        const RESETS: usize = MOST + 20;
        let mut site = holding(&lab);
        let mut client = site.client().await;
        let kept = ask(&mut client, &Message::new("GET /2"));
        let mut server = site.server(2).await;
        assert!(server.hear(None).await.is_some());
        open_and_reset(&mut client, RESETS);
        until_living(&site, MOST).await;
        after(ms(100)).await;
        assert_eq!(site.living().len(), MOST);

        // Exchanges that were not reset continue, and so do other clients.
        let ok = Message::known("200", b"ok");
        answer(&mut server, None, &ok);
        assert_eq!(answer_to(&mut client, kept, Method::Get).await, Some(ok));
        assert_eq!(site.logged().await.outcome, "200 --");
        let mut other = site.client().await;
        ask(&mut other, &Message::new("GET /2"));
        let mut second = site.server(2).await;
        assert!(second.hear(None).await.is_some());
        answer(&mut second, None, &Message::new("204"));
        assert_eq!(other.hear(Some(Method::Get)).await, Some(Message::new("204")));
        assert_eq!(site.logged().await.outcome, "204 --");
        after(ms(100)).await;
        assert_eq!(site.living().len(), MOST);

        // None of them is lost.
        for _ in 0..RESETS {
            assert_eq!(site.logged().await.outcome, "- PR");
            assert!(site.living().len() <= MOST);
        }
        assert!(site.living().is_empty());
        client.end();
        assert_eq!(client.hear_end().await, Heard::All);
    });
}

/// A connection at its limit is killed like any other.
#[test]
fn killed_with_others_waiting() {
    run(|lab| async move {
        let mut site = holding(&lab);
        let mut client = site.client().await;
        open_and_reset(&mut client, 2 * MOST);
        until_living(&site, MOST).await;
        let registry = &site.worker.context.registry;
        let mut last = None;
        registry.connections(0, |connection| {
            last = last.max(Some(connection.id));
            true
        });
        assert!(registry.kill_connection(last.unwrap()));
        for _ in 0..MOST {
            assert_eq!(site.logged().await.outcome, "- KR");
        }
        assert_eq!(client.hear_end().await, Heard::All);
        assert!(client.is_told_end());
    });
}

/// Yields to all other tasks that are ready.
async fn next_turn() {
    let mut is_first = true;
    poll_fn(|cx| {
        if std::mem::take(&mut is_first) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

#[test]
fn others_have_their_turn_while_exchanges_begin() {
    run(|lab| async move {
        let site = holding(&lab);
        let mut client = site.client().await;
        open_and_reset(&mut client, MOST);
        let worker = Rc::clone(&site.worker);
        let watching = tokio::task::spawn_local(async move {
            let (mut before, mut most) = (0, 0);
            for _ in 0..TURNS {
                next_turn().await;
                let mut living = 0;
                worker.context.registry.activities(0, |_| {
                    living += 1;
                    true
                });
                most = most.max(living - before);
                before = living;
                if living == MOST {
                    break;
                }
            }
            (before, most)
        });
        assert_eq!(watching.await.unwrap(), (MOST, AT_ONCE));
    });
}
