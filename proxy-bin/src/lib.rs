//! proxy-bin
