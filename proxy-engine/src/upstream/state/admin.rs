//! The administrative state of a server: who has taken it out of use, and how.
//!
//! | maintenance | drain | the server is |
//! | --- | --- | --- |
//! | none | none | ready |
//! | none | forced or inherited | draining: it gets no new sessions |
//! | any | any | in maintenance: it gets no sessions and is not checked |

use std::fmt;

use bitflags::bitflags;

bitflags! {
    /// The reasons for which a server is out of use. The bits are those that HAProxy writes into state files.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Admin: u8 {
        /// An operator has put it in maintenance, or its line says `disabled`.
        const FORCED_MAINT = 0x01;
        /// The server that it tracks is in maintenance.
        const INHERITED_MAINT = 0x02;
        /// Its line says `disabled`. It comes with [`FORCED_MAINT`](Self::FORCED_MAINT), and remains when an operator
        /// has made the server ready.
        const CONFIGURED_MAINT = 0x04;
        /// An operator has drained it.
        const FORCED_DRAIN = 0x08;
        /// The server that it tracks is drained.
        const INHERITED_DRAIN = 0x10;
        /// Its name has no address.
        const UNRESOLVED = 0x20;
        /// It has been given another host name than its line has.
        const RENAMED = 0x40;

        /// Any kind of maintenance.
        const MAINT = Self::FORCED_MAINT.bits() | Self::INHERITED_MAINT.bits() | Self::UNRESOLVED.bits();
        /// Any kind of drain.
        const DRAIN = Self::FORCED_DRAIN.bits() | Self::INHERITED_DRAIN.bits();
    }
}

impl Admin {
    /// Returns whether the server is in maintenance.
    pub fn is_in_maintenance(self) -> bool {
        self.intersects(Admin::MAINT)
    }

    /// Returns whether the server is drained, also while it is in maintenance.
    pub fn is_drained(self) -> bool {
        self.intersects(Admin::DRAIN)
    }
}

/// `MAINT`, `DRAIN` or `READY`.
impl fmt::Display for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_in_maintenance(), self.is_drained()) {
            (true, _) => "MAINT",
            (false, true) => "DRAIN",
            (false, false) => "READY",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maintenance_counts_before_drain() {
        for (flags, name) in [
            (Admin::empty(), "READY"),
            (Admin::CONFIGURED_MAINT, "READY"),
            (Admin::INHERITED_DRAIN, "DRAIN"),
            (Admin::FORCED_DRAIN | Admin::CONFIGURED_MAINT, "DRAIN"),
            (Admin::FORCED_DRAIN | Admin::INHERITED_MAINT, "MAINT"),
            (Admin::FORCED_MAINT, "MAINT"),
            (Admin::UNRESOLVED, "MAINT"),
        ] {
            assert_eq!(flags.to_string(), name, "{flags:?}");
        }
    }
}
