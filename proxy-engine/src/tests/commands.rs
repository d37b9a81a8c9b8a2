//! Commands that show and end sessions, on a worker with a paused clock.

use proxy_admin::{Level, testing};
use proxy_config::Values;

use super::*;
use crate::commands::Handle;
use crate::runtime::{answers, inquiry};

/// Lets a worker answer inquiries. Returns the handle for its commands.
pub(super) fn handle(worker: &Worker, entry: &Entry) -> Handle {
    let (sender, inquiries) = inquiry::channel();
    let context = Rc::clone(&worker.context);
    tokio::task::spawn_local(async move { answers::answer(&context, inquiries).await });
    let backends = entry.frontend.backend.iter().cloned().collect();
    Handle::of(vec![Arc::clone(&entry.frontend)], backends, Arc::new([sender]))
}

async fn ask_as(level: Level, handle: &Handle, command: &str) -> String {
    let mut facts = Values::default();
    facts.set(handle.clone());
    testing::ask(command, level, facts).await.unwrap()
}

pub(super) async fn ask(handle: &Handle, command: &str) -> String {
    ask_as(Level::Admin, handle, command).await
}

/// Makes a frontend with one server of one slot. Returns also the server's listener.
fn one(lab: &Lab, origin: Stop) -> (Entry, Handle, Stop) {
    let server = ServerConfig { maxconn: Some(1), ..lab.server("s1", 1) };
    let entry = lab.open(config(vec![Server::new(server)], "roundrobin"));
    let handle = handle(&lab.worker, &entry);
    (entry, handle, origin)
}

/// Polls until a session is in this stage. Returns its id.
pub(super) async fn in_stage(handle: &Handle, stage: char) -> String {
    let word = format!(" stage={stage} ");
    loop {
        let list = ask(handle, "show sess").await;
        match list.lines().find(|line| line.contains(&word)).and_then(|line| line.split_once(':')) {
            Some((id, _)) => return id.to_owned(),
            None => tokio::task::yield_now().await,
        }
    }
}

