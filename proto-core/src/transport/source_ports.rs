//! The ports of a server's `source` that are a range: each serves one connection at a time.
//!
//! All workers share the list of a server. A port that is free again goes to its end, as in HAProxy, so that the one
//! whose last connection ended longest ago is taken next.

use std::collections::VecDeque;
use std::io;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

/// The free ports of a range.
#[derive(Debug)]
pub(super) struct SourcePorts(Mutex<Free>);

#[derive(Debug)]
struct Free {
    /// Those that were never taken.
    unused: RangeInclusive<u16>,
    /// Those that were given back.
    returned: VecDeque<u16>,
}

impl SourcePorts {
    pub(super) fn new(range: RangeInclusive<u16>) -> Arc<SourcePorts> {
        Arc::new(SourcePorts(Mutex::new(Free { unused: range, returned: VecDeque::new() })))
    }

    /// Takes a port.
    ///
    /// # Errors
    /// Returns an error if none is free.
    pub(super) fn take(self: &Arc<SourcePorts>) -> io::Result<SourcePort> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = free.unused.next().or_else(|| free.returned.pop_front());
        let number = number.ok_or_else(|| {
            io::Error::new(io::ErrorKind::AddrNotAvailable, "no port of the range of 'source' is free")
        })?;
        Ok(SourcePort { number, list: Arc::clone(self) })
    }
}

/// A port that was taken. Dropping it gives it back: its socket has to be closed before.
#[derive(Debug)]
pub(super) struct SourcePort {
    number: u16,
    list: Arc<SourcePorts>,
}

impl SourcePort {
    pub(super) fn number(&self) -> u16 {
        self.number
    }
}

impl Drop for SourcePort {
    fn drop(&mut self) {
        let mut free = self.list.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.returned.push_back(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_that_is_free_for_longest_is_taken() {
        let ports = SourcePorts::new(65_534..=65_535);
        let (first, second) = (ports.take().unwrap(), ports.take().unwrap());
        assert_eq!((first.number(), second.number()), (65_534, 65_535));
        assert_eq!(ports.take().unwrap_err().kind(), io::ErrorKind::AddrNotAvailable);
        drop(second);
        drop(first);
        let (first, second) = (ports.take().unwrap(), ports.take().unwrap());
        assert_eq!((first.number(), second.number()), (65_535, 65_534));
    }
}
