//! Gauges return to zero when sessions and exchanges have ended.

use super::*;

/// Serves some concurrent clients, each with a request or bytes of its own. Returns how many the frontend counts
/// meanwhile and afterwards.
async fn at_once(lab: &mut Lab, entry: &Entry, clients: usize) -> (usize, usize) {
    let mut connected = Vec::new();
    for _ in 0..clients {
        let mut client = lab.client(entry).await;
        say(&mut client, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        connected.push(client);
    }
    let during = entry.frontend.counters().current();
    for client in &mut connected {
        client.shutdown().await.unwrap();
        client.read_to_end(&mut Vec::new()).await.unwrap();
    }
    drop(connected);
    lab.worker.all_ended().await;
    assert_eq!(entry.listener.observed().counters().current(), entry.frontend.counters().current());
    (during, entry.frontend.counters().current())
}

#[test]
fn clients_of_http() {
    run(|mut lab| async move {
        let entry = lab.frontend(|config| config.policy.http = Some(Arc::default()));
        assert_eq!(at_once(&mut lab, &entry, 30).await, (30, 0));
    });
}

#[test]
fn clients_of_tcp() {
    run(|mut lab| async move {
        let entry = lab.frontend(|_| {});
        assert_eq!(at_once(&mut lab, &entry, 30).await, (30, 0));
    });
}
