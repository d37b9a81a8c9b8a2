//! proto-unix
