//! The mapping of keys to servers. All rows are the choices of HAProxy 3.5 with three servers of weights 1, 2 and 3.

use std::net::IpAddr;

use proxy_http::Request;

use super::*;
use crate::balance::{HashFunction, HashMethod, HashType, Hashing, Requester};
use crate::policy::HashKey;
use crate::upstream::choose::Assigned;

const METHODS: [(&str, HashType); 14] = [
    ("map-based", hash_type(HashMethod::MapBased, HashFunction::Sdbm, false)),
    ("consistent", hash_type(HashMethod::Consistent, HashFunction::Sdbm, true)),
    ("map-based djb2", hash_type(HashMethod::MapBased, HashFunction::Djb2, false)),
    ("map-based wt6", hash_type(HashMethod::MapBased, HashFunction::Wt6, false)),
    ("map-based crc32", hash_type(HashMethod::MapBased, HashFunction::Crc32, false)),
    ("map-based none", hash_type(HashMethod::MapBased, HashFunction::None, false)),
    ("map-based sdbm avalanche", hash_type(HashMethod::MapBased, HashFunction::Sdbm, true)),
    ("map-based none avalanche", hash_type(HashMethod::MapBased, HashFunction::None, true)),
    ("consistent sdbm", hash_type(HashMethod::Consistent, HashFunction::Sdbm, false)),
    ("consistent djb2", hash_type(HashMethod::Consistent, HashFunction::Djb2, false)),
    ("consistent wt6 avalanche", hash_type(HashMethod::Consistent, HashFunction::Wt6, true)),
    ("consistent crc32", hash_type(HashMethod::Consistent, HashFunction::Crc32, false)),
    ("consistent none", hash_type(HashMethod::Consistent, HashFunction::None, false)),
    ("consistent none avalanche", hash_type(HashMethod::Consistent, HashFunction::None, true)),
];

const fn hash_type(method: HashMethod, function: HashFunction, avalanche: bool) -> HashType {
    HashType { method, function, avalanche }
}

/// Makes a backend of three servers.
fn backend(lab: &Lab, algorithm: &str, arguments: &[&str], kind: HashType) -> Arc<Backend> {
    let server =
        |id: u32| Server::new(ServerConfig { weight: id as u16, ..lab.server(&format!("s{id}"), id) });
    let algorithms = balance::Algorithm::entries();
    let balance = (algorithms.find(algorithm).unwrap().make)(arguments, &kind.into()).unwrap();
    Backend::new(BackendConfig::new("be", 1, (1..=3).map(server).collect(), balance))
}

/// Returns the number of the server that is chosen for a session that ends at once.
fn led_to(backend: &Arc<Backend>, asked: Requester<'_>, avoid: Option<usize>) -> u32 {
    match backend.assign(asked, avoid) {
        Assigned::Slot(slot) => slot.server().id(),
        other => panic!("{other:?}"),
    }
}

/// Returns the servers of some requests, each with a target and a field.
fn of_requests<'a>(
    backend: &Arc<Backend>,
    requests: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
) -> String {
    let of = |(target, name, value): (&str, &str, &str)| {
        let mut request = Request::new();
        request.set_target(target.as_bytes()).unwrap();
        if !name.is_empty() {
            request.fields_mut().add(name.as_bytes(), value.as_bytes()).unwrap();
        }
        led_to(backend, Requester { client: None, request: Some(&request), key: None }, None).to_string()
    };
    requests.into_iter().map(of).collect()
}

/// Compares the rows of an algorithm, one for each of [`METHODS`].
fn compare(
    algorithm: &str,
    arguments: &[&str],
    rows: [&str; METHODS.len()],
    requests: &[(&str, &str, &str)],
) {
    let rows: Vec<String> = rows.iter().map(|row| row.replace(' ', "")).collect();
    let (algorithm, requests) = (algorithm.to_owned(), requests.to_vec());
    run(|lab| async move {
        for ((name, kind), expected) in METHODS.iter().zip(rows) {
            let backend = backend(&lab, &algorithm, arguments, *kind);
            assert_eq!(
                of_requests(&backend, requests.iter().copied()),
                expected,
                "{algorithm} {arguments:?} {name}"
            );
        }
    });
}