/// Asserts that the peers see the end of the session.
async fn ended(streams: impl IntoIterator<Item = &mut Box<dyn Stream>>) {
    for stream in streams {
        let read = stream.read(&mut [0; 8]).await;
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
}

#[test]
fn what_is_wrong_is_told_in_haproxys_words() {
    run(|lab| async move {
        let (_entry, handle, _origin) = one(&lab, lab.origin("s1"));
        let cases = [
            ("show sess", ""),
            ("show sess all", ""),
            ("show sess older 1", ""),
            ("show sess older 1m server be/s1 show-uri", ""),
            ("show sess all older 1h backend be", ""),
            ("show sess frontend fe server be/#1", "Only one of backend, frontend or server may be set.\n"),
            ("show sess 0x400", "Session not found.\n"),
            ("show sess 1024 show-uri", "Session not found.\n"),
            // The worker of this id does not exist.
            ("show sess 0x7ff", "Session not found.\n"),
            ("show sess 0", "Unsupported option '0', try 'help' for more info.\n"),
            ("show sess foo", "Unsupported option 'foo', try 'help' for more info.\n"),
            ("show sess older 1 all", "Unsupported option 'all', try 'help' for more info.\n"),
            ("show sess older", "Expects a minimum age (in seconds by default).\n"),
            ("show sess older x", "Invalid age.\n"),
            ("show sess server", "Missing server name (<backend>/<server>).\n"),
            ("show sess server be", "Require 'backend/server'.\n"),
            ("show sess server be/", "Require 'backend/server'.\n"),
            ("show sess server fe/s1", "No such backend.\n"),
            ("show sess server be/s2", "No such server.\n"),
            ("show sess server be/#2", "No such server.\n"),
            ("show sess backend", "Missing backend name.\n"),
            ("show sess backend fe", "No such backend.\n"),
            ("show sess frontend", "Missing frontend name.\n"),
            ("show sess frontend be", "No such frontend.\n"),
            ("show conn", ""),
            ("show conn foo", "Unsupported option 'foo': 'show conn' takes none.\n"),
            ("shutdown session", "Session pointer expected (use 'show sess').\n"),
            ("shutdown session 0", "Session pointer expected (use 'show sess').\n"),
            ("shutdown session x", "Session pointer expected (use 'show sess').\n"),
            ("shutdown session 0x400", "No such session (use 'show sess').\n"),
            ("shutdown session 0x7ff", "No such session (use 'show sess').\n"),
            ("shutdown sessions server", "Require 'backend/server'.\n"),
            ("shutdown sessions server be", "Require 'backend/server'.\n"),
            ("shutdown sessions server fe/s1", "No such backend.\n"),
            ("shutdown sessions server be/s2", "No such server.\n"),
            ("shutdown sessions server be/s1", ""),
            ("shutdown connection", "Connection number expected (use 'show conn').\n"),
            ("shutdown connection 0x400", "No such connection (use 'show conn').\n"),
        ];
        for (command, answer) in cases {
            assert_eq!(ask(&handle, command).await, answer, "{command}");
        }
        assert!(ask(&handle, "show sess susp").await.starts_with("Unsupported option 'susp'"));
        let help = ask(&handle, "show sess help").await;
        for word in ["older", "server", "backend", "frontend", "show-uri"] {
            assert!(help.contains(&format!("  {word} ")), "{word} in {help}");
        }
    });
}

#[test]
fn whoever_may_not_is_refused() {
    run(|lab| async move {
        let (_entry, handle, _origin) = one(&lab, lab.origin("s1"));
        let refused = "Permission denied\n";
        for command in ["show sess", "show conn"] {
            assert_eq!(ask_as(Level::User, &handle, command).await, refused);
            assert_eq!(ask_as(Level::Operator, &handle, command).await, "");
        }
        for command in ["shutdown session 1", "shutdown sessions server be/s1", "shutdown connection 1"] {
            assert_eq!(ask_as(Level::Operator, &handle, command).await, refused);
        }
    });
}

#[test]
fn a_session_is_shown_and_ended_while_it_relays() {
    run(|mut lab| async move {
        let (entry, handle, origin) = one(&lab, lab.origin("s1"));
        let (mut client, mut server) = (lab.client(&entry).await, served(&origin).await);
        say(&mut client, "ping").await;
        hear(&mut server, "ping").await;
        after(ms(1100)).await;
        say(&mut server, "hello").await;
        hear(&mut client, "hello").await;
        let id = in_stage(&handle, 'D').await;
        let line = ask(&handle, "show sess").await;
        let (_, line) = line.split_once(" fe=").unwrap();
        assert_eq!(line, "fe be=be srv=s1 age=1s stage=D rc=0 srvproto=memory\n");
        assert_eq!(ask(&handle, "show sess older 2").await, "");
        for command in ["older 1100ms", "server be/s1", "backend be", "frontend fe"] {
            assert!(ask(&handle, &format!("show sess {command}")).await.starts_with(&id), "{command}");
        }
        let long = ask(&handle, &format!("show sess {id}")).await;
        assert_eq!(long, ask(&handle, "show sess all").await);
        let (first, rest) = long.split_once('\n').unwrap();
        assert!(first.starts_with(&format!("{id}: [")) && first.contains(" proto=memory "), "{first}");
        let listener = entry.listener.observed().address();
        assert_eq!(
            rest,
            format!(
                "  stage=D age=1s conn_retries=0\n  frontend=fe (id=2 mode=tcp), listener=? (id=7) addr={listener}\n  \
                 backend=be (id=1)\n  server=s1 (id=1) addr={} proto=memory\n  in=4 out=5\n",
                address("s1")
            )
        );
        assert_eq!(ask(&handle, &format!("shutdown session {id}")).await, "");
        ended([&mut client, &mut server]).await;
        assert_eq!(lab.line().await, "fe be/s1 0/0/1100 5 KD 1/1/0/0/0 0/0");
        assert!(ask(&handle, &format!("shutdown session {id}")).await.starts_with("No such session"));
    });
}

#[test]
fn a_half_closed_session_is_ended_too() {
    run(|mut lab| async move {
        let (entry, handle, origin) = one(&lab, lab.origin("s1"));
        let (mut client, mut server) = (lab.client(&entry).await, served(&origin).await);
        client.shutdown().await.unwrap();
        ended([&mut server]).await;
        let id = in_stage(&handle, 'D').await;
        assert_eq!(ask(&handle, &format!("shutdown session {id}")).await, "");
        ended([&mut client]).await;
        assert_eq!(lab.line().await, "fe be/s1 0/0/0 0 KD 1/1/0/0/0 0/0");
    });
}

/// HAProxy writes `KC` in every stage.
#[test]
fn the_letter_after_k_is_the_phase() {
    run(|mut lab| async move {
        let (entry, handle, _origin) = one(&lab, lab.silent_origin("s1"));
        let mut connecting = lab.client(&entry).await;
        let first = in_stage(&handle, 'C').await;
        let mut queued = lab.client(&entry).await;
        let second = in_stage(&handle, 'Q').await;
        assert_eq!(ask(&handle, &format!("shutdown session {second}")).await, "");
        ended([&mut queued]).await;
        assert_eq!(lab.line().await, "fe be/<NOSRV> -1/-1/0 0 KQ 2/2/1/0/0 0/1");
        assert_eq!(ask(&handle, &format!("shutdown session {first}")).await, "");
        ended([&mut connecting]).await;
        assert_eq!(lab.line().await, "fe be/s1 0/-1/0 0 KC 1/1/0/0/0 0/0");
    });
}

#[test]
fn the_sessions_of_a_server_are_ended_and_no_others() {
    run(|mut lab| async move {
        let (origin, other) = (lab.origin("s1"), lab.origin("s2"));
        let servers = vec![Server::new(lab.server("s1", 1)), Server::new(lab.server("s2", 2))];
        let entry = lab.open(config(servers, "roundrobin"));
        let handle = handle(&lab.worker, &entry);
        let (mut client, mut server) = (lab.client(&entry).await, served(&origin).await);
        let (mut stays, mut stays_too) = (lab.client(&entry).await, served(&other).await);
        in_stage(&handle, 'D').await;
        assert_eq!(ask(&handle, "shutdown sessions server be/#1").await, "");
        ended([&mut client, &mut server]).await;
        assert_eq!(lab.line().await, "fe be/s1 0/0/0 0 KD 2/2/1/0/0 0/0");
        say(&mut stays, "ping").await;
        hear(&mut stays_too, "ping").await;
        assert!(lab.is_silent());
    });
}

/// The list spans several pages, which are sent one at a time.
#[test]
fn long_lists_come_in_pages() {
    const CLIENTS: usize = 300;
    run(|lab| async move {
        let origin = lab.origin("s1");
        let entry = lab.open(config(vec![Server::new(lab.server("s1", 1))], "roundrobin"));
        let handle = handle(&lab.worker, &entry);
        let mut peers = Vec::new();
        for _ in 0..CLIENTS {
            peers.push((lab.client(&entry).await, served(&origin).await));
        }
        let list = ask(&handle, "show sess").await;
        let ids: std::collections::BTreeSet<_> =
            list.lines().filter_map(|line| line.split_once(':')).map(|(id, _)| id).collect();
        assert_eq!((ids.len(), list.lines().count()), (CLIENTS, CLIENTS));
        for id in ids {
            assert!(ask(&handle, &format!("show sess {id}")).await.starts_with(id));
        }
    });
}

/// A stuck worker costs two seconds, and one that has ended costs nothing. The sessions of the others are shown.
#[test]
fn a_worker_that_does_not_answer_is_named() {
    run(|lab| async move {
        let origin = lab.origin("s1");
        let mut backend = config(vec![Server::new(lab.server("s1", 1))], "roundrobin");
        backend.timeouts.server = SideTimeouts::default();
        let entry = lab.open(backend);
        let (working, inquiries) = inquiry::channel();
        let context = Rc::clone(&lab.worker.context);
        tokio::task::spawn_local(async move { answers::answer(&context, inquiries).await });
        let (stuck, _nobody_receives) = inquiry::channel();
        let gone = inquiry::channel().0;
        let workers = Arc::new([stuck, gone, working]);
        let backends = vec![Arc::clone(entry.backend())];
        let handle = Handle::of(vec![Arc::clone(&entry.frontend)], backends, workers);
        let (_client, _server) = (lab.client(&entry).await, served(&origin).await);

        let asked = tokio::time::Instant::now();
        let list = ask(&handle, "show sess").await;
        assert_eq!(asked.elapsed(), ms(2000));
        let (session, end) = list.split_once('\n').unwrap();
        assert!(session.contains(" srv=s1 "), "{session}");
        assert_eq!(end, "Worker 0 does not answer: its sessions are not shown.\n");
        let silence = "Worker 0 does not answer";
        let cases = [
            ("show conn", format!("{silence}: its connections are not shown.\n")),
            ("show sess 0x400", format!("{silence}: its sessions are not shown.\n")),
            ("show sess 0x401", "Session not found.\n".to_owned()),
            ("shutdown session 0x400", format!("{silence}.\n")),
            ("shutdown session 0x401", "No such session (use 'show sess').\n".to_owned()),
            ("shutdown connection 0x400", format!("{silence}.\n")),
            ("shutdown sessions server be/s1", format!("{silence}: what lives there may go on.\n")),
        ];
        for (command, answer) in cases {
            assert_eq!(ask(&handle, command).await, answer, "{command}");
        }
    });
}
