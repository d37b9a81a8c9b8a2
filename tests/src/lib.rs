//! The network laboratory of the end-to-end tests: networks made by the test that needs them, over system
//! calls and netlink, with no program of the machine but the one under test.
//!
//! ```no_run
//! use std::io::{Read, Write};
//! use std::time::Duration;
//!
//! use braid_tests::binary::braid_binary;
//! use braid_tests::mptcp::{self, SubflowCount};
//! use braid_tests::poll::eventually;
//! use braid_tests::tc::Rate;
//! use braid_tests::topology::TwoPaths;
//! use braid_tests::lab;
//!
//! # #[allow(dead_code, reason = "the example shows a test, and is only compiled")]
//! fn a_proxied_connection_survives_the_loss_of_a_path() {
//!     // Returns if the machine has no namespaces or no MPTCP: the test is then counted as skipped.
//!     let Some(lab) = lab!(Mptcp, Rate) else { return };
//!     let net = TwoPaths::new(&lab).unwrap();
//!     net.set_rate(Rate::mbit(50)).unwrap();
//!
//!     // The program under test, killed when dropped. A backend would be a thread in the same namespace:
//!     // `net.server.thread(|| ..)`.
//!     let mut command = std::process::Command::new(braid_binary().unwrap());
//!     command.args(["-f", "braid.cfg"]);
//!     let proxy = net.server.spawn(command).unwrap();
//!     proxy.wait_for_line("ready", Duration::from_secs(5)).unwrap();
//!
//!     // Sockets belong to the namespace of the thread that makes them, wherever they are used.
//!     let address = (net.paths[0].server.v4, 8080).into();
//!     let mut client = net.client.run(|| mptcp::connect(address)).unwrap().unwrap();
//!     client.write_all(b"ping").unwrap();
//!     client.read_exact(&mut [0; 4]).unwrap();
//!     // Only now, when data was acknowledged, does the kernel open the second path.
//!     let both = || (SubflowCount::of(&client).unwrap().total == 2).then_some(());
//!     eventually(Duration::from_secs(5), both).unwrap();
//!     net.paths[0].down().unwrap();
//!     client.write_all(b"ping").unwrap();
//!     client.read_exact(&mut [0; 4]).unwrap();
//! }
//! ```
//!
//! | module | what it is |
//! | --- | --- |
//! | [`skip`] | [`lab!`]: whether a laboratory can be built here, and skipping if not |
//! | [`ns`] | namespaces, and running closures, futures, threads and processes inside them |
//! | [`link`], [`address`], [`tc`] | virtual Ethernet pairs, addresses and routes, rate limits |
//! | [`tun`] | a link with delay, loss and rate, in user space |
//! | [`topology`] | ready-made networks: two hosts with two paths |
//! | [`mptcp`], [`endpoint`], [`mib`] | MPTCP peers; endpoints and limits of the path manager; counters |
//! | [`process`], [`binary`] | the program under test |
//! | [`forward`] | the program under test as a relay, and its log |
//! | [`traffic`], [`measured`] | bytes on a link; reporting measurements |
//! | [`memory`] | memory of all TCP sockets of the machine |
//! | [`queue`] | a listener's queue of connections |
//! | [`program`] | the program that a table tests, Braid or HAProxy, started with a configuration file |
//! | [`rows`] | the rows of such a table, side by side |
//! | [`loopback`] | sockets for the peers of a program |
//! | [`syslog`], [`log_line`] | the log of a program, and patterns for its lines |
//! | [`forks`], [`idle`] | starting programs beside watched connections; waiting until a program is idle |
//! | [`directory`] | files of a test |
//! | [`poll`] | polling kernel state without notifications |
//!
//! Nothing has to be cleaned up: namespaces have no name outside the process that holds them, so the kernel
//! removes them and their links with it, and kills the processes it started.

pub mod address;
pub mod binary;
pub mod directory;
pub mod endpoint;
pub mod error;
pub mod forks;
pub mod forward;
pub mod idle;
pub mod link;
pub mod log_line;
pub mod loopback;
pub mod measured;
pub mod memory;
pub mod mib;
pub mod mptcp;
mod netlink;
pub mod ns;
pub mod poll;
pub mod process;
pub mod program;
pub mod queue;
mod row_failure;
pub mod rows;
pub mod skip;
mod sys;
pub mod syslog;
pub mod tc;
pub mod topology;
pub mod traffic;
pub mod tun;
pub mod whole_line;
