//! What a header says.

use proto_core::address::Address;

use super::tlv::{Tlvs, kind};
use crate::addresses::Addresses;

/// The version of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// One line of text.
    V1,
    /// Binary, with values of many types.
    V2,
}

/// A header that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) version: Version,
    pub(super) addresses: Option<Addresses>,
    /// As they came, except that the value of a checksum is zero: the kept bytes are those it was calculated over.
    pub(super) tlvs: Box<[u8]>,
}

impl Header {
    /// The version it was written in.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The addresses, or `None` where those of the connection itself stay: UNKNOWN of version 1 and LOCAL of version 2.
    pub fn addresses(&self) -> Option<&Addresses> {
        self.addresses.as_ref()
    }

    /// The source, if it tells one.
    pub fn source(&self) -> Option<Address> {
        self.addresses.map(|addresses| addresses.source())
    }

    /// The destination, if it tells one.
    pub fn destination(&self) -> Option<Address> {
        self.addresses.map(|addresses| addresses.destination())
    }

    /// All values, in their order.
    pub fn tlvs(&self) -> Tlvs<'_> {
        Tlvs::new(&self.tlvs)
    }

    /// The values of one type, in their order: `fc_pp_tlv` is the first, and a condition on it tries each.
    pub fn values(&self, kind: u8) -> impl Iterator<Item = &[u8]> {
        self.tlvs().filter(move |tlv| tlv.kind == kind).map(|tlv| tlv.value)
    }

    /// The first value of a type.
    pub fn value(&self, kind: u8) -> Option<&[u8]> {
        self.values(kind).next()
    }

    /// The host name that the client asked for (`fc_pp_authority`).
    pub fn authority(&self) -> Option<&[u8]> {
        self.value(kind::AUTHORITY)
    }

    /// The identifier of the connection (`fc_pp_unique_id`).
    pub fn unique_id(&self) -> Option<&[u8]> {
        self.value(kind::UNIQUE_ID)
    }
}
