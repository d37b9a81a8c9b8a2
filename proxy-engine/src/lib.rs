//! proxy-engine
