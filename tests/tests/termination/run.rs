//! Runs the rows of a group side by side, since nearly all of their time is waiting, and reports all that differ.

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use braid_tests::skip::skip;

use crate::log_line::LogLine;
use crate::program::Program;
use crate::scenario::{Outcome, Peer, Row, Step, Trouble};
use crate::table::Group;
use crate::world::World;

/// How many at once: enough to fill the waiting, few enough for a small machine.
const SIDE_BY_SIDE: usize = 6;
/// "local0" at level "info" and "err".
const INFO: u8 = 16 << 3 | 6;
const ERROR: u8 = 16 << 3 | 3;

/// Selects rows by a part of their names.
const TERMINATION_ROW: &str = "TERMINATION_ROW";

/// What follows a silent session, to know that nothing was logged of it before.
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

/// Runs all rows of the group that the program can play.
pub(crate) fn run(group: &Group, program: Program) {
    let only = env::var(TERMINATION_ROW).unwrap_or_default();
    let rows: Vec<_> = group.rows.iter().filter(|row| row.name.contains(&only)).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            let skipped =
                |why: &str| skip(&format!("{}::{}, row {}", program.name, group.name, row.name), why);
            if program.version.is_some_and(|version| version < row.since) {
                skipped(&format!("needs version {}.{}: {}", row.since.0, row.since.1, row.note));
                continue;
            }
            match check(&program, row) {
                Ok(()) => {}
                // Of a HAProxy everything is wanted.
                Err(Trouble::Unsupported(said)) if program.version.is_none() => skipped(&said),
                Err(Trouble::Unsupported(failure) | Trouble::Failed(failure)) => {
                    failures.lock().unwrap().push(format!("{}: {failure}", row.name));
                }
            }
        }
    };
    thread::scope(|scope| (0..SIDE_BY_SIDE).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} rows:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

/// Plays one row and compares its line.
fn check(program: &Program, row: &Row) -> Result<(), Trouble> {
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
        return heard.map_or(Ok(()), |failure| Err(Trouble::Failed(failure)));
    }
    let line = world.line(|line| line.is_about(client));
    let line = line.map_err(|error| format!("{error}; output:\n{}", world.process.output()))?;
    let elapsed = Instant::now() - began;
    let compared = match expected {
        Outcome::Info(pattern) => priority(&line, INFO).and_then(|()| line.compare(pattern, client, elapsed)),
        Outcome::Error(pattern) => {
            priority(&line, ERROR).and_then(|()| line.compare(pattern, client, elapsed))
        }
        Outcome::Text(text) => {
            let text = text.replace("{client}", &client.to_string());
            let text = text.replace("{front}", &world.front().to_string());
            if line.message == text { Ok(()) } else { Err(format!("instead of {text}")) }
        }
        Outcome::Silence | Outcome::Exit => Ok(()),
    };
    Ok(compared.map_err(|difference| format!("{difference}\n    {}", line.message))?)
}

fn play(world: &mut World, script: &[Step]) -> Result<(), Trouble> {
    script.iter().try_for_each(|step| {
        world.step(*step).map_err(|trouble| match trouble {
            Trouble::Failed(error) => {
                Trouble::Failed(format!("{step:?}: {error}; output:\n{}", world.process.output()))
            }
            unsupported => unsupported,
        })
    })
}

fn priority(line: &LogLine, wanted: u8) -> Result<(), String> {
    if line.priority == wanted {
        Ok(())
    } else {
        Err(format!("priority {} instead of {wanted}", line.priority))
    }
}
