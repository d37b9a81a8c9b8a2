//! A load generator and origin for TCP, MPTCP and HTTP/1.1 over both, which check every byte.
//!
//! The crate has two uses: the load of the benchmarks, and the peer of the end-to-end tests. It does not know the
//! proxy in between; its results come from the bytes, the clock and `/proc/PID`.
//!
//! Streams are blocking sockets and threads, the simplest thing that saturates loopback. Requests are many and
//! small, so one thread with one epoll on each side makes and answers them. Sockets are always made on the calling
//! thread or on threads it has spawned, so a caller in another network namespace stays in it.
//!
//! ```no_run
//! use braid_load::{Direction, Job, Origin, Plan, Transport, run};
//!
//! let origin = Origin::start("127.0.0.1:0".parse()?, Transport::Tcp)?;
//! let report = run(&Plan::new(origin.addr(), Transport::Tcp, Job::bulk(Direction::Down, 1 << 20, 1)))?;
//! assert!(report.is_ok(), "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bulk;
mod compare;
mod connect;
mod cost;
mod counts;
mod failure;
mod histogram;
mod hold;
mod http;
mod link;
mod opening;
mod origin;
mod park;
mod pattern;
mod plan;
mod progress;
mod report;
mod serve;
mod sys;
mod tally;
mod transfer;
mod wire;
mod wording;

pub use compare::{CompareError, Comparison, RivalKind, Table, compare_http};
pub use cost::{Cost, Meter, Pid, ProcessError};
pub use counts::OriginCounts;
pub use failure::{ErrorKind, Failure, Step};
pub use histogram::Histogram;
pub use hold::Held;
pub use http::{
    Amount, HeadError, HttpJob, HttpOrigin, HttpOriginCounts, HttpPlan, HttpReport, HttpRunError, Resource,
    run_http,
};
pub use link::{PathState, Transport};
pub use opening::Opening;
pub use origin::{Origin, OriginError, OriginPlan};
pub use pattern::{Mismatch, Pattern, Seed};
pub use plan::{Job, Plan, Target, run};
pub use progress::{Progress, WaitError};
pub use report::Report;
pub use sys::{Termination, pin_thread, raise_file_limit};
pub use tally::{ErrorCounts, PathCounts};
pub use wire::{Direction, Mode, Request, Verdict, WireError};
