//! Layers of clients' and servers' connections: their order, their deadlines, and their log lines.

use std::io;

use async_trait::async_trait;
use proto_core::findings::Findings;
use proto_core::layer::{Layer, LayerError, Outgoing};

use super::*;

/// A layer whose peer has to send a word before anything else.
#[derive(Debug)]
struct Password(&'static str);

#[async_trait]
impl Layer for Password {
    fn name(&self) -> &'static str {
        "password"
    }

    async fn accept(&self, stream: Box<dyn Stream>, _: &mut Findings) -> Result<Box<dyn Stream>, LayerError> {
        self.hear(stream).await
    }

    async fn connect(
        &self,
        stream: Box<dyn Stream>,
        _: &Outgoing<'_>,
        _: &mut Findings,
    ) -> Result<Box<dyn Stream>, LayerError> {
        self.hear(stream).await
    }
}

impl Password {
    async fn hear(&self, mut stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, LayerError> {
        let mut said = vec![0; self.0.len()];
        let read = stream.read_exact(&mut said).await;
        let is_it = read.is_ok() && said == self.0.as_bytes();
        let source = || io::Error::new(io::ErrorKind::InvalidData, "another word");
        is_it.then_some(stream).ok_or_else(|| LayerError::failed(self.name(), source()))
    }
}

pub(crate) fn layers(words: &[&'static str]) -> Vec<Arc<dyn Layer>> {
    words.iter().map(|word| Arc::new(Password(word)) as Arc<dyn Layer>).collect()
}

/// Makes an entry whose clients have to send two words within a second. `errors` is its format of error lines, or
/// `SAME`.
fn guarded(lab: &Lab, errors: &str) -> (Entry, Stop) {
    let origin = lab.origin("s1");
    let backend = Backend::new(config(vec![Server::new(lab.server("s1", 1))], "roundrobin"));
    let entry = lab.frontend(|config| {
        config.listeners[0].layers.all = layers(&["open", "sesame"]);
        config.policy.client = SideTimeouts { inactivity: Some(ms(2000)), fin: Some(ms(300)) };
        config.policy.handshake = Some(ms(1000));
        config.backend = Some(backend);
        config.log = LogOptions { moment: LogMoment::Ended, connections: true, ..LogOptions::default() };
        let format = r#""%ft %b/%s %Th/%Tw/%Tc/%Tt %B %ts %OG""#;
        let lines = format!("log-format {format}\n{}", errors.replace("SAME", format));
        let target = Arc::clone(&lab.log) as Arc<dyn LogTarget>;
        config.access_log = Some(Arc::new(AccessLog::new(log_policy(&lines), target)));
    });
    (entry, origin)
}

#[test]
fn a_client_passes_them_in_order() {
    run(|mut lab| async move {
        let (entry, origin) = guarded(&lab, "error-log-format SAME");
        let mut client = lab.client(&entry).await;
        after(ms(100)).await;
        say(&mut client, "open").await;
        after(ms(200)).await;
        say(&mut client, "sesameping").await;
        let mut server = served(&origin).await;
        hear(&mut server, "ping").await;
        say(&mut server, "pong").await;
        hear(&mut client, "pong").await;
        drop((client, server));
        assert_eq!(lab.line().await, "fe be/s1 300/0/0/300 4 -- txn_close");
    });
}

#[test]
fn a_client_that_does_not_know_them_is_told_of() {
    run(|mut lab| async move {
        let (entry, _origin) = guarded(&lab, "error-log-format SAME");
        let mut client = lab.client(&entry).await;
        say(&mut client, "openmelons").await;
        assert_eq!(lab.line().await, "fe fe/<NOSRV> 0/-1/-1/0 0 CS sess_killed");
        assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    });
}

#[test]
fn what_went_wrong_is_told_in_words() {
    run(|mut lab| async move {
        let (entry, _origin) = guarded(&lab, "");
        let mut client = lab.client(&entry).await;
        say(&mut client, "openmelons").await;
        assert_eq!(lab.line().await, "fe/7: password: another word");
    });
    run(|mut lab| async move {
        let (entry, _origin) = guarded(&lab, r#"error-log-format "%[fc_err] %[fc_err_str] %ts""#);
        let client = lab.client(&entry).await;
        drop(client);
        assert_eq!(lab.line().await, "- password: another word CS");
    });
}

#[test]
fn one_limit_is_for_all() {
    run(|mut lab| async move {
        let (entry, _origin) = guarded(&lab, "error-log-format SAME");
        let mut client = lab.client(&entry).await;
        after(ms(900)).await;
        say(&mut client, "open").await;
        assert_eq!(lab.line().await, "fe fe/<NOSRV> 0/-1/-1/1000 0 cS sess_killed");
    });
}

#[test]
fn a_server_has_its_time_for_connecting() {
    run(|mut lab| async move {
        let origin = lab.origin("s1");
        let server = ServerConfig { layers: layers(&["hello"]), ..lab.server("s1", 1) };
        let entry = lab.open(config(vec![Server::new(server)], "roundrobin"));
        let mut client = lab.client(&entry).await;
        // The first attempt fails after 600 ms, and the second one succeeds.
        let _silent = served(&origin).await;
        let mut server = served(&origin).await;
        after(ms(50)).await;
        say(&mut server, "hellowelcome").await;
        hear(&mut client, "welcome").await;
        drop((client, server));
        assert_eq!(lab.line().await, "fe be/s1 0/650/650 7 -- 1/1/0/0/1 0/0");
    });
}

#[test]
fn a_server_that_says_another_word_is_one_that_cannot_be_connected_to() {
    run(|mut lab| async move {
        let origin = lab.origin("s1");
        let server = ServerConfig { layers: layers(&["hello"]), ..lab.server("s1", 1) };
        let backend = config(vec![Server::new(server)], "roundrobin");
        let entry = lab.open(BackendConfig { retries: 0, ..backend });
        let _client = lab.client(&entry).await;
        say(&mut served(&origin).await, "melon").await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/0 0 SC 1/1/0/0/0 0/0");
    });
}
