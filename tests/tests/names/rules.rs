//! Rules that have names resolved: `do-resolve`.

use braid_tests::program::Program;

use super::message::Question;
use super::peer::{By, Peer, Sent};
use super::site::{Site, programs};

/// The first rule of a request keeps an address, and the rules after it use it.
const RULES: &str = " http-request do-resolve(txn.ip,r,ipv4) url_param(n)\n http-request set-var(txn.second) \
                     url_param(m)\n http-request do-resolve(txn.other,r,ipv4) url_param(m) if { url_param(m) -m found }\n \
                     http-request return status 200 content-type text/plain lf-string \"%[var(txn.ip)] \
                     %[var(txn.other)] %[var(txn.second)]\"";

fn section(peer: &Peer) -> String {
    format!(" nameserver ns {}\n hold valid 10m\n resolve_retries 2", peer.address)
}

fn script(_: By, question: &Question) -> Vec<Sent> {
    let sent = match &*question.name {
        "a.test" => question.addresses(&[[192, 0, 2, 1]]),
        "b.test" => question.addresses(&[[192, 0, 2, 2]]),
        "silent.test" => return Vec::new(),
        _ => question.failure(3),
    };
    vec![Sent::Own(sent)]
}

#[test]
fn rules_continue_with_the_address_of_a_name() {
    for program in programs("names::rules::rules_continue_with_the_address_of_a_name") {
        let peer = Peer::new(script);
        let site = Site::with_rules(&program, "names-rules", &section(&peer), RULES, "");
        for (query, expected) in [
            ("?n=a.test", "192.0.2.1  "),
            ("?n=A.TEST&m=b.test", "192.0.2.1 192.0.2.2 b.test"),
            ("?n=a.test&m=nx.test", "192.0.2.1  nx.test"),
            ("?n=silent.test&m=a.test", " 192.0.2.1 a.test"),
            ("?n=..&m=b.test", " 192.0.2.2 b.test"),
            ("", "  "),
        ] {
            let (status, body) = site.get(&format!("/{query}"));
            assert_eq!((&*status, &*body), ("200", expected), "{} {query}", program.name);
        }
        // The answers are kept: a server that says something else now is not asked.
        let asked = peer.asked().len();
        peer.says(|_, question| vec![Sent::Own(question.addresses(&[[192, 0, 2, 9]]))]);
        assert_eq!(site.get("/?n=a.test&m=b.test").1, "192.0.2.1 192.0.2.2 b.test", "{}", program.name);
        assert_eq!(peer.asked().len(), asked);
    }
}

#[test]
fn content_rules_wait_for_a_name_too() {
    for program in programs("names::rules::content_rules_wait_for_a_name_too") {
        let peer = Peer::new(script);
        let rules = " tcp-request inspect-delay 10s\n tcp-request content do-resolve(txn.ip,r,ipv4) str(a.test)\n \
                     tcp-request content reject unless { var(txn.ip) -m found }\n http-request return status 200 \
                     content-type text/plain lf-string \"%[var(txn.ip)]\"";
        let site = Site::with_rules(&program, "names-content", &section(&peer), rules, "");
        assert_eq!(site.get("/"), ("200".to_owned(), "192.0.2.1".to_owned()), "{}", program.name);
    }
    // Mode tcp: what the client has sent is passed on after the rules.
    let peer = Peer::new(script);
    let rules = " mode tcp\n tcp-request inspect-delay 10s\n tcp-request content do-resolve(txn.ip,r,ipv4) \
                 str(b.test)\n tcp-request content switch-mode http if { var(txn.ip) -m ip 192.0.2.2 }";
    let backend = " http-request return status 200 content-type text/plain string served";
    let site = Site::with_rules(&Program::braid().unwrap(), "names-tcp", &section(&peer), rules, backend);
    assert_eq!(site.get("/"), ("200".to_owned(), "served".to_owned()));
}

/// Many clients wait for different names at the same time, most of which have no answer.
#[test]
fn a_name_without_an_answer_holds_up_only_who_asks() {
    let peer = Peer::new(|by, question| match question.name.starts_with("silent") {
        true => Vec::new(),
        false => script(by, question),
    });
    let site = Site::with_rules(&Program::braid().unwrap(), "names-many", &section(&peer), RULES, "");
    std::thread::scope(|scope| {
        let silent: Vec<_> = (0..20)
            .map(|at| {
                scope.spawn({
                    let site = &site;
                    move || site.get(&format!("/?n=silent{at}.test"))
                })
            })
            .collect();
        assert_eq!(site.get("/?n=a.test").1, "192.0.2.1  ");
        for waited in silent {
            assert_eq!(waited.join().unwrap(), ("200".to_owned(), "  ".to_owned()));
        }
    });
}
