//! Tests of the way from a text to frontends and backends.

use std::sync::LazyLock;

mod balance;

use proto_tcp as _;
use proxy_config::testing;

use super::*;
use crate::config::resolve::SystemResolver;
use crate::policy::Redispatch;

/// Returns the plan of these lines, and the messages about them.
fn plan(text: &str, unprivileged: bool) -> (Plan, Vec<String>) {
    static RESOLVER: LazyLock<Arc<dyn Resolver>> = LazyLock::new(|| Arc::new(SystemResolver));
    plan_with(text, unprivileged, &RESOLVER)
}

/// Returns the same with a resolver.
fn plan_with(text: &str, unprivileged: bool, resolver: &Arc<dyn Resolver>) -> (Plan, Vec<String>) {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::linked().unwrap());
    static KERNEL: LazyLock<Kernel> = LazyLock::new(Kernel::detect);
    let reading = testing::read(text);
    assert_eq!(reading.in_short(), Vec::<String>::new(), "{text}");
    let assembly = Assembly {
        sections: TransportSections::default(),
        registry: &REGISTRY,
        kernel: &KERNEL,
        resolver,
        share: true,
        maxconn: None,
        unprivileged,
        node: "node".to_owned(),
        global: reading.configuration.global.clone(),
    };
    let mut diagnostics = Diagnostics::default();
    let mut plan = assembly.plan(&reading.configuration, &mut diagnostics);
    assembly.check_bind_addresses(plan.bind_addresses(), &mut diagnostics);
    let said = diagnostics.sorted().into_iter().map(|diagnostic| diagnostic.message).collect();
    (plan, said)
}

const DEFAULTS: &str = "defaults\n timeout client 1m\n timeout server 1m\n timeout connect 1m\n mode http\n";

/// Returns the plan of lines about which there are no messages.
fn well(text: &str) -> Plan {
    let (plan, said) = plan(&format!("{DEFAULTS}{text}"), false);
    assert_eq!(said, Vec::<String>::new(), "{text}");
    plan
}

#[test]
fn servers_are_numbered_as_by_haproxy() {
    let plan = well(
        "backend b\n server a 127.0.0.1:1\n server b 127.0.0.1:1 id 3\n server c 127.0.0.1:1\n server d 127.0.0.1:1 id 1\n server e 127.0.0.1:1\n",
    );
    let ids: Vec<_> = plan.backends["b"].servers().iter().map(|server| server.id()).collect();
    assert_eq!(ids, [2, 3, 4, 1, 6]);
}

#[test]
fn servers_track_servers_of_later_sections() {
    let plan = well(
        "backend a\n server s 127.0.0.1:1 track b/t\nbackend b\n server t 127.0.0.1:1 check disabled\n server u 127.0.0.1:1 track t\n",
    );
    for (backend, server) in [("a", 0), ("b", 1)] {
        let server = &plan.backends[backend].servers()[server];
        assert_eq!((server.tracked(), server.is_in_maintenance()), (Some("b/t"), true));
    }
}

#[test]
fn both_sides_of_a_listen_section_are_one_section() {
    let plan = well("listen a\n bind :1\nfrontend f\n bind :2\n default_backend b\nbackend b\n");
    let [listen, frontend] = &plan.frontends[..] else { panic!("there are two") };
    let front = |frontend: &PlannedFrontend| frontend.http().unwrap().clone();
    let back = |name: &str| Arc::clone(plan.backends[name].http().unwrap());
    assert!(front(listen).is_same_section(&back("a")));
    assert!(!front(frontend).is_same_section(&back("b")) && !front(listen).is_same_section(&front(frontend)));
}

#[test]
fn a_tarpit_without_a_timeout_takes_that_of_connecting() {
    let sections = "frontend own\n bind :1\n timeout tarpit 5s\nfrontend inherited\n bind :2\nbackend b\n timeout connect 2s\n";
    let plan = well(sections);
    let front = |at: usize| plan.frontends[at].http().unwrap().timeouts.tarpit;
    assert_eq!([front(0), front(1)], [5, 60].map(|seconds| Some(Duration::from_secs(seconds))));
    assert_eq!(plan.backends["b"].http().unwrap().timeouts.tarpit, Some(Duration::from_secs(2)));
    let bare = "defaults\n timeout client 1m\n mode http\nfrontend f\n bind :1\n";
    let (plan, _) = self::plan(bare, false);
    assert_eq!(plan.frontends[0].http().unwrap().timeouts.tarpit, None);
}

#[test]
fn a_backend_is_as_its_section_says() {
    let plan = well(
        "backend plain\nbackend b\n retries 5\n option redispatch 2\n option allbackups\n id 9\n retry-on 503\n",
    );
    let plain = &plan.backends["plain"].config;
    assert_eq!((plain.id, plain.retries, plain.redispatch, plain.allbackups), (2, 3, Redispatch::Off, false));
    let other = &plan.backends["b"].config;
    assert_eq!(
        (other.id, other.retries, other.redispatch, other.allbackups),
        (9, 5, Redispatch::Every(2), true)
    );
    assert!(plain.http.as_ref().unwrap().retry_on.retries_connections());
    assert!(!other.http.as_ref().unwrap().retry_on.retries_connections());
}

