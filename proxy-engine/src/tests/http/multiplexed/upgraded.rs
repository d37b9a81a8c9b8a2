//! Connections of mode tcp that become connections of HTTP with either codec.

use std::sync::Arc;

use proxy_config::testing;
use proxy_http::Method;
use proxy_http::h1::Limits;
use proxy_rules::SectionRules;

use super::{answer_to, ask};
use crate::policy::Inspection;
use crate::tests::http::message::{Language, Message};
use crate::tests::http::setup::{enter, http, start};
use crate::tests::{Entry, Lab, Nobody, config, log_policy, ms, run};
use crate::{AccessLog, Backend, BackendConfig, LogMoment, LogOptions, LogTarget, Server};

/// Makes an entry of mode tcp that sets a variable for each session, with a backend of mode http that replies itself.
fn entry(lab: &Lab) -> Entry {
    let reading = testing::read("frontend x\n tcp-request content set-var(txn.a) str(A)\n");
    let rules: SectionRules = reading.configuration.proxies[0].values.get_or_default();
    let policy = Arc::new(http(" http-request return status 200 content-type text/plain string ok"));
    let backend = config(vec![Server::new(lab.server("s", 1))], "roundrobin");
    let backend = Backend::new(BackendConfig { http: Some(Arc::clone(&policy)), ..backend });
    lab.frontend(|config| {
        config.policy.client.inactivity = Some(ms(5000));
        config.policy.inspection = Inspection::of(&rules, Limits::HEAD).map(Arc::new);
        config.backend = Some(backend);
        config.policy.upgrade = Some(policy);
        config.log = LogOptions { moment: LogMoment::Ended, ..LogOptions::default() };
        let target = Arc::clone(&lab.log) as Arc<dyn LogTarget>;
        config.access_log =
            Some(Arc::new(AccessLog::new(log_policy(" log-format %[var(txn.a)]\\ %ts\\ %b"), target)));
    })
}

#[test]
fn the_first_exchange_has_what_the_session_had() {
    for language in [Language::Http1, Language::Records] {
        run(|mut lab| async move {
            let worker = start(Arc::new(Nobody), (language, Language::Http1));
            let entry = entry(&lab);
            let mut client = enter(&lab, &worker, &entry, language).await;
            for line in ["A LR fe", "- LR fe"] {
                let number = ask(&mut client, &Message::new("GET /"));
                assert!(answer_to(&mut client, number, Method::Get).await.is_some(), "{language:?}");
                assert_eq!(lab.line().await, line, "{language:?}");
            }
        });
    }
}

#[test]
fn a_client_without_a_request_leaves_what_the_session_had() {
    for language in [Language::Http1, Language::Records] {
        run(|mut lab| async move {
            let worker = start(Arc::new(Nobody), (language, Language::Http1));
            let entry = entry(&lab);
            let client = enter(&lab, &worker, &entry, language).await;
            client.end();
            assert_eq!(lab.line().await, "A PR fe", "{language:?}");
            let _silent = enter(&lab, &worker, &entry, language).await;
            assert_eq!(lab.line().await, "A PR fe", "{language:?}");
        });
    }
}
