//! The listening sockets of an engine, for handing them over.

use super::*;
use crate::listener::ListeningSockets;

#[test]
fn what_was_listened_on_is_at_hand() {
    let network = MemoryTransport::default();
    let bound = network.bind(BindSpec::new(address("a")), &Kernel::detect()).unwrap().socket;
    let sockets = std::sync::Arc::new(ListeningSockets::default());
    sockets.keep("memory", &*bound).unwrap();
    assert_eq!(sockets.addresses(), [(address("a"), "memory")]);
    assert!(sockets.find(&address("b"), "memory").unwrap().is_none());
    assert!(sockets.find(&address("a"), "tcpv4").unwrap().is_none());
    let found = sockets.find(&address("a"), "memory").unwrap().unwrap();
    assert_eq!(found.local_addr(), &address("a"));
    sockets.release();
    assert!(sockets.addresses().is_empty());
}
