//! What conditions may ask about the program, its build and its environment.

use super::version::{OpensslVersion, Version};

/// What [`Facts::enabled`] may be asked for with a use. Every other name is off, without an error.
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

/// The program as conditions see it. Injected: a condition never looks at the process itself.
pub trait Facts {
    /// The version of the language that this program speaks, which `version_atleast` compares with.
    fn version(&self) -> Version;

    /// Whether the feature of this name (`THREAD`, `OPENSSL`) is built in. A name nobody knows is not.
    fn feature(&self, name: &str) -> bool;

    /// Whether the switch of this name is on at this moment; see [`SWITCHES`].
    fn enabled(&self, name: &str) -> bool;

    /// Whether the environment has a variable of this name, be it empty.
    fn defined(&self, name: &str) -> bool;

    /// The SSL library, if there is one.
    fn ssl_library(&self) -> Option<SslLibrary> {
        None
    }
}

/// An SSL library as conditions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SslLibrary {
    /// Its name and all that it says behind it (`OpenSSL 3.0.2 15 Mar 2022`, `AWS-LC 1.40.0`).
    pub name: String,
    /// The version of OpenSSL that it is or offers the interface of.
    pub version: OpensslVersion,
    /// The number of the interface of AWS-LC, if it is that.
    pub awslc_api: Option<i64>,
    /// Whether it runs in its FIPS mode.
    pub fips_mode: bool,
}
