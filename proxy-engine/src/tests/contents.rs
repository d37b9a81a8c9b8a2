//! What content rules of mode tcp see of a client.

use proxy_rules::SectionRules;

use super::*;
use crate::policy::Inspection;

const LIMIT: usize = 15 * 1024;

/// Makes an entry with content rules and no backend.
fn judging(lab: &Lab, rules: &str) -> Entry {
    let reading = testing::read(format!("frontend x\n{rules}\n"));
    assert_eq!(reading.configuration.proxies.len(), 1);
    let rules: SectionRules = reading.configuration.proxies[0].values.get_or_default();
    lab.frontend(|config| {
        config.policy.client.inactivity = Some(ms(9000));
        config.policy.inspection = Inspection::of(&rules, LIMIT).map(Arc::new);
        config.log = LogOptions { moment: LogMoment::Ended, connections: true, ..LogOptions::default() };
        let target = Arc::clone(&lab.log) as Arc<dyn LogTarget>;
        config.access_log = Some(Arc::new(AccessLog::new(log_policy("option tcplog"), target)));
    })
}

#[test]
fn all_that_has_arrived_up_to_the_limit() {
    run(|mut lab| async move {
        // Without an inspect delay, so the rules run once.
        for (sent, seen) in [(100, 100), (6000, 6000), (LIMIT, LIMIT), (20_000, LIMIT)] {
            let rules = format!(" tcp-request content reject if {{ req.len {seen} }}");
            let (mut client, accepted) = lab.accepted(&judging(&lab, &rules)).await;
            client.write_all(&vec![b'x'; sent]).await.unwrap();
            lab.worker.start(accepted);
            assert_eq!(lab.line().await, "fe fe/<NOSRV> -1/-1/0 0 PR 1/1/0/0/0 0/0", "{sent}");
        }
    });
}

/// An expression that needs a good part of its time on each arrival, without exceeding it, uses up that of the session.
#[test]
fn a_client_that_sends_single_bytes_uses_up_the_time_of_expressions() {
    const SUBJECT: usize = 90;
    const ARRIVALS: u64 = 2000;
    run(|mut lab| async move {
        let rules = format!(
            " tcp-request inspect-delay 9s\n \
              tcp-request content accept if {{ req.payload(0,{SUBJECT}) -m reg .*.*.*[0-9] }}\n \
              tcp-request content accept if WAIT_END"
        );
        let (mut client, accepted) = lab.accepted(&judging(&lab, &rules)).await;
        client.write_all(&[b'x'; SUBJECT]).await.unwrap();
        lab.worker.start(accepted);
        for _ in 0..ARRIVALS {
            after(ms(1)).await;
            if client.write_all(b"x").await.is_err() {
                break;
            }
        }
        let line = lab.line().await;
        assert!(line.contains(" IR "), "{line}");
    });
}
