//! The runtime socket.
