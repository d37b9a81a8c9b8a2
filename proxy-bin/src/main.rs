//! `braid`: links the transports and the proxy into a program.
//!
//! A transport is part of the program by its line here. One that is only listed in `Cargo.toml` would register nothing,
//! so a dependency that is not used is an error.
#![cfg_attr(not(test), deny(unused_crate_dependencies))]

use std::process::ExitCode;

use proto_mptcp as _;
use proto_quic_stub as _;
use proto_tcp as _;
use proto_unix as _;

fn main() -> ExitCode {
    proxy_cli::main()
}
