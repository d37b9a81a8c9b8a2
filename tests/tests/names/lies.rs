//! A name server that lies, fails and is silent, or that somebody else pretends to be.

use braid_tests::program::Program;

use super::message::{Question, address};
use super::peer::{By, Peer, Sent};
use super::site::{Site, programs};

const SERVER: &str = " server s s.test:80 resolvers r init-addr none";

fn section(peer: &Peer) -> String {
    format!(" nameserver ns {}\n hold nx 0\n hold refused 0\n hold other 0\n hold timeout 0", peer.address)
}

/// Before each answer come garbage, an answer with another id, one from elsewhere, one about another name and the question
/// itself.
#[test]
fn only_the_answer_of_the_server_to_the_question_counts() {
    let peer = Peer::new(|_, question| {
        let lie = |ip: [u8; 4]| question.addresses(&[ip]);
        let other_id = Question { id: question.id ^ 1, ..question.clone() };
        let other_name = Question { name: "x.test".to_owned(), ..question.clone() };
        let mut asked = lie([127, 0, 0, 65]);
        asked[2] = 1;
        let about_another = other_name.answer(&[address("s.test", [127, 0, 0, 66])], &[]);
        vec![
            Sent::Own(vec![]),
            Sent::Own(b"garbage".to_vec()),
            Sent::Other(lie([127, 0, 0, 67])),
            Sent::Own(other_id.addresses(&[[127, 0, 0, 68]])),
            Sent::Own(about_another),
            Sent::Own(asked),
            Sent::Own(question.addresses(&[[127, 0, 0, 2]])),
        ]
    });
    let mut site = Site::new(&Program::braid().unwrap(), "names-lies", &section(&peer), SERVER);
    site.line("Server b/s administratively READY thanks to valid DNS answer.");
    assert_eq!(site.servers(), ["s 127.0.0.2 0 1 s.test 80 -"]);
    let changes: Vec<_> =
        site.log.lines().iter().filter(|line| line.message.contains("IP changed")).collect();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0].message, "b/s: IP changed from '(none)' to '127.0.0.2' by 'r/ns'.");
    let counts = ["outdated", "invalid", "valid", "update"].map(|name| site.counter(name));
    assert!(counts[0] >= 1 && counts[1] >= 4 && counts[2] >= 1 && counts[3] == 1, "{counts:?}");
}

#[test]
fn what_does_not_fit_is_asked_for_by_tcp() {
    let peer = Peer::new(|by, question| {
        let many: Vec<[u8; 4]> = (1..=60).map(|at| [127, 0, 1, at]).collect();
        vec![Sent::Own(if by == By::Udp { question.truncated() } else { question.addresses(&many) })]
    });
    let mut site = Site::new(&Program::braid().unwrap(), "names-truncated", &section(&peer), SERVER);
    site.line("Server b/s administratively READY thanks to valid DNS answer.");
    assert!(site.servers()[0].starts_with("s 127.0.1."), "{:?}", site.servers());
    assert!(site.counter("truncated") >= 1);
}

/// Nobody can guess what the next question is accepted with.
#[test]
fn ids_and_ports_differ_from_question_to_question() {
    let peer = Peer::new(|_, question| vec![Sent::Own(question.addresses(&[[127, 0, 0, 2]]))]);
    let many: Vec<String> =
        (0..30).map(|at| format!(" server s{at} s{at}.test:80 resolvers r init-addr none")).collect();
    let mut site = Site::new(&Program::braid().unwrap(), "names-ids", &section(&peer), &many.join("\n"));
    for _ in 0..30 {
        site.line("Server b/s");
    }
    let asked = peer.asked();
    let distinct =
        |of: fn(&(u16, u16)) -> u16| asked.iter().map(of).collect::<std::collections::HashSet<_>>().len();
    let (ids, ports) = (distinct(|(id, _)| *id), distinct(|(_, port)| *port));
    assert!(ids > 20 && ports > 20, "{asked:?}");
}

#[test]
fn servers_without_an_address_are_down_until_there_is_one() {
    for program in programs("names::lies::servers_without_an_address_are_down_until_there_is_one") {
        let good = |_: By, question: &Question| vec![Sent::Own(question.addresses(&[[127, 0, 0, 2]]))];
        let peer = Peer::new(good);
        let line = " server s s.test:80 resolvers r init-addr 127.0.0.2";
        let mut site = Site::new(&program, "names-down", &section(&peer), line);
        for (what, cause) in [
            (Some(3), "DNS NX status"),
            (Some(5), "DNS refused status"),
            (Some(2), "unspecified DNS error"),
            (None, "DNS timeout status"),
        ] {
            peer.says(move |_, question| {
                what.map(|code| Sent::Own(question.failure(code))).into_iter().collect()
            });
            site.line(&format!(
                "Server b/s is going DOWN for maintenance ({cause}). 0 active and 0 backup servers left. 0 sessions \
                 active, 0 requeued, 0 remaining in queue."
            ));
            site.line("backend b has no server available!");
            site.servers_become(program.name, |servers| servers == ["s - 32 1 s.test 80 -"]);
            assert_eq!(site.get("/").0, "503");
            peer.says(good);
            site.line("b/s: IP changed from '(none)' to '127.0.0.2' by 'r/ns'.");
            site.line("Server b/s ('s.test') is UP/READY (resolves again).");
            site.line("Server b/s administratively READY thanks to valid DNS answer.");
        }
        let stat = site.ask("show stat");
        assert!(
            stat.lines()
                .any(|line| line.starts_with("b,s,") && line.contains(",UP,") || line.contains(",no check,")),
            "{stat}"
        );
        assert_eq!(
            site.ask("set server b/s fqdn b..c"),
            "could not update b/s FQDN by 'stats socket command'"
        );
        let other = site.ask("set server b/s fqdn other.test");
        assert_eq!(other, "b/s changed its FQDN from s.test to other.test by 'stats socket command'");
        assert_eq!(site.ask("show resolvers x"), "Can't find that resolvers section");
    }
}