#[test]
fn a_server_is_as_its_line_says() {
    let plan = well(
        "backend b\n server a 127.0.0.1:1\n server b 127.0.0.1:+2 weight 7 backup disabled maxconn 4 id 3\n",
    );
    let [plain, other] = plan.backends["b"].servers() else { panic!("there are two") };
    let (plain, other) = (plain.config(), other.config());
    assert_eq!((plain.id, plain.weight, plain.backup, plain.disabled), (1, 1, false, false));
    assert_eq!((plain.maxconn, plain.maxqueue, plain.port), (None, None, crate::ServerPort::Fixed));
    assert_eq!((other.id, other.weight, other.backup, other.disabled), (3, 7, true, true));
    assert_eq!((other.maxconn, other.maxqueue, other.port), (Some(4), None, crate::ServerPort::Offset(2)));
}

/// A resolver that knows a name with addresses of both families.
#[derive(Debug)]
struct Several;

impl Resolver for Several {
    fn resolve(&self, _: &proto_core::address::HostName) -> std::io::Result<Vec<std::net::IpAddr>> {
        Ok(["192.0.2.2", "2001:db8::1", "192.0.2.1", "192.0.2.3"].map(|ip| ip.parse().unwrap()).into())
    }
}

/// The tutorial crate has a transport that tries several addresses, and tests it with a name.
#[test]
fn a_transport_that_tries_one_address_gets_the_first_that_it_serves() {
    let of = |line: &str| {
        let text = format!("{DEFAULTS}backend b\n server s {line}\n");
        let (plan, said) = plan_with(&text, false, &(Arc::new(Several) as Arc<dyn Resolver>));
        assert_eq!(said, Vec::<String>::new(), "{line}");
        let server = plan.backends["b"].servers()[0].config();
        let others = server.alternatives.iter().flat_map(|others| others.iter());
        std::iter::once(&server.address).chain(others).map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(of("tcp@two.test:80"), ["192.0.2.2:80"]);
    assert_eq!(of("tcp6@two.test:80"), ["[2001:db8::1]:80"]);
    // The port is that of the client's connection.
    assert_eq!(of("two.test:+1"), ["192.0.2.2:0"]);
    assert_eq!(of("192.0.2.9:80"), ["192.0.2.9:80"]);
    assert_eq!(of("two.test:80 init-addr 192.0.2.9"), ["192.0.2.9:80"]);
}

#[test]
fn duplicate_addresses_are_reported_and_overlapping_ones_share() {
    let (mut overlapping, said) =
        plan(&format!("{DEFAULTS}frontend f\n bind :1\n bind 127.0.0.1:1\n bind :2\n"), false);
    assert_eq!(said, Vec::<String>::new());
    let share: Vec<bool> = overlapping.bind_addresses().map(|bind| bind.share).collect();
    assert_eq!(share, [true, true, false]);
    let (_, said) =
        plan(&format!("{DEFAULTS}frontend f\n bind 127.0.0.1:1\nfrontend g\n bind 127.0.0.1:1\n"), false);
    assert_eq!(said, ["duplicate bind address 127.0.0.1:1"]);
}

#[test]
fn privileges_that_are_given_up_cannot_be_needed_later() {
    let text = format!("{DEFAULTS}backend b\n server s 127.0.0.1:1 usesrc clientip\n");
    let (_, said) = plan(&text, false);
    assert!(!said.iter().any(|message| message.contains("needs privileges")), "{said:?}");
    let (plan, said) = plan(&text, true);
    assert!(matches!(&said[..], [one] if one.contains("needs privileges")), "{said:?}");
    assert!(plan.backends["b"].servers().is_empty());
}

#[test]
fn servers_of_a_template_differ_in_their_names() {
    let plan =
        well("backend b\n server-template web 2-4 127.0.0.1:80 weight 7 id 9\n server other 127.0.0.1:1\n");
    let servers: Vec<_> =
        plan.backends["b"].servers().iter().map(|server| (server.name(), server.id())).collect();
    assert_eq!(servers, [("web2", 9), ("web3", 2), ("web4", 3), ("other", 4)]);
    assert!(plan.backends["b"].servers()[..3].iter().all(|server| server.weight() == 7));
}

#[test]
fn names_are_resolved_as_sections_say() {
    let sections = "resolvers r\n nameserver one 127.0.0.1:53\n nameserver two tcp@[::1]:53\n hold nx 5s\n";
    let text = "backend b\n default-server resolvers r init-addr none\n server plain a.test:80\n server-template s 2 \
                _http._tcp.test\n server fixed 127.0.0.1:80 resolve-prefer ipv4 resolve-opts allow-dup-ip,ignore-weight\n";
    let plan = well(&format!("{sections}{text}"));
    let section = plan.resolvers.iter().find(|section| section.config().name == "r").unwrap();
    let names: Vec<_> = section.servers().map(|(server, _)| &*server.name).collect();
    assert_eq!(names, ["one", "two"]);
    assert!(matches!(section.config().servers[1].way, crate::Way::Stream(..)));
    assert_eq!(section.config().policy.holds.nx, Duration::from_secs(5));
    let [plain, first, _, fixed] = plan.backends["b"].servers() else { panic!("there are four") };
    assert_eq!((plain.host().as_deref(), plain.is_in_maintenance()), (Some("a.test"), true));
    let resolution = |server: &crate::Server| server.config().resolution.clone().unwrap();
    assert_eq!(resolution(first).service.map(|name| name.to_string()).as_deref(), Some("_http._tcp.test"));
    assert_eq!((first.host(), first.is_in_maintenance()), (None, true));
    assert_eq!((fixed.host(), fixed.is_in_maintenance()), (None, false));
    assert!(resolution(fixed).preference.shares_address && resolution(fixed).preference.ignores_weight);
    let (_, said) = self::plan(&format!("{DEFAULTS}backend b\n server s _http._tcp.test\n"), false);
    assert_eq!(said, ["'_http._tcp.test' is a service: its servers are found by 'resolvers' only"]);
}
