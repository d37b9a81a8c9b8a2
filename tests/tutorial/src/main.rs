//! `braid-tutorial`: `braid` with one transport more.
//!
//! The same lines as in `braid`'s own `main.rs`, and one for the crate of the guide. What is missing is
//! `deny(unused_crate_dependencies)`: this package holds a library too, whose dependencies the program does not use.

use std::process::ExitCode;

use proto_mptcp as _;
use proto_quic_stub as _;
use proto_tcp as _;
use proto_tutorial as _;
use proto_unix as _;

fn main() -> ExitCode {
    proxy_cli::main()
}
