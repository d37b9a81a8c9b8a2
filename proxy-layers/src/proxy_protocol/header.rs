//! A PROXY header that was read.

use proto_core::address::Address;

use super::tlv::{Tlvs, kind};
use crate::addresses::Addresses;

/// The version of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Version 1: one line of text.
    V1,
    /// Version 2: binary, with values of many types.
    V2,
}

/// A PROXY header that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) version: Version,
    pub(super) addresses: Option<Addresses>,
    /// As received, except that the value of a checksum is zero: these are the bytes over which it was calculated.
    pub(super) tlvs: Box<[u8]>,
}

impl Header {
    /// Returns the version of the header.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the addresses, or `None` if those of the connection itself apply: UNKNOWN of version 1 and LOCAL of
    /// version 2.
    pub fn addresses(&self) -> Option<&Addresses> {
        self.addresses.as_ref()
    }

    /// Returns the source address, if the header has one.
    pub fn source(&self) -> Option<Address> {
        self.addresses.map(|addresses| addresses.source())
    }

    /// Returns the destination address, if the header has one.
    pub fn destination(&self) -> Option<Address> {
        self.addresses.map(|addresses| addresses.destination())
    }

    /// Returns all values, in their order.
    pub fn tlvs(&self) -> Tlvs<'_> {
        Tlvs::new(&self.tlvs)
    }

    /// Returns the values of one type, in their order: `fc_pp_tlv` returns the first, and a condition on it tries
    /// each.
    pub fn values(&self, kind: u8) -> impl Iterator<Item = &[u8]> {
        self.tlvs().filter(move |tlv| tlv.kind == kind).map(|tlv| tlv.value)
    }

    /// Returns the first value of a type.
    pub fn value(&self, kind: u8) -> Option<&[u8]> {
        self.values(kind).next()
    }

    /// Returns the host name that the client asked for (`fc_pp_authority`).
    pub fn authority(&self) -> Option<&[u8]> {
        self.value(kind::AUTHORITY)
    }

    /// Returns the identifier of the connection (`fc_pp_unique_id`).
    pub fn unique_id(&self) -> Option<&[u8]> {
        self.value(kind::UNIQUE_ID)
    }
}
