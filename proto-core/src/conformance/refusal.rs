//! The suite of a protocol that is only a placeholder in the registry.

use super::isolated;
use crate::address::Address;
use crate::error::{ConnectError, Refusal};
use crate::kernel::Kernel;
use crate::protocol::Protocol;
use crate::spec::{BindSpec, ServerSpec};

pub(super) fn bind(protocol: &dyn Protocol, address: Address) {
    let name = protocol.descriptor().name;
    let error = protocol.bind(BindSpec::new(address), &Kernel::detect()).expect_err("bind is refused");
    assert_eq!(error.refusal(), Some(&Refusal::NotBuiltIn { protocol: name }));
    assert!(error.to_string().ends_with("known, but not built into this binary"), "{error}");
}

pub(super) fn connect(protocol: &dyn Protocol, address: Address) {
    let name = protocol.descriptor().name;
    let error =
        protocol.connector(ServerSpec::new(address), &Kernel::detect()).expect_err("connector is refused");
    assert!(matches!(&error, ConnectError::Refused(Refusal::NotBuiltIn { protocol }) if *protocol == name));
    assert!(error.to_string().ends_with("known, but not built into this binary"), "{error}");
}

pub(super) fn descriptors(protocol: &dyn Protocol, address: &Address) {
    let before = isolated::descriptors();
    let results = (
        protocol.bind(BindSpec::new(address.clone()), &Kernel::detect()),
        protocol.connector(ServerSpec::new(address.clone()), &Kernel::detect()),
    );
    assert_eq!(isolated::descriptors(), before, "a refusal opened a descriptor");
    assert!(results.0.is_err() && results.1.is_err());
}
