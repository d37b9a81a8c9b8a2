//! proto-tutorial
