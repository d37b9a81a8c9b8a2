//! `mode http` from end to end: tables of what a client sends, what an origin receives and responds, what the client
//! gets and what is logged; and tests of what is too big, too slow or too many for a table.
//!
//! `braid` has to match the tables. A real HAProxy, where there is one, is checked against the same tables, which
//! proves that they are right; where Braid intends to differ, the row says so and why.
//!
//! `BRAID_HAPROXY` names the HAProxy (else: the one in `PATH`), `HTTP_ROW` selects rows by a part of their names.
//! `BRAID_POSTS` is the number of POSTs of which none may be carried out twice.
#![allow(clippy::unwrap_used, reason = "this is a test program throughout")]

mod golden;
mod hostile;
mod message;
mod origin;
mod peers;
mod posts;
mod real;
mod requests;
mod run;
mod scenario;
mod text;
mod world;

use braid_tests::program::Program;
use braid_tests::rows::with_haproxy;

/// Two tests for each file of cases and for each function, so that the harness names what fails.
macro_rules! tests {
    (cases: $($group:ident)*; functions: $($module:ident::$function:ident)*) => {
        mod braid {
            $(
                #[test]
                fn $group() {
                    crate::run::run(stringify!($group), &crate::Program::braid().unwrap());
                }
            )*
            $(
                #[test]
                fn $function() {
                    let test = concat!("braid::", stringify!($function));
                    crate::run::call(test, &crate::Program::braid().unwrap(), crate::$module::$function);
                }
            )*
        }
        mod haproxy {
            $(
                #[test]
                fn $group() {
                    let test = concat!("haproxy::", stringify!($group));
                    crate::with_haproxy(test, |program| crate::run::run(stringify!($group), program));
                }
            )*
            $(
                #[test]
                fn $function() {
                    let test = concat!("haproxy::", stringify!($function));
                    let call = |program: &_| crate::run::call(test, program, crate::$module::$function);
                    crate::with_haproxy(test, call);
                }
            )*
        }
        /// A file without tests would be a table that is never checked.
        #[test]
        fn each_file_has_its_tests() {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/cases");
            let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let mut files: Vec<_> = files.map(|path| path.file_stem().unwrap().to_owned()).collect();
            files.sort();
            let mut tested = vec![$(stringify!($group)),*];
            tested.sort_unstable();
            assert_eq!(files, tested);
        }
    };
}

tests! {
    cases: answers bodies captures connections cookies expressions formats httplog rules samples servers tcplog
        tcprules times tls tunnels;
    functions: requests::requests posts::not_twice posts::in_order hostile::hostile hostile::hostile_origin
        real::curl_to_python real::curl_to_nginx real::after_haproxy
}
