//! Runs the rows of a group, and compares what is logged.

use std::time::Instant;

use braid_tests::program::Program;
use braid_tests::rows::{self, RowFailure};

use crate::scenario::{Outcome, Peer, Row, Step};
use crate::table::Group;
use crate::world::World;

/// "local0" at level "info" and "err".
const INFO: u8 = 16 << 3 | 6;
const ERROR: u8 = 16 << 3 | 3;

/// The variable that selects rows by a part of their names.
const TERMINATION_ROW: &str = "TERMINATION_ROW";

/// The steps after a silent session, which show that nothing was logged of it before.
const SENTINEL: [Step; 9] = [
    Step::Connect(Peer::Occupant),
    Step::Accept(Peer::OccupantServer),
    Step::Send(Peer::Occupant, 1),
    Step::Recv(Peer::OccupantServer, 1),
    Step::Reset(Peer::OccupantServer),
    Step::Gone(Peer::Occupant),
    Step::Close(Peer::Occupant),
    // A reset by the server is an error, which no option keeps out of the log.
    Step::Logged(" SD "),
    Step::Taken,
];

/// Runs all rows of the group that the program supports.
pub(crate) fn run(group: &Group, program: &Program) {
    rows::run(program, group.name, group.rows, TERMINATION_ROW);
}

impl rows::Row for Row {
    fn name(&self) -> &str {
        self.name
    }

    fn obstacle(&self, program: &Program) -> Option<String> {
        program.is_too_old(self.since).map(|needs| format!("{needs}: {}", self.note))
    }

    fn play(&self, program: &Program) -> Result<(), RowFailure> {
        check(program, self)
    }
}

/// Runs one row and compares its line.
fn check(program: &Program, row: &Row) -> Result<(), RowFailure> {
    let expected = row.braid.filter(|_| program.version.is_none()).unwrap_or(row.outcome);
    let mut world = World::new(program, row)?;
    play(&mut world, row.script)?;
    let (client, began) = world.client();
    match expected {
        Outcome::Silence => play(&mut world, &SENTINEL)?,
        Outcome::Exit => world.end()?,
        _ => {}
    }
    if let Outcome::Silence | Outcome::Exit = expected {
        let heard = world.heard_of_client().map(|line| format!("not silent: {}", line.message));
        return heard.map_or(Ok(()), |failure| Err(RowFailure::Failed(failure)));
    }
    let line = world.line(|line| line.is_about(client));
    let line = line.map_err(|error| format!("{error}; output:\n{}", world.process.output()))?;
    let elapsed = Instant::now() - began;
    let compared = match expected {
        Outcome::Info(pattern) => line.compare(&format!("<{INFO}>{pattern}"), client, elapsed),
        Outcome::Error(pattern) => line.compare(&format!("<{ERROR}>{pattern}"), client, elapsed),
        Outcome::Text(text) => {
            let text = text.replace("{client}", &client.to_string());
            let text = text.replace("{front}", &world.front().to_string());
            if line.message == text { Ok(()) } else { Err(format!("instead of {text}")) }
        }
        Outcome::Silence | Outcome::Exit => Ok(()),
    };
    Ok(compared.map_err(|difference| format!("{difference}\n    {}", line.message))?)
}

fn play(world: &mut World, script: &[Step]) -> Result<(), RowFailure> {
    script.iter().try_for_each(|step| {
        world.step(*step).map_err(|failure| match failure {
            RowFailure::Failed(error) => {
                RowFailure::Failed(format!("{step:?}: {error}; output:\n{}", world.process.output()))
            }
            unsupported => unsupported,
        })
    })
}
