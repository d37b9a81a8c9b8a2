//! Facts about the program for conditions: `-cc`, `.if`.
//!
//! The names are HAProxy's. A feature is reported as present if Braid does today what a configuration that depends on
//! it would use; not if it is merely planned, and not if it is an internal of HAProxy.

use std::fmt;

use libc::IPPROTO_TCP;
use proto_core::address::Environment;
use proto_core::kernel::{Kernel, SocketKind};
use proto_core::options::{Secret, SocketOption};
use proto_core::stream::Support;
use proxy_config::condition::{Facts, Version};

use super::options::Switches;

/// The version of HAProxy whose configuration language Braid speaks. It is defined only here.
pub(crate) const SPOKEN: &str = "3.5-dev5";

/// HAProxy's build options, each with whether Braid has it.
pub(crate) static FEATURES: &[(&str, bool)] = &[
    ("51DEGREES", false),
    ("ACCEPT4", true),
    ("BACKTRACE", false),
    ("CLOSEFROM", false),
    ("CPU_AFFINITY", false),
    ("CRYPT_H", false),
    ("DEVICEATLAS", false),
    ("DL", false),
    ("ECH", false),
    ("ENGINE", false),
    ("EPOLL", true),
    ("EVPORTS", false),
    ("FCGI", false),
    ("GETADDRINFO", true),
    ("H2", false),
    ("HAVE_TCP_MD5SIG", true),
    ("KQUEUE", false),
    ("KTLS", false),
    ("LIBATOMIC", false),
    ("LIBCRYPT", false),
    ("LINUX_CAP", false),
    ("LINUX_SPLICE", true),
    ("LINUX_TPROXY", true),
    ("LUA", false),
    ("MATH", false),
    ("MEMORY_PROFILING", false),
    ("NETFILTER", true),
    ("NS", true),
    ("OBSOLETE_LINKER", false),
    ("OPENSSL", false),
    ("OPENSSL_AWSLC", false),
    ("OPENSSL_WOLFSSL", false),
    ("PCRE", false),
    ("PCRE2", true),
    ("PCRE2_JIT", true),
    ("PCRE_JIT", false),
    ("POLL", false),
    ("PRCTL", false),
    ("PROCCTL", false),
    ("PROMEX", true),
    ("PTHREAD_EMULATION", false),
    ("QUIC", false),
    ("QUIC_OPENSSL_COMPAT", false),
    ("RT", false),
    ("SHM_OPEN", false),
    ("SLZ", false),
    ("SPOE", false),
    ("SSL", false),
    ("STATIC_PCRE", false),
    ("STATIC_PCRE2", true),
    ("TFO", true),
    ("THREAD", true),
    ("THREAD_DUMP", false),
    ("TPROXY", true),
    ("TRACE", false),
    ("WURFL", false),
    ("ZLIB", false),
];

/// The features that depend on the machine.
pub(crate) const DETECTED: &[&str] = &[WORKING_MD5];
const WORKING_MD5: &str = "HAVE_WORKING_TCP_MD5SIG";

/// The facts about this program, on this machine, with these flags.
pub(crate) struct Program<'a> {
    switches: Switches,
    kernel: &'a Kernel,
    environment: &'a dyn Environment,
}

impl<'a> Program<'a> {
    pub(crate) fn new(
        switches: Switches,
        kernel: &'a Kernel,
        environment: &'a dyn Environment,
    ) -> Program<'a> {
        Program { switches, kernel, environment }
    }

    /// Returns whether the kernel has MD5 signatures, without which it may be built.
    fn has_md5(&self) -> bool {
        let tcp = SocketKind { inet6: false, ipproto: IPPROTO_TCP };
        let key = Secret::new("key");
        key.is_some_and(|key| self.kernel.takes(tcp, &SocketOption::Md5Signature(key)) == Support::Supported)
    }
}

impl Facts for Program<'_> {
    fn version(&self) -> Version {
        Version::parse(SPOKEN).expect("a test reads it")
    }

    fn feature(&self, name: &str) -> bool {
        match name {
            WORKING_MD5 => self.has_md5(),
            name => FEATURES.iter().any(|(known, built)| *known == name && *built),
        }
    }

    fn enabled(&self, name: &str) -> bool {
        match name {
            "EPOLL" => true,
            "FAST-FORWARD" => self.switches.fast_forward,
            "GETADDRINFO" => self.switches.getaddrinfo,
            "REUSEPORT" => self.switches.reuse_port,
            "SPLICE" => self.switches.splice,
            _ => false,
        }
    }

    fn defined(&self, name: &str) -> bool {
        self.environment.var(name).is_some()
    }
}

impl fmt::Debug for Program<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("switches", &self.switches).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proto_core::address::NoEnvironment;
    use proxy_config::condition::{SWITCHES, evaluate};

    use super::*;

    fn holds(switches: Switches, kernel: &Kernel, condition: &str) -> bool {
        evaluate(condition, &Program::new(switches, kernel, &NoEnvironment)).unwrap()
    }

    #[test]
    fn conditions_see_the_facts() {
        let kernel = Kernel::detect();
        for (condition, expected) in [
            ("feature(THREAD)", true),
            ("feature(LINUX_SPLICE) && feature(TPROXY)", true),
            ("feature(OPENSSL) || feature(LUA) || feature(QUIC)", false),
            ("feature(NO_SUCH_THING)", false),
            ("version_atleast(3.5-dev4)", true),
            ("version_atleast(3.5)", false),
            ("enabled(SPLICE) && enabled(FAST-FORWARD) && enabled(EPOLL)", true),
            ("enabled(POLL) || enabled(KQUEUE)", false),
            ("defined(HOME)", false),
        ] {
            assert_eq!(holds(Switches::default(), &kernel, condition), expected, "{condition}");
        }
    }

    #[test]
    fn a_flag_turns_its_switch_off_and_no_other() {
        let kernel = Kernel::detect();
        let on = |switches| -> Vec<&str> {
            let is_on = |name: &&&str| holds(switches, &kernel, &format!("enabled({name})"));
            SWITCHES.iter().filter(is_on).copied().collect()
        };
        let all = on(Switches::default());
        assert_eq!(all, ["EPOLL", "FAST-FORWARD", "GETADDRINFO", "REUSEPORT", "SPLICE"]);
        let without = |name: &str| all.iter().copied().filter(|on| *on != name).collect::<Vec<_>>();
        let default = Switches::default();
        assert_eq!(on(Switches { splice: false, ..default }), without("SPLICE"));
        assert_eq!(on(Switches { getaddrinfo: false, ..default }), without("GETADDRINFO"));
        assert_eq!(on(Switches { reuse_port: false, ..default }), without("REUSEPORT"));
        assert_eq!(on(Switches { fast_forward: false, ..default }), without("FAST-FORWARD"));
    }

    #[test]
    fn signatures_work_where_the_kernel_has_them() {
        let tcp = SocketKind { inet6: false, ipproto: IPPROTO_TCP };
        let without = Kernel::detect().without(tcp, "tcp-md5sig");
        assert!(!holds(Switches::default(), &without, "feature(HAVE_WORKING_TCP_MD5SIG)"));
        assert!(holds(Switches::default(), &without, "feature(HAVE_TCP_MD5SIG)"));
    }

    #[test]
    fn names_are_unique_and_sorted() {
        assert!(FEATURES.is_sorted_by(|a, b| a.0 < b.0));
    }
}
