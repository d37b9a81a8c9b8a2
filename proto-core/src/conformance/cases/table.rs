//! The list of the cases: what each expects, what it needs, and where it runs.

use super::super::{Ended, Subject, Trait};
use super::{Case, Place};
use super::{
    address, alternatives, backlog, bytes, delivery, descriptors, detach, errors, facts, family, forwarding,
    inherited, options, queue, relay, runtime, stages, waiting,
};

const fn case(name: &'static str, run: fn(&Subject) -> Ended, expects: &'static str) -> Case {
    Case { name, needs: None, expects, place: Place::Here, run }
}

impl Case {
    const fn needs(mut self, needed: Trait) -> Case {
        self.needs = Some(needed);
        self
    }

    const fn at(mut self, place: Place) -> Case {
        self.place = place;
        self
    }
}

/// All cases, in the order of the suite.
pub(super) const CASES: &[Case] = &[
    case(
        "bind_reports_the_real_address",
        stages::bind_reports_the_real_address,
        "`bind` returns the address actually bound, which accepts connections, and each bind gets a different one",
    ),
    case(
        "accept_and_connect",
        stages::accept_and_connect,
        "both ends of a connection agree on its two addresses, and `accept` does not wait for more than the connect",
    ),
    case(
        "every_stage_without_a_runtime",
        runtime::every_stage_without_a_runtime,
        "`bind`, `try_clone`, `publish` and `connector` need no runtime; `listen`, `into_stream` and `connect` fail \
         without one rather than panic",
    ),
    case(
        "bytes_arrive_both_ways",
        bytes::bytes_arrive_both_ways,
        "bytes arrive as they were sent, in both directions at once",
    ),
    case(
        "half_close_by_the_client",
        bytes::half_close_by_the_client,
        "`poll_shutdown` closes one direction and leaves the other one open",
    )
    .needs(Trait::HalfClose),
    case(
        "half_close_by_the_server",
        bytes::half_close_by_the_server,
        "`poll_shutdown` closes one direction and leaves the other one open",
    )
    .needs(Trait::HalfClose),
    case(
        "abort_is_seen_by_the_peer",
        delivery::abort_is_seen_by_the_peer,
        "after `abort` the peer reads ECONNRESET, whether or not bytes have gone before",
    )
    .needs(Trait::Reset),
    case(
        "dropping_delivers_what_was_accepted",
        delivery::dropping_delivers_what_was_accepted,
        "what was written and flushed arrives even if the stream is dropped before the peer reads it",
    ),
    case(
        "shutdown_delivers_what_was_accepted",
        delivery::shutdown_delivers_what_was_accepted,
        "what was written arrives before the end of file, also when the stream is dropped after `poll_shutdown` and \
         before the peer reads",
    ),
    case(
        "a_writer_waits_for_its_reader",
        waiting::a_writer_waits_for_its_reader,
        "a writer whose peer does not read must wait at some point",
    ),
    case(
        "waiting_is_no_loop",
        waiting::waiting_is_no_loop,
        "`accept` and `poll_read` without a result are woken by an event, and not before",
    ),
    case(
        "incoming_crosses_threads",
        stages::incoming_crosses_threads,
        "an accepted connection can be registered on another thread",
    ),
    case(
        "detach_and_back",
        stages::detach_and_back,
        "a connection can be detached and registered on another thread and back, and is the same one",
    ),
    case(
        "detach_after_a_partial_read",
        detach::detach_after_a_partial_read,
        "a connection that is detached between reads and writes continues where it was: nothing is lost, \
         repeated or changed",
    ),
    case(
        "early_bytes_are_kept",
        detach::early_bytes_are_kept,
        "what a client sends before its connection is accepted or registered is read first",
    ),
    case(
        "accept_is_cancel_safe",
        queue::accept_is_cancel_safe,
        "a connection is in the queue or has been returned: if its `accept` is dropped, the next one returns it",
    ),
    case(
        "a_silent_client_is_accepted",
        queue::a_silent_client_is_accepted,
        "`accept` and `into_stream` do not wait for the peer's first byte",
    ),
    case(
        "connecting_to_nobody_is_refused",
        errors::connecting_to_nobody_is_refused,
        "connecting where nothing listens fails as refused, with the step, the address and the system's error number",
    ),
    case(
        "the_peer_is_the_address_that_won",
        alternatives::the_peer_is_the_address_that_won,
        "of several addresses the connection uses one that answers, preferably the first, which is the peer of the \
         stream",
    ),
    case(
        "connecting_to_a_black_hole_times_out",
        backlog::black_hole,
        "connecting to a full backlog waits without blocking the worker, until the caller's deadline",
    )
    .needs(Trait::BlackHole)
    .at(Place::Network),
    case(
        "the_backlog_is_kept",
        backlog::the_backlog_is_kept,
        "`backlog` limits the connections that wait, the default holds at least 32, a full one does not block the \
         connecting worker, and a socket that is taken over listening keeps its backlog",
    )
    .needs(Trait::Backlog)
    .at(Place::Network),
    case(
        "connecting_does_not_block_the_worker",
        runtime::connecting_does_not_block_the_worker,
        "no poll of a `connect` takes long: it returns Pending while it waits",
    ),
    case(
        "many_at_once",
        queue::many_at_once,
        "a hundred simultaneous connections are served",
    ),
    case(
        "options_are_applied_or_warned_about",
        options::options_are_applied_or_warned_about,
        "each option of a bind line holds on the socket, or there is one warning that names option, protocol and bind",
    ),
    case(
        "server_options_are_applied_or_warned_about",
        options::server_options_are_applied_or_warned_about,
        "each option of a server line holds on its connections, or there is one warning that names option, protocol \
         and server",
    )
    .at(Place::Process),
    case(
        "options_reach_the_connections",
        options::options_reach_the_connections,
        "an option that a bind line took without a warning holds on its connections, and `set_option` takes it there",
    )
    .at(Place::Process),
    case(
        "vectored_writes_are_forwarded",
        bytes::vectored_writes_are_forwarded,
        "several slices are sent in one write, and `is_write_vectored` returns true",
    ),
    case(
        "an_empty_write_changes_nothing",
        bytes::an_empty_write_changes_nothing,
        "a write of no bytes is Ok(0) at once, and has no effect on the peer",
    ),
    case(
        "put_back_bytes_are_read_first",
        bytes::put_back_bytes_are_read_first,
        "bytes put back before a stream are read first, and nothing is spliced past them",
    ),
    case(
        "a_relay_moves_every_byte",
        relay::a_relay_moves_every_byte,
        "several MiB pass through a relay as they were sent, spliced wherever `splice_read` and `splice_write` offer \
         it; a stream that changes bytes or holds some offers neither, and after WouldBlock readiness is cleared",
    ),
    case(
        "leaves_no_descriptor_behind",
        descriptors::leaves_no_descriptor_behind,
        "whatever way a connection or an attempt ends, its descriptors are closed",
    )
    .needs(Trait::Descriptors)
    .at(Place::Process),
    case(
        "info_describes_the_connection",
        facts::info_describes_the_connection,
        "`info()` contains the protocol's name, the state and the path with its two addresses, also after a detach",
    ),
    case(
        "paths_count_their_bytes",
        facts::paths_count_their_bytes,
        "the paths of `info()` count the bytes actually moved: read, written, in slices, spliced, and before a detach",
    )
    .needs(Trait::Counters),
    case(
        "clones_share_one_queue",
        queue::clones_share_one_queue,
        "listeners of a bound socket and its clones share one queue, and treat connections the same",
    ),
    case(
        "suspended_it_refuses",
        queue::suspended_it_refuses,
        "a suspended socket refuses connections and listens again afterwards",
    )
    .needs(Trait::Suspend),
    case(
        "refusing_new_keeps_those_inside",
        queue::refusing_new_keeps_those_inside,
        "after `refuse_new` new connections are refused and those in the queue are still accepted",
    )
    .needs(Trait::RefuseNew),
    case(
        "what_it_lacks_it_refuses",
        queue::what_it_lacks_it_refuses,
        "what a transport cannot do, it refuses with a typed reason: `Ok` and `true` mean that it was done",
    ),
    case(
        "an_inherited_socket_is_taken_as_it_is",
        inherited::an_inherited_socket_is_taken_as_it_is,
        "`bind` uses the socket of `BindSpec::socket`, even a blocking one, does not bind it again, and does not \
         disturb its other owners",
    )
    .needs(Trait::Inherit),
    case(
        "a_handed_over_socket_is_left_alone",
        inherited::a_handed_over_socket_is_left_alone,
        "after `hand_over` neither `refuse_new` nor `suspend` nor dropping the last handle affects the socket",
    )
    .needs(Trait::Descriptors),
    case(
        "it_owns_its_sockets_and_no_others",
        inherited::it_owns_its_sockets_and_no_others,
        "`owns` claims what the socket itself proves: a protocol with a cell its own sockets, none those of TCP or \
         UNIX, and none a socket that cannot listen",
    )
    .needs(Trait::Descriptors),
    case(
        "an_address_reads_as_it_prints",
        address::an_address_reads_as_it_prints,
        "a printed address is read back as the same one, selects this protocol, and has one spelling",
    ),
    case(
        "another_kind_of_address_is_refused",
        family::another_kind_of_address_is_refused,
        "an address of another family is Refusal::WrongFamily at bind, connector and connect, and no panic",
    ),
    case(
        "errors_keep_their_number",
        errors::errors_keep_their_number,
        "binding to an address in use fails with step, address and EADDRINUSE, and the address is free afterwards",
    )
    .needs(Trait::Exclusive),
    case(
        "every_call_is_forwarded",
        forwarding::every_call_is_forwarded,
        "a transport on top of another one passes on every call that it does not answer itself",
    ),
];
