//! The suite that every transport runs from its own crate, so that the contracts of the traits are one thing.
//!
//! ```ignore
//! use proto_core::conformance::{Subject, suite};
//!
//! fn tcp4() -> Subject {
//!     Subject::new(proto_tcp::tcp4(), "127.0.0.1:0".parse::<SocketAddr>().unwrap())
//!         .nobody_at("127.0.0.1:1".parse::<SocketAddr>().unwrap())
//! }
//! suite!(tcp4);
//! ```
//!
//! Each case is a test of its own. One that does not apply to a transport says so on standard error and passes.

mod cases;
mod isolated;
mod refusal;
mod sys;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::address::Address;
use crate::kernel::Kernel;
use crate::options::{Secret, SocketOption};
use crate::protocol::Protocol;
use crate::spec::{ServerSpec, Settings};
pub use crate::{conformance_refusal_suite as refusal_suite, conformance_suite as suite};

/// What is tested, and what applies to it.
#[derive(Debug)]
pub struct Subject {
    pub(crate) protocol: Arc<dyn Protocol>,
    pub(crate) kernel: Kernel,
    /// Makes an address to bind to: any free one, the kernel's choice or a new name each time.
    pub(crate) free: fn() -> Address,
    /// The address that leads to a bound one, where it is not the same.
    pub(crate) leads_to: fn(&Address) -> Address,
    pub(crate) nobody: Option<Address>,
    pub(crate) options: Vec<SocketOption>,
    /// What every listener and server of it is given.
    pub(crate) settings: Settings,
    pub(crate) without: Vec<(Trait, &'static str)>,
}

/// What a transport may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// File descriptors below its sockets.
    Descriptors,
    /// Closing one direction.
    HalfClose,
    /// A reset that the peer can tell from an orderly end.
    Reset,
    /// Connecting to a full backlog waits, rather than failing at once.
    BlackHole,
    /// Suspending a bound socket.
    Suspend,
    /// Refusing new connections while those in the queue can be taken.
    RefuseNew,
    /// At least one path in `info()`.
    Paths,
}

impl Subject {
    /// A transport that has everything, and a way to get a free address of it.
    pub fn new(protocol: Arc<dyn Protocol>, free: fn() -> Address) -> Subject {
        Subject {
            protocol,
            kernel: Kernel::detect(),
            free,
            leads_to: Address::clone,
            nobody: None,
            options: Vec::new(),
            settings: Settings::default(),
            without: Vec::new(),
        }
    }

    /// How to get the address that leads to a bound one, where it is not the same.
    #[must_use]
    pub fn reached_by(mut self, leads_to: fn(&Address) -> Address) -> Subject {
        self.leads_to = leads_to;
        self
    }

    /// An address where nobody listens.
    #[must_use]
    pub fn nobody_at(mut self, address: impl Into<Address>) -> Subject {
        self.nobody = Some(address.into());
        self
    }

    /// Options that a listener of it takes, or warns about.
    #[must_use]
    pub fn with_options(mut self, options: impl IntoIterator<Item = SocketOption>) -> Subject {
        self.options.extend(options);
        self
    }

    /// What every listener and server of it is given, for a transport that does nothing without its own keyword.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Subject {
        self.settings = settings;
        self
    }

    /// Every option of sockets over IP, two of them with values that no system has.
    #[must_use]
    pub fn with_ip_options(self) -> Subject {
        self.with_options([
            SocketOption::Mss(1200),
            SocketOption::FastOpen,
            SocketOption::DeferAccept,
            SocketOption::Backlog(7),
            SocketOption::Interface("lo".to_owned()),
            SocketOption::Interface("no-such-link".to_owned()),
            SocketOption::Transparent,
            SocketOption::V4V6,
            SocketOption::UserTimeout(Duration::from_secs(3)),
            SocketOption::SaveSyn(1),
            SocketOption::CongestionControl("reno".to_owned()),
            SocketOption::CongestionControl("no-such-one".to_owned()),
            SocketOption::Md5Signature(Secret::new("key").expect("a key")),
            SocketOption::NoLinger,
            SocketOption::KeepAlive,
            SocketOption::KeepAliveIdle(Duration::from_secs(33)),
            SocketOption::KeepAliveInterval(Duration::from_secs(11)),
            SocketOption::KeepAliveCount(4),
            SocketOption::ReceiveBuffer(65_536),
            SocketOption::SendBuffer(65_536),
            SocketOption::NotSentLowat(16_384),
            SocketOption::Mark(7),
            SocketOption::Tos(32),
        ])
    }

    /// Something that it lacks, and why.
    #[must_use]
    pub fn without(mut self, lacking: Trait, why: &'static str) -> Subject {
        self.without.push((lacking, why));
        self
    }

    fn server(&self, address: &Address) -> ServerSpec {
        ServerSpec { settings: self.settings.clone(), ..ServerSpec::new(address.clone()) }
    }

    fn lacks(&self, wanted: Trait) -> Option<&'static str> {
        self.without.iter().find(|(lacking, _)| *lacking == wanted).map(|(_, why)| *why)
    }
}

