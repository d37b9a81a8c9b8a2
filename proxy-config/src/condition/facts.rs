//! Facts about the program, its build and its environment that conditions can ask for.

use super::version::{OpensslVersion, Version};

/// The switches that [`Facts::enabled`] knows. Every other name is off, without an error.
pub const SWITCHES: &[&str] = &[
    "EPOLL",
    "EVPORTS",
    "FAST-FORWARD",
    "GETADDRINFO",
    "KQUEUE",
    "POLL",
    "REUSEPORT",
    "SERVER-SSL-VERIFY-NONE",
    "SPLICE",
];

/// The program as conditions see it. It is injected, since a condition never looks at the process itself.
pub trait Facts {
    /// Returns the version of HAProxy's language that the program implements, with which `version_atleast` compares.
    fn version(&self) -> Version;

    /// Returns whether the feature with this name (`THREAD`, `OPENSSL`) is built in; `false` for an unknown name.
    fn feature(&self, name: &str) -> bool;

    /// Returns whether the switch with this name is on at this moment; see [`SWITCHES`].
    fn enabled(&self, name: &str) -> bool;

    /// Returns whether the environment has a variable with this name, even if it is empty.
    fn defined(&self, name: &str) -> bool;

    /// Returns the SSL library, if there is one.
    fn ssl_library(&self) -> Option<SslLibrary> {
        None
    }
}

/// An SSL library as conditions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SslLibrary {
    /// Its name and version, as it reports them (`OpenSSL 3.0.2 15 Mar 2022`, `AWS-LC 1.40.0`).
    pub name: String,
    /// The version of OpenSSL that it is, or whose interface it offers.
    pub version: OpensslVersion,
    /// The number of the interface of AWS-LC, if it is AWS-LC.
    pub awslc_api: Option<i64>,
    /// Whether its FIPS mode is on.
    pub fips_mode: bool,
}
