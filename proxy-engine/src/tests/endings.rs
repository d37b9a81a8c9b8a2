//! Every way in which a session can end, and its log line.

use std::io;

use proxy_rules::{HookPoint, SectionRules};

use super::*;
use crate::observe::Count;

/// Makes an entry with one server. Returns also the server's listener.
fn one(lab: &Lab, change: impl FnOnce(&mut BackendConfig)) -> (Entry, Stop) {
    let origin = lab.origin("s1");
    let mut config = config(vec![Server::new(lab.server("s1", 1))], "roundrobin");
    change(&mut config);
    (lab.open(config), origin)
}

/// Makes an entry with one server that refuses connections.
fn refusing(lab: &Lab, change: impl FnOnce(&mut BackendConfig)) -> Entry {
    let mut config = config(vec![Server::new(lab.server("s1", 1))], "roundrobin");
    change(&mut config);
    lab.open(config)
}

#[test]
fn in_order() {
    run(|mut lab| async move {
        let (entry, origin) = one(&lab, |_| {});
        let mut client = lab.client(&entry).await;
        let mut server = served(&origin).await;
        say(&mut client, "ping").await;
        hear(&mut server, "ping").await;
        say(&mut server, "hello").await;
        hear(&mut client, "hello").await;
        after(ms(40)).await;
        drop(client);
        drop(server);
        assert_eq!(lab.line().await, "fe be/s1 0/0/40 5 -- 1/1/0/0/0 0/0");
        assert_eq!((lab.was_null, lab.was_error), (false, false));
        let counters = entry.backend().servers()[0].counters();
        assert_eq!((counters.bytes_in(), counters.bytes_out(), counters.total()), (4, 5, 1));
    });
}

#[test]
fn a_reset_of_either_side() {
    run(|mut lab| async move {
        let (entry, origin) = one(&lab, |_| {});
        let client = lab.client(&entry).await;
        let _server = served(&origin).await;
        after(ms(200)).await;
        client.abort();
        assert_eq!(lab.line().await, "fe be/s1 0/0/200 0 CD 1/1/0/0/0 0/0");
        assert_eq!((lab.was_null, lab.was_error), (true, true));
        let _client = lab.client(&entry).await;
        served(&origin).await.abort();
        assert_eq!(lab.line().await, "fe be/s1 0/0/0 0 SD 1/1/0/0/0 0/0");
    });
}

#[test]
fn silence_of_either_side() {
    run(|mut lab| async move {
        let (entry, origin) = one(&lab, |_| {});
        let (_client, _server) = (lab.client(&entry).await, served(&origin).await);
        assert_eq!(lab.line().await, "fe be/s1 0/0/1500 0 sD 1/1/0/0/0 0/0");
        let entry = lab.entry(entry.frontend.backend.clone(), ms(1000), LogMoment::Ended);
        let (_client, _server) = (lab.client(&entry).await, served(&origin).await);
        assert_eq!(lab.line().await, "fe be/s1 0/0/1000 0 cD 1/1/0/0/0 0/0");
    });
}

#[test]
fn silence_after_half_closing() {
    run(|mut lab| async move {
        let (entry, origin) = one(&lab, |_| {});
        let (mut client, mut server) = (lab.client(&entry).await, served(&origin).await);
        client.shutdown().await.unwrap();
        assert_eq!(lab.line().await, "fe be/s1 0/0/300 0 sD 1/1/0/0/0 0/0");
        drop((client, server));
        (client, server) = (lab.client(&entry).await, served(&origin).await);
        server.shutdown().await.unwrap();
        assert_eq!(lab.line().await, "fe be/s1 0/0/300 0 cD 1/1/0/0/0 0/0");
        drop((client, server));
    });
}

#[test]
fn refused_until_the_retries_are_used_up() {
    run(|mut lab| async move {
        let entry = refusing(&lab, |_| {});
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/1800 0 SC 1/1/0/0/3 0/0");
        let backend = entry.backend();
        assert_eq!((backend.counters().retries(), backend.counters().failed_connects()), (3, 1));
        assert_eq!(backend.servers()[0].counters().current(), 0);
        // Without `timeout connect` the pause is a second.
        let entry = refusing(&lab, |config| config.timeouts.connect = None);
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/3000 0 SC 1/1/0/0/3 0/0");
    });
}

