//! The suite that every transport runs from its own crate, so that the contracts of the traits are the same for all.
//!
//! ```ignore
//! use proto_core::conformance::{Subject, suite};
//!
//! fn tcp4() -> Subject {
//!     let address = |text: &str| Address::from(text.parse::<SocketAddr>().unwrap());
//!     Subject::new(proto_tcp::tcp4(), move || address("127.0.0.1:0")).nobody_at(address("127.0.0.1:1"))
//! }
//! suite!(tcp4);
//! ```
//!
//! Each case is a test. A case that does not apply to a transport reports so on standard error and passes: if the
//! Subject declares that it lacks what the case needs, or if the transport refuses with [`Refusal::Policy`] and a
//! reason. A case that fails prints the step, what was found, what was expected, and how to declare that the transport
//! cannot do it. Another thread watches it, so that a case that blocks its worker fails too, after three seconds
//! without progress.
//!
//! [`layer_suite!`](crate::conformance_layer_suite) is the suite for layers. Planted bugs measure how much both find:
//! `just mutants`.
//!
//! [`Refusal::Policy`]: crate::error::Refusal::Policy

mod bytes;
mod cases;
mod harness;
mod isolated;
mod layers;
mod listening;
mod refusal;
mod stub;
mod subject;
mod sys;

use std::io::Write as _;
use std::sync::Arc;

use self::harness::Failure;
pub use self::layers::{LayerSubject, LayerTrait, run_layer};
pub use self::subject::{Subject, Trait};
use crate::address::Address;
use crate::protocol::Protocol;
pub use crate::{
    conformance_layer_suite as layer_suite, conformance_refusal_suite as refusal_suite,
    conformance_suite as suite,
};

/// The result of a case that did not fail.
#[derive(Debug)]
pub(crate) enum Ended {
    Passed,
    /// The case does not apply, for this reason.
    DoesNotApply(String),
    /// The case could not run on this machine, for this reason.
    Skipped(String),
}

/// Runs a case of the suite. Called by the tests that [`suite!`](crate::conformance_suite) makes.
///
/// # Panics
/// Panics if the case fails, as a test does.
pub fn run(case: &str, module: &str, subject: fn() -> Subject) {
    report(case, module, &cases::run(case, module, subject));
}

/// Runs a case of the refusal suite.
///
/// # Panics
/// Panics if the case fails, as a test does.
pub fn run_refusal(case: &str, module: &str, protocol: fn() -> Arc<dyn Protocol>, address: fn() -> Address) {
    match case {
        "bind_is_refused" => refusal::bind(&*protocol(), address()),
        "connect_is_refused" => refusal::connect(&*protocol(), address()),
        "no_descriptor_is_opened" => {
            isolated::in_child(case, module, || refusal::descriptors(&*protocol(), &address()));
        }
        other => panic!("unknown case {other}"),
    }
}

/// Returns the message of a failed case: the step, what was found, what was expected, and what to do about a transport
/// or a layer that cannot do it.
fn message(case: &str, expects: &str, Failure { step, what }: Failure, needs: Option<&str>) -> String {
    let cannot = match needs {
        Some(needed) => {
            format!("if it cannot, declare `.without({needed}, \"why\")`, and the case does not apply")
        }
        None => "this cannot be left out: everything has to support it".to_owned(),
    };
    format!(
        "{case} failed\n      step: {step}\n     found: {what}\n  expected: {expects}\n   without: {cannot}"
    )
}

fn report(case: &str, module: &str, ended: &Ended) {
    match ended {
        Ended::Passed => {}
        Ended::DoesNotApply(why) => say(&format!("does not apply: {module}::{case}: {why}\n")),
        Ended::Skipped(why) => skipped(&format!("{module}::{case}"), why),
    }
}

/// Reports that a test could not run on this machine, and why; also in the file that `BRAID_SKIP_LOG` names, for
/// counting.
pub fn skipped(test: &str, why: &str) {
    let line = format!("skipped: {test}: {why}\n");
    say(&line);
    if let Some(log) = std::env::var_os("BRAID_SKIP_LOG") {
        let appended = std::fs::OpenOptions::new().append(true).create(true).open(log);
        let _ = appended.and_then(|mut log| log.write_all(line.as_bytes()));
    }
}

/// Writes directly, since the test runner captures `eprint!` of a test that passes.
fn say(line: &str) {
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Makes one test for each case of the suite, in a module with the name of the function that returns the [`Subject`].
#[macro_export]
macro_rules! conformance_suite {
    ($subject:ident) => {
        $crate::conformance_suite!(@cases $subject;
            bind_reports_the_real_address
            accept_and_connect
            every_stage_without_a_runtime
            bytes_arrive_both_ways
            half_close_by_the_client
            half_close_by_the_server
            abort_is_seen_by_the_peer
            dropping_delivers_what_was_accepted
            shutdown_delivers_what_was_accepted
            a_writer_waits_for_its_reader
            waiting_is_no_loop
            incoming_crosses_threads
            detach_and_back
            detach_after_a_partial_read
            early_bytes_are_kept
            accept_is_cancel_safe
            a_silent_client_is_accepted
            connecting_to_nobody_is_refused
            the_peer_is_the_address_that_won
            connecting_to_a_black_hole_times_out
            the_backlog_is_kept
            connecting_does_not_block_the_worker
            many_at_once
            options_are_applied_or_warned_about
            server_options_are_applied_or_warned_about
            options_reach_the_connections
            vectored_writes_are_forwarded
            an_empty_write_changes_nothing
            put_back_bytes_are_read_first
            a_relay_moves_every_byte
            leaves_no_descriptor_behind
            info_describes_the_connection
            paths_count_their_bytes
            clones_share_one_queue
            suspended_it_refuses
            refusing_new_keeps_those_inside
            what_it_lacks_it_refuses
            an_inherited_socket_is_taken_as_it_is
            a_handed_over_socket_is_left_alone
            it_owns_its_sockets_and_no_others
            an_address_reads_as_it_prints
            another_kind_of_address_is_refused
            errors_keep_their_number
            every_call_is_forwarded
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

/// Makes the tests of a protocol that is only a placeholder: everything is refused, and no descriptor is opened.
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
