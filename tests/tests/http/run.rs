//! Runs the rows of a file, and the tests without a table.

use std::path::Path;

use braid_tests::program::Program;
use braid_tests::rows::{self, RowFailure, settle};
use socket2::{Domain, Protocol, Socket, Type};

use crate::scenario::{Row, read};
use crate::world::{World, who};

/// The variable that selects rows by a part of their names.
const HTTP_ROW: &str = "HTTP_ROW";

/// Runs all rows of the group that the program supports.
pub(crate) fn run(group: &str, program: &Program) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/cases").join(format!("{group}.case"));
    rows::run(program, group, &read(&file), HTTP_ROW);
}

/// Runs a test without a table.
pub(crate) fn call(test: &str, program: &Program, function: fn(&Program) -> Result<(), RowFailure>) {
    settle(program, test, function(program)).unwrap_or_else(|failure| panic!("{failure}"));
}

impl rows::Row for Row {
    fn name(&self) -> &str {
        &self.name
    }

    fn obstacle(&self, program: &Program) -> Option<String> {
        let mptcp = || Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP)).err();
        let no_mptcp = || mptcp().filter(|_| self.mptcp).map(|error| format!("no MPTCP: {error}"));
        program.is_too_old(self.since).or_else(no_mptcp)
    }

    fn play(&self, program: &Program) -> Result<(), RowFailure> {
        let who = who(program);
        let mut world = World::new(program, self)?;
        for step in self.steps.iter().filter(|step| step.who.is_none_or(|of| of == who)) {
            world.step(step).map_err(|error| {
                format!("line {}: {error}\n    output: {}", step.line, world.process.output())
            })?;
        }
        Ok(world.left()?)
    }
}
