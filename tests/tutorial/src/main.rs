//! `braid-tutorial`: `braid` with one more transport.
//!
//! The same lines as in `braid`'s own `main.rs`, and one for the crate of the guide. Only
//! `deny(unused_crate_dependencies)` is missing: this package has a library too, whose dependencies the program does
//! not use.

use std::process::ExitCode;

use proto_mptcp as _;
use proto_quic_stub as _;
use proto_tcp as _;
use proto_tutorial as _;
use proto_unix as _;

fn main() -> ExitCode {
    proxy_cli::main()
}
