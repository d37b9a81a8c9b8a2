//! The mapping of 100,000 keys for each configuration of the tables that a real HAProxy has filled: the tests of the whole
//! program compare a few hundred of them from end to end.

#[path = "../../../../../tests/tests/balance/table.rs"]
mod table;

use std::collections::HashMap;
use std::net::IpAddr;

use proxy_http::Request;
use table::{ALL, CASES, Case, EMPTY, Keys, digest};

use super::*;
use crate::balance::{Candidates, Group, Requester};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/tests/balance/golden.txt");

/// Returns the digest of the servers of some keys.
fn digest_of(case: &Case, backend: &Backend, keys: u64) -> u64 {
    let mut request = Request::new();
    (0..keys).fold(EMPTY, |so_far, number| {
        let key = case.keys.key(number);
        let client: Option<IpAddr> = key.parse().ok();
        request.clear();
        let target = if matches!(case.keys, Keys::Target | Keys::Absolute) { &*key } else { "/" };
        request.set_target(target.as_bytes()).unwrap();
        request.fields_mut().add(b"x-key", key.as_bytes()).unwrap();
        let requester =
            Requester { client, request: Some(&request), key: backend.key().map(|_| key.as_bytes()) };
        let index = match backend.group() {
            Group::One(index) => index,
            group => {
                let candidates = Candidates { servers: backend, group, avoid: None, requester };
                backend.config.balance.choose(&candidates).unwrap()
            }
        };
        digest(so_far, b'0' + index as u8)
    })
}

#[test]
fn the_same_keys_lead_to_the_same_servers() {
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    let golden: HashMap<&str, &str> = golden
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            (words.next().unwrap(), words.next().unwrap())
        })
        .collect();
    let sections: String = CASES.iter().map(Case::section).collect();
    let plan = well(&sections);
    let mut wrong = Vec::new();
    for case in CASES {
        // The keys of others are the values of expressions that convert something.
        if case.back.contains("balance hash")
            && !case.back.contains("balance hash req.hdr(x-key);")
            && !case.back.ends_with("balance hash req.hdr(x-key)")
        {
            continue;
        }
        let keys = if case.keys == Keys::Rdp { 4096 } else { ALL };
        let digest = digest_of(case, &plan.backends[case.name], keys);
        if format!("{digest:016x}") != golden[case.name] {
            wrong.push(case.name);
        }
    }
    assert_eq!(wrong, [""; 0]);
}
