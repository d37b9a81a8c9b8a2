//! Servers with several addresses, on a transport that tries more than the first.

use proto_core::address::Address;
use proto_core::error::ConnectError;
use proto_core::protocol::Connector;
use proto_core::spec::Target;

use super::commands::{ask, handle, in_stage};
use super::*;

/// A connector that uses the last address.
#[derive(Debug)]
struct Last(Arc<dyn Connector>);

#[async_trait::async_trait]
impl Connector for Last {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, ConnectError> {
        let limit = target.deadline.map(|deadline| deadline - tokio::time::Instant::now());
        assert_eq!(limit, Some(ms(600)), "the caller's limit is told");
        self.0.connect(&target.only(target.addresses().last().unwrap())).await
    }

    fn tries_alternatives(&self) -> bool {
        true
    }
}

/// Makes a server whose last address is used.
fn server(lab: &Lab, others: &[&str]) -> ServerConfig {
    let plain = lab.server("s1", 1);
    let others: Vec<Address> = others.iter().map(|name| address(name)).collect();
    ServerConfig { connector: Arc::new(Last(plain.connector)), alternatives: Some(others.into()), ..plain }
}

#[test]
fn the_address_that_was_reached_is_told() {
    run(|lab| async move {
        let origin = lab.origin("s3");
        let entry = lab.open(config(vec![Server::new(server(&lab, &["s2", "s3"]))], "roundrobin"));
        let handle = handle(&lab.worker, &entry);
        let (_client, _server) = (lab.client(&entry).await, served(&origin).await);
        in_stage(&handle, 'D').await;
        let listed = ask(&handle, "show sess all").await;
        assert!(listed.contains(&format!(" addr={} ", address("s3"))), "{listed}");
    });
}

#[test]
fn a_server_that_was_given_another_address_has_no_others() {
    run(|lab| async move {
        let origin = lab.origin("s4");
        let entry = lab.open(config(vec![Server::new(server(&lab, &["s2", "s3"]))], "roundrobin"));
        entry.backend().servers()[0].set_address(address("s4"));
        let _client = lab.client(&entry).await;
        served(&origin).await;
    });
}