#[test]
fn a_client_is_waited_for_while_it_waits() {
    run(|mut lab| async move {
        let backend = refusing(&lab, |_| {}).frontend.backend.clone();
        let entry = lab.entry(backend, ms(1000), LogMoment::Ended);
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/1000 0 cC 1/1/0/0/2 0/0");
    });
}

#[test]
fn redispatched_at_once_where_another_server_will_do() {
    run(|mut lab| async move {
        let origin = lab.origin("s2");
        let servers = vec![Server::new(lab.server("s1", 1)), Server::new(lab.server("s2", 2))];
        let mut config = config(servers, "roundrobin");
        config.redispatch = Redispatch::BeforeLast(1);
        let entry = lab.open(config);
        let client = lab.client(&entry).await;
        drop((served(&origin).await, client));
        assert_eq!(lab.line().await, "fe be/s2 0/0/0 0 -- 1/1/0/0/+1 0/0");
        let backend = entry.backend();
        assert_eq!((backend.counters().redispatches(), backend.counters().retries()), (1, 0));
        assert_eq!(backend.servers()[0].counters().redispatches(), 1);
    });
}

#[test]
fn redispatched_to_itself_for_want_of_another() {
    run(|mut lab| async move {
        let entry = refusing(&lab, |config| config.redispatch = Redispatch::BeforeLast(1));
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 1800/-1/1800 0 SC 1/1/0/0/3 0/0");
    });
}

/// With the largest number of retries, the last attempt is never reached.
#[test]
fn redispatched_after_the_most_retries_there_can_be() {
    run(|mut lab| async move {
        let entry = refusing(&lab, |config| {
            config.retries = u32::MAX;
            config.redispatch = Redispatch::BeforeLast(1);
        });
        let client = lab.client(&entry).await;
        after(ms(700)).await;
        drop(client);
        let line = tokio::time::timeout(ms(5000), lab.line()).await.unwrap();
        assert_eq!(line, "fe be/s1 0/-1/700 0 CC 1/1/0/0/2 0/0");
    });
}

#[test]
fn redispatched_by_a_hash() {
    run(|mut lab| async move {
        for (redispatch, line) in [
            (Redispatch::BeforeLast(1), "fe be/s1 1200/-1/1200 0 SC 1/1/0/0/3 0/0"),
            (Redispatch::Every(1), "fe be/s1 0/-1/0 0 SC 1/1/0/0/3 0/0"),
            (Redispatch::Off, "fe be/s1 0/-1/1800 0 SC 1/1/0/0/3 0/0"),
        ] {
            // The in-memory transport has no IP addresses, so servers take turns; only one has a free slot.
            let mut full = lab.server("s2", 2);
            full.maxconn = Some(1);
            let mut config = config(vec![Server::new(lab.server("s1", 1)), Server::new(full)], "source");
            config.redispatch = redispatch;
            let entry = lab.open(config);
            let taken = entry.backend().assign_to(1);
            assert!(taken.is_some());
            let _client = lab.client(&entry).await;
            assert_eq!(lab.line().await, line);
        }
    });
}

#[test]
fn nobody_answers() {
    run(|mut lab| async move {
        let _origin = lab.silent_origin("s1");
        let entry = refusing(&lab, |config| config.retries = 1);
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/1200 0 sC 1/1/0/0/1 0/0");
    });
}

#[test]
fn left_while_connecting() {
    run(|mut lab| async move {
        let _origin = lab.silent_origin("s1");
        let entry = refusing(&lab, |config| config.retries = 1);
        let client = lab.client(&entry).await;
        after(ms(200)).await;
        drop(client);
        assert_eq!(lab.line().await, "fe be/s1 0/-1/200 0 CC 1/1/0/0/0 0/0");
        let client = lab.client(&entry).await;
        after(ms(200)).await;
        client.abort();
        assert_eq!(lab.line().await, "fe be/s1 0/-1/200 0 CD 1/1/0/0/0 0/0");
        // A client that has sent something waits for the response.
        let mut client = lab.client(&entry).await;
        say(&mut client, "xyz").await;
        after(ms(200)).await;
        client.shutdown().await.unwrap();
        assert_eq!(lab.line().await, "fe be/s1 0/-1/1200 0 sC 1/1/0/0/1 0/0");
    });
}

