//! braid-load
