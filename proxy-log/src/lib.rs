//! Traffic logs.