#[test]
fn left_in_the_pause_between_attempts() {
    run(|mut lab| async move {
        let entry = refusing(&lab, |_| {});
        let client = lab.client(&entry).await;
        after(ms(200)).await;
        drop(client);
        assert_eq!(lab.line().await, "fe be/s1 0/-1/200 0 CC 1/1/0/0/1 0/0");
    });
}

#[test]
fn what_was_sent_while_connecting_is_not_lost() {
    run(|mut lab| async move {
        let entry = refusing(&lab, |_| {});
        let mut client = lab.client(&entry).await;
        say(&mut client, "first ").await;
        after(ms(100)).await;
        say(&mut client, "second").await;
        let origin = lab.origin("s1");
        let mut server = served(&origin).await;
        hear(&mut server, "first second").await;
        drop((client, server));
        assert_eq!(lab.line().await, "fe be/s1 0/600/600 0 -- 1/1/0/0/1 0/0");
        // The session succeeded, but not at the first attempt.
        assert_eq!((lab.was_null, lab.was_error), (false, true));
    });
}

#[test]
fn no_server_at_all() {
    run(|mut lab| async move {
        let entry = refusing(&lab, |_| {});
        assert!(entry.backend().set_maintenance("s1", true));
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/0");
        let entry = lab.entry(None, ms(1000), LogMoment::Ended);
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe fe/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/0");
    });
}

#[test]
fn told_as_soon_as_possible() {
    run(|mut lab| async move {
        let (entry, origin) = one(&lab, |config| config.retries = 0);
        let entry = lab.entry(entry.frontend.backend.clone(), ms(1000), LogMoment::Connected);
        let client = lab.client(&entry).await;
        let server = served(&origin).await;
        assert_eq!(lab.line().await, "fe be/s1 0/0/+0 +0 -- 1/1/1/1/0 0/0");
        assert_eq!((lab.was_null, lab.was_error), (false, false));
        drop((client, server));
        after(ms(1)).await;
        assert!(lab.is_silent());
        drop(origin);
        let _client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/+0 +0 SC 1/1/0/0/0 0/0");
    });
}

#[test]
fn told_when_accepted() {
    run(|mut lab| async move {
        let (entry, origin) = one(&lab, |_| {});
        let entry = lab.entry(entry.frontend.backend.clone(), ms(1000), LogMoment::Accepted);
        let client = lab.client(&entry).await;
        assert_eq!(lab.line().await, "Connect to memory:7 (fe/TCP)");
        drop((served(&origin).await, client));
        after(ms(1)).await;
        assert!(lab.is_silent());
    });
}

#[test]
fn of_what_session_rules_reject_and_of_what_they_fail_to_judge() {
    run(|lab| async move {
        let slow = format!("{{ str({}!) -m reg ^(a+)+$ }}", "a".repeat(40));
        let reset = Err(io::ErrorKind::ConnectionReset);
        for (rule, expected) in [("reject".to_owned(), Ok(0)), (format!("reject if {slow}"), reset)] {
            let reading = testing::read(format!("frontend x\n tcp-request session {rule}\n"));
            let rules: SectionRules = reading.configuration.proxies[0].values.get_or_default();
            assert_eq!(rules.at(HookPoint::TcpSession).len(), 1, "{rule}");
            let entry =
                lab.frontend(|config| config.policy.session_rules = rules.at(HookPoint::TcpSession).clone());
            let mut client = lab.client(&entry).await;
            let read = client.read(&mut [0; 1]).await.map_err(|error| error.kind());
            assert_eq!(read, expected, "{rule}");
            assert_eq!(entry.frontend.observed().tallies().total(Count::DeniedSessions), 1, "{rule}");
        }
    });
}