/// How a case ended that did not fail.
#[derive(Debug)]
pub(crate) enum Ended {
    Passed,
    /// It does not apply, and why.
    DoesNotApply(String),
    /// It could not be run on this machine, and why.
    Skipped(String),
}

/// Runs a case of the suite. Called by the tests that [`suite!`](crate::conformance_suite) makes.
///
/// # Panics
/// When the case fails, as a test does.
pub fn run(case: &str, module: &str, subject: fn() -> Subject) {
    let ended = match case {
        "leaves_no_descriptor_behind" | "connecting_to_a_black_hole_times_out" => {
            isolated::run(case, module, subject)
        }
        _ => cases::run(case, &subject()),
    };
    report(case, module, &ended);
}

/// Runs a case of the refusal suite.
///
/// # Panics
/// When the case fails, as a test does.
pub fn run_refusal(case: &str, module: &str, protocol: fn() -> Arc<dyn Protocol>, address: fn() -> Address) {
    match case {
        "bind_is_refused" => refusal::bind(&*protocol(), address()),
        "connect_is_refused" => refusal::connect(&*protocol(), address()),
        "no_descriptor_is_opened" => {
            isolated::in_child(case, module, || refusal::descriptors(&*protocol(), &address()));
        }
        other => panic!("there is no case {other}"),
    }
}

fn report(case: &str, module: &str, ended: &Ended) {
    match ended {
        Ended::Passed => {}
        Ended::DoesNotApply(why) => say(&format!("does not apply: {module}::{case}: {why}\n")),
        Ended::Skipped(why) => skipped(&format!("{module}::{case}"), why),
    }
}

/// Says that a test could not be run on this machine, and why; whoever counts names a file in `BRAID_SKIP_LOG`.
pub fn skipped(test: &str, why: &str) {
    let line = format!("skipped: {test}: {why}\n");
    say(&line);
    if let Some(log) = std::env::var_os("BRAID_SKIP_LOG") {
        let appended = std::fs::OpenOptions::new().append(true).create(true).open(log);
        let _ = appended.and_then(|mut log| log.write_all(line.as_bytes()));
    }
}

/// Not through eprint!, which the test runner keeps to itself when a test passes.
fn say(line: &str) {
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Makes one test for each case of the suite, in a module named like the function that gives the [`Subject`].
#[macro_export]
macro_rules! conformance_suite {
    ($subject:ident) => {
        $crate::conformance_suite!(@cases $subject;
            bind_reports_the_real_address
            accept_and_connect
            bytes_arrive_both_ways
            half_close_by_the_client
            half_close_by_the_server
            abort_is_seen_by_the_peer
            incoming_crosses_threads
            detach_and_back
            accept_is_cancel_safe
            connecting_to_nobody_is_refused
            connecting_to_a_black_hole_times_out
            many_at_once
            options_are_applied_or_warned_about
            vectored_writes_are_forwarded
            put_back_bytes_are_read_first
            leaves_no_descriptor_behind
            info_describes_the_connection
            clones_share_one_queue
            suspended_it_refuses
            refusing_new_keeps_those_inside
            another_kind_of_address_is_refused
        );
    };
    (@cases $subject:ident; $($case:ident)*) => {
        mod $subject {
            $(
                #[test]
                fn $case() {
                    $crate::conformance::run(stringify!($case), module_path!(), super::$subject);
                }
            )*
        }
    };
}

/// Makes the tests of a protocol that only holds a place: everything is refused, and no descriptor is opened.
#[macro_export]
macro_rules! conformance_refusal_suite {
    ($name:ident, $protocol:expr, $address:expr) => {
        mod $name {
            use super::*;
            $crate::conformance_refusal_suite!(@cases $protocol, $address;
                bind_is_refused
                connect_is_refused
                no_descriptor_is_opened
            );
        }
    };
    (@cases $protocol:expr, $address:expr; $($case:ident)*) => {
        $(
            #[test]
            fn $case() {
                $crate::conformance::run_refusal(stringify!($case), module_path!(), $protocol, $address);
            }
        )*
    };
}
