//! Connections of one worker with different codecs.

use std::sync::Arc;

use proxy_http::Method;
use tokio::sync::mpsc;

use super::{Lines, Site, answer, answer_to, ask};
use crate::connection::Codecs;
use crate::http::H1;
use crate::tests::http::message::{Language, Message};
use crate::tests::http::records;
use crate::tests::http::setup::{enter, start_with};
use crate::tests::run;

/// The listener whose clients speak in records, and the server that does so.
const LISTENER: u32 = 8;
const SERVER: &str = "s2";

const CODECS: Codecs = Codecs {
    front: |ingress, _| if ingress.listener.id() == LISTENER { records::CODEC.front } else { H1.front },
    back: |server, _| if server.name() == SERVER { records::CODEC.back } else { H1.back },
};

/// Clients of both listeners use each server.
#[test]
fn chosen_by_listener_and_server() {
    run(|lab| async move {
        let mut site = Site::new(&lab, (Language::Http1, Language::Http1), "", 2, |_| {});
        let (sender, lines) = mpsc::unbounded_channel();
        (site.worker, site.lines) = (start_with(Arc::new(Lines(sender)), CODECS), lines);
        let records = site.another_entry(|config| config.listeners[0].id = LISTENER);
        for (entry, language) in [(&site.entry.clone(), Language::Http1), (&records, Language::Records)] {
            let mut client = enter(&lab, &site.worker, entry, language).await;
            for (n, spoken) in [(1, Language::Http1), (2, Language::Records)] {
                let request = Message::known(&format!("POST /{n}"), b"abc");
                let number = ask(&mut client, &request);
                site.languages.1 = spoken;
                let mut server = site.server(n).await;
                assert_eq!(server.hear(None).await, Some(request));
                let response = Message::known("200", b"ok");
                answer(&mut server, None, &response);
                assert_eq!(answer_to(&mut client, number, Method::Post).await, Some(response));
                assert_eq!(site.logged().await.led_to, format!("b{n}/s{n}"));
            }
        }
    });
}
