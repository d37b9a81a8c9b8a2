//! How sessions in mode tcp end, and what is logged: a table with one row per way to end, with both peers, the
//! configuration and the whole log line. `braid` has to write these lines; a real HAProxy, where there is one, is
//! checked against the same table, which proves that it is right.
//!
//! `BRAID_HAPROXY` names the HAProxy (else: the one in `PATH`), `TERMINATION_ROW` selects rows by a part of their
//! names. Rows only wait for events; the timeouts that they let expire are 100 to 900 ms long, all others half a
//! minute.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod peers;
mod run;
mod scenario;
mod table;
mod world;

use braid_tests::program::Program;
use braid_tests::rows::with_haproxy;
use run::run;
use table::{GROUPS, Group};

/// Two tests for each group of rows, so that the harness names what fails.
macro_rules! tests {
    ($($group:ident)*) => {
        mod braid {$(
            #[test]
            fn $group() {
                super::run(super::group(stringify!($group)), &super::Program::braid().unwrap());
            }
        )*}
        mod haproxy {$(
            #[test]
            fn $group() {
                let test = concat!("haproxy::", stringify!($group));
                super::with_haproxy(test, |program| super::run(super::group(stringify!($group)), program));
            }
        )*}
        /// A group without tests would be a table that is never checked.
        #[test]
        fn each_group_has_its_tests() {
            let tested = [$(stringify!($group)),*];
            assert_eq!(GROUPS.map(|group| group.name), tested);
        }
    };
}

tests! { ends timeouts connecting queue rules killed logging }

fn group(name: &str) -> &'static Group {
    GROUPS.iter().find(|group| group.name == name).unwrap()
}
