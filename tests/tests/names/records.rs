//! SRV records: servers with ports and weights that come and go.

use super::message::{Question, SRV, address, server};
use super::peer::{By, Peer, Sent};
use super::site::{Site, programs};

const OWNER: &str = "_http._tcp.test";

#[test]
fn servers_of_a_template_follow_the_records_of_a_service() {
    for program in programs("names::records::servers_of_a_template_follow_the_records_of_a_service") {
        let peer = Peer::new(|_: By, question: &Question| {
            let sent = match question.kind {
                SRV => question.answer(
                    &[server(OWNER, 0, 81, "n1.test"), server(OWNER, 512, 82, "n2.test")],
                    &[address("n1.test", [127, 0, 0, 11])],
                ),
                _ => question.addresses(&[[127, 0, 0, 12]]),
            };
            vec![Sent::Own(sent)]
        });
        let section = format!(" nameserver ns {}\n hold nx 0", peer.address);
        let line = format!(" server-template s 1-3 {OWNER} resolvers r init-addr none weight 7");
        let mut site = Site::new(&program, "names-records", &section, &line);
        for _ in 0..2 {
            site.line("Server b/s");
            site.line("Server b/s");
        }
        let (one, two) =
            (format!("127.0.0.11 64 0 n1.test 81 {OWNER}"), format!("127.0.0.12 64 2 n2.test 82 {OWNER}"));
        let has = |servers: &[String], what: &str| servers.iter().any(|line| line[3..] == *what);
        let servers = site.servers_become(program.name, |servers| has(servers, &one) && has(servers, &two));
        assert_eq!(servers[2], format!("s3 - 32 7 - 0 {OWNER}"), "{}", program.name);
        let one = servers.iter().position(|line| line[3..] == one).unwrap();
        assert_eq!(
            site.ask("set server b/s1 fqdn x.test"),
            "set server <b>/<s> fqdn failed because SRV resolution is configured."
        );
        // A record goes, and its server with it.
        peer.says(|_, question| {
            let records = [server(OWNER, 512, 82, "n2.test")];
            vec![Sent::Own(match question.kind {
                SRV => question.answer(&records, &[]),
                _ => question.addresses(&[[127, 0, 0, 12]]),
            })]
        });
        site.line(&format!(
            "Server b/s{} is going DOWN for maintenance (entry removed from SRV record).",
            one + 1
        ));
        let gone = format!("s{} - 96 0 - 0 {OWNER}", one + 1);
        site.servers_become(program.name, |servers| servers[one] == gone);
    }
}
