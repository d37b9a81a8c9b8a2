//! Whether a laboratory can be built here, and what a test does if not: it prints the reason and is counted as skipped.
//!
//! Root makes namespaces directly. Without root they need a user namespace, which only a process with one thread can
//! enter, and a test process has many. So the test is run again: the test binary starts itself, for this one test, as
//! "root" of a user namespace, and takes over the result. Inside, everything is as it is for root; a helper process per
//! namespace would instead have split every test in two programs.

use std::env;
use std::io::{self, Write};
use std::process::Command;

use crate::error::{Error, Result};
use crate::link::Interface;
use crate::measured;
use crate::ns::Namespace;
use crate::sys;
use crate::tc::Rate;

/// The variable that is set in a test process that was started again inside a user namespace.
const INSIDE: &str = "BRAID_LAB_INSIDE";

/// Why a laboratory cannot be built here.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(String);

impl From<Error> for Unavailable {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

/// What a test needs from the machine besides namespaces and virtual Ethernet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// MPTCP in the kernel.
    Mptcp,
    /// Rate limits on links.
    Rate,
    /// Links in user space, with delay and loss.
    Tun,
    /// Memory for TCP that other programs have not used up; waits for it first.
    Memory,
}

/// The right to make namespaces: this value proves that the process has it.
#[derive(Debug)]
pub struct Lab(());

impl Lab {
    /// Finds out whether this process can make namespaces and whether they offer what is needed.
    pub fn open(needs: &[Need]) -> std::result::Result<Self, Unavailable> {
        Self::probe(needs).map_err(Unavailable::from)
    }

    /// Makes a new namespace with its loopback up, and nothing else. The name is for messages only.
    pub fn namespace(&self, name: &str) -> Result<Namespace> {
        Namespace::new(name)
    }

    fn probe(needs: &[Need]) -> Result<Self> {
        let namespace = Namespace::new("probe")?;
        for need in needs {
            match need {
                Need::Mptcp => namespace.sysctl("net.mptcp.enabled").map(drop)?,
                Need::Rate => Interface::find(&namespace, "lo")?.set_rate(Rate::mbit(1))?,
                Need::Tun => crate::tun::open_device().map(drop)?,
                Need::Memory => crate::memory::wait_for_room()?,
            }
        }
        Ok(Self(()))
    }
}

/// The laboratory of a test, or `None` if the test is to return: skipped, or already run in a user namespace.
///
/// The arguments are what the test [needs](Need):
///
/// ```no_run
/// # use braid_tests::lab;
/// fn a_test() {
///     let Some(lab) = lab!(Mptcp, Rate) else { return };
///     let namespace = lab.namespace("client").unwrap();
/// }
/// ```
#[macro_export]
macro_rules! lab {
    ($($need:ident),* $(,)?) => {{
        fn here() {}
        $crate::skip::enter(::std::any::type_name_of_val(&here), &[$($crate::skip::Need::$need),*])
    }};
}

/// Implements [`lab!`](crate::lab); `marker` is the path of a function inside the test.
#[doc(hidden)]
pub fn enter(marker: &str, needs: &[Need]) -> Option<Lab> {
    let test = test_name(marker);
    let inside = env::var_os(INSIDE).is_some();
    match Lab::probe(needs) {
        Ok(lab) => return Some(lab),
        Err(error) if !inside && error.source.kind() == io::ErrorKind::PermissionDenied => {
            match run_in_user_namespace(test) {
                Ok(()) => {}
                Err(cause) => skip(test, &format!("{error}, and no user namespace: {cause}")),
            }
        }
        Err(error) => skip(test, &error.to_string()),
    }
    None
}

/// Reports that a test is skipped and why, where it can be seen and counted.
pub fn skip(test: &str, reason: &str) {
    proto_core::conformance::skipped(test, reason);
}

/// Returns the harness's name of the test, `module::test`, of `binary::module::test::{{closure}}::here`.
fn test_name(marker: &str) -> &str {
    let name = marker.split_once("::").map_or(marker, |(_, name)| name);
    let name = name.strip_suffix("::here").unwrap_or(name);
    name.split_once("::{{").map_or(name, |(name, _)| name)
}

/// Runs one test again as "root" of a user namespace; panics if it fails there.
fn run_in_user_namespace(test: &str) -> io::Result<()> {
    let mut command = Command::new(env::current_exe()?);
    command.args([test, "--exact", "--nocapture"]).env(INSIDE, "1");
    sys::die_with_thread(&mut command);
    sys::start_in_user_namespace(&mut command);
    let output = command.output()?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{test} in a user namespace: {}\n{stdout}\n{stderr}",
        output.status
    );
    let told = |line: &&str| line.starts_with("skipped: ") || line.starts_with(measured::PREFIX);
    stderr.lines().filter(told).try_for_each(|line| writeln!(io::stderr(), "{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_contains_the_name_of_its_test() {
        assert_eq!(test_name("end_to_end::relay::survives::here"), "relay::survives");
        assert_eq!(test_name("end_to_end::survives::{{closure}}::here"), "survives");
    }
}