fn targets(targets: [&'static str; 12]) -> Vec<(&'static str, &'static str, &'static str)> {
    targets.map(|target| (target, "", "")).to_vec()
}

const TARGETS: [&str; 12] = [
    "/",
    "/a",
    "/b?x=1",
    "/b?x=2",
    "/images/logo.png",
    "/images/icon.png",
    "/a/b/c/d?e",
    "/a/b/e",
    "http://example.org/a",
    "http://example.com/a",
    "/1234",
    "/index.html",
];

#[test]
fn uri() {
    let rows = [
        "313312132331",
        "222233232323",
        "232233323213",
        "333333332321",
        "211123332332",
        "111111111111",
        "122233212331",
        "333333333333",
        "333331233222",
        "333322231333",
        "312211223112",
        "233313221313",
        "333333333333",
        "333333333333",
    ];
    compare("uri", &[], rows, &targets(TARGETS));
}

#[test]
fn uri_with_its_query() {
    let rows = [
        "312312232331",
        "222233132323",
        "233233323213",
        "332133332321",
        "211223332332",
        "111111111111",
        "123233112331",
        "333333333333",
        "333331333222",
        "333322131333",
        "312311123112",
        "232213221313",
        "333333333333",
        "333333333333",
    ];
    compare("uri", &["whole"], rows, &targets(TARGETS));
}

#[test]
fn uri_up_to_a_length() {
    let rows = [
        "313322333333",
        "222233132222",
        "232233221112",
        "333322333321",
        "211122231132",
        "111111111111",
        "122233313333",
        "333333333333",
        "333311333321",
        "333322333332",
        "312233323311",
        "233333222213",
        "333333333333",
        "333333333333",
    ];
    compare("uri", &["len", "6"], rows, &targets(TARGETS));
}

#[test]
fn uri_up_to_a_depth() {
    let rows = [
        "313312332331",
        "222233222223",
        "232233223213",
        "333333222221",
        "211123112232",
        "111111111111",
        "122233223231",
        "333333333333",
        "333331222322",
        "333322331133",
        "312211332212",
        "233313332213",
        "333333333333",
        "333333333333",
    ];
    compare("uri", &["depth", "2"], rows, &targets(TARGETS));
}

#[test]
fn uri_without_its_authority() {
    let rows = [
        "313312131131",
        "222233232223",
        "232233323313",
        "333333333321",
        "211123331132",
        "111111111111",
        "122233212231",
        "333333333333",
        "333331233322",
        "333322233333",
        "312211221112",
        "233313223313",
        "333333333333",
        "333333333333",
    ];
    compare("uri", &["path-only"], rows, &targets(TARGETS));
}

#[test]
fn uri_up_to_a_depth_and_a_length() {
    let rows = [
        "313333113333",
        "222233222221",
        "232211331112",
        "333333333323",
        "211122111132",
        "111111111111",
        "122233223331",
        "333333333333",
        "333311333323",
        "333333333332",
        "312222113312",
        "233322332213",
        "333333333333",
        "333333333333",
    ];
    compare("uri", &["depth", "1", "len", "9"], rows, &targets(TARGETS));
}

/// The last twelve requests have no such field, so servers take turns.
#[test]
fn field() {
    let rows = [
        "323122311131 132323132323",
        "223323232222 333333333332",
        "231333233323 132323132323",
        "333312323333 132323132323",
        "333231332312 132323132323",
        "111133331111 132323132323",
        "332213313123 132323132323",
        "333133113333 132323132323",
        "333333222332 333333333332",
        "333333223333 333333333332",
        "333222321311 333333333332",
        "213212132221 333333333332",
        "333333333333 333333333332",
        "333313223333 333333333332",
    ];
    let values = [
        "a",
        "b",
        "c",
        "42",
        "-7",
        "+9",
        "4294967295",
        "99999999999999999999",
        "alpha",
        "beta, gamma",
        "x y z",
        "Zm9v",
    ];
    let with = values.map(|value| ("/", "x-key", value)).into_iter();
    let requests: Vec<_> = with.chain([("/", "x-other", "a"); 12]).collect();
    compare("hdr", &["X-Key"], rows, &requests);
}

#[test]
fn main_part_of_a_domain() {
    let rows = [
        "223322321122",
        "112333113311",
        "332133233333",
        "223333323322",
        "333333133333",
        "111131111111",
        "332231333233",
        "333323333333",
        "332323333333",
        "221333323322",
        "113323312211",
        "333311332333",
        "333333333333",
        "333333333333",
    ];
    let hosts = [
        "www.example.com",
        "example.com",
        "localhost",
        "a.b.c.d",
        "www.haproxy.1wt.eu",
        ".org",
        "a..b",
        "example.com:8080",
        "10.0.0.1",
        "x.",
        "mail.example.com",
        "www.example.net",
    ];
    compare("hdr", &["host", "use_domain_only"], rows, &hosts.map(|host| ("/", "host", host)));
}

/// Some requests have no such parameter, so servers take turns.
#[test]
fn parameter() {
    let rows = [
        "322231213223",
        "322233133233",
        "233313313332",
        "332232113223",
        "331131113332",
        "323331113133",
        "222223113322",
        "223323313312",
        "333333133332",
        "333333333333",
        "332233333112",
        "123333333313",
        "333333333333",
        "332223333313",
    ];
    let requests = [
        "/?id=1",
        "/?id=2",
        "/?id=77",
        "/?a=1&id=77",
        "/?xid=77&id=3",
        "/?id=",
        "/p?id=abc&b",
        "/p?idx=1",
        "/p",
        "/p?b&id=zz",
        "/p?id=-5",
        "/?id=1%23",
    ];
    compare("url_param", &["id"], rows, &targets(requests));
}

#[test]
fn source() {
    let rows = [
        "313232313232",
        "312133313233",
        "313232313232",
        "313232313232",
        "313232313232",
        "313232313232",
        "331331323331",
        "331331323331",
        "222222222222",
        "222222222222",
        "312133313233",
        "222222222222",
        "222222222222",
        "312133313233",
    ];
    run(|lab| async move {
        for ((name, kind), expected) in METHODS.iter().zip(rows) {
            let backend = backend(&lab, "source", &[], *kind);
            let client = |host: u8| Requester {
                client: Some(IpAddr::from([127, 0, 0, host])),
                request: None,
                key: None,
            };
            let servers: String =
                (1..=12).map(|host| led_to(&backend, client(host), None).to_string()).collect();
            assert_eq!(servers, expected, "{name}");
        }
    });
}

/// Returns the servers of a thousand clients.
fn of_clients(backend: &Arc<Backend>) -> Vec<u32> {
    let client = |number: u32| Requester {
        client: Some(IpAddr::from(number.to_be_bytes())),
        request: None,
        key: None,
    };
    (1..=1000).map(|number| led_to(backend, client(number), None)).collect()
}

#[test]
fn on_a_ring_only_the_keys_of_a_server_that_goes_move() {
    run(|lab| async move {
        let consistent = hash_type(HashMethod::Consistent, HashFunction::Sdbm, true);
        let backend = backend(&lab, "source", &[], consistent);
        let before = of_clients(&backend);
        for id in [1, 2, 3] {
            assert!(before.contains(&id));
        }
        assert!(backend.set_maintenance("s2", true));
        let without = of_clients(&backend);
        for (before, without) in before.iter().zip(&without) {
            assert!(*without != 2 && (*before == 2 || before == without), "{before} {without}");
        }
        assert!(backend.set_maintenance("s2", false));
        assert_eq!(of_clients(&backend), before);
        // Changed weights apply at once, and the share that a server gains comes from all others.
        assert!(backend.set_weight("s1", 64));
        let heavier = of_clients(&backend);
        assert!(before.iter().zip(&heavier).all(|(before, heavier)| *heavier == 1 || before == heavier));
        let count = |servers: &[u32]| servers.iter().filter(|id| **id == 1).count();
        assert!(count(&heavier) > 2 * count(&before), "{} {}", count(&heavier), count(&before));
    });
}

#[test]
fn on_a_ring_a_server_that_failed_is_passed_over() {
    run(|lab| async move {
        let consistent = hash_type(HashMethod::Consistent, HashFunction::Sdbm, true);
        let backend = backend(&lab, "source", &[], consistent);
        let client = |number: u32| Requester {
            client: Some(IpAddr::from(number.to_be_bytes())),
            request: None,
            key: None,
        };
        for number in 1..=100 {
            let failed = led_to(&backend, client(number), None);
            assert_ne!(led_to(&backend, client(number), Some(failed as usize - 1)), failed);
            assert_ne!(led_to(&backend, Requester::default(), Some(0)), 1);
        }
        assert!(backend.set_maintenance("s2", true) && backend.set_maintenance("s3", true));
        assert_eq!(led_to(&backend, client(7), Some(0)), 1, "there is no other");
        assert_eq!(led_to(&backend, Requester::default(), Some(0)), 1, "there is no other");
    });
}

#[test]
fn a_server_known_by_its_address_moves_with_it() {
    run(|lab| async move {
        let consistent = hash_type(HashMethod::Consistent, HashFunction::Sdbm, true);
        let source = balance::Algorithm::entries().find("source").unwrap();
        let server = |id: u32| {
            let address = std::net::SocketAddr::from(([10, 0, 0, id as u8], 80));
            Server::new(ServerConfig {
                hash_key: HashKey::Address,
                address: address.into(),
                ..lab.server(&format!("s{id}"), id)
            })
        };
        let backend = |ids: &[u32]| {
            let servers = ids.iter().map(|id| server(*id)).collect();
            Backend::new(BackendConfig::new(
                "be",
                1,
                servers,
                (source.make)(&[], &consistent.into()).unwrap(),
            ))
        };
        let index = |backend: &Arc<Backend>, client: u32| {
            let client = Some(IpAddr::from(client.to_be_bytes()));
            match backend.assign(Requester { client, ..Requester::default() }, None) {
                Assigned::Slot(slot) => slot.index(),
                other => panic!("{other:?}"),
            }
        };
        let all = |backend: &Arc<Backend>| -> Vec<usize> {
            (1..=300).map(|client| index(backend, client)).collect()
        };
        // The order does not matter, only the address.
        let (one, other) = (backend(&[1, 2, 3]), backend(&[3, 1, 2]));
        let ids = |backend: &Arc<Backend>| -> Vec<u32> {
            all(backend).into_iter().map(|index| backend.servers()[index].id()).collect()
        };
        assert_eq!(ids(&one), ids(&other));
        one.servers()[2].set_address(std::net::SocketAddr::from(([10, 0, 0, 9], 80)).into());
        one.address_changed(2);
        assert_eq!(all(&one), all(&backend(&[1, 2, 9])));
    });
}

#[test]
fn wrong_arguments() {
    let algorithms = balance::Algorithm::entries();
    for (name, arguments) in [
        ("hdr", &[][..]),
        ("hdr", &[""]),
        ("hdr", &["a", "b"]),
        ("hdr", &["a", "use_domain_only", "c"]),
        ("url_param", &[]),
        ("url_param", &["a", "check_post"]),
        ("url_param", &["a", "b"]),
        ("source", &["a"]),
    ] {
        let made = (algorithms.find(name).unwrap().make)(arguments, &Hashing::default());
        assert!(made.is_err(), "{name} {arguments:?}");
    }
}
