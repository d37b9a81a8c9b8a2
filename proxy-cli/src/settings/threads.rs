//! `nbthread`, `thread-groups`: the number of workers.

use proxy_config::{Directive, Line, Parsed, Sections, inventory, mistake};

/// The number of worker threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NbThread(pub(crate) usize);

/// HAProxy's limit, on machines of 64 bits.
const MOST_THREADS: usize = 1024;
/// HAProxy's limit.
const MOST_GROUPS: u32 = 32;

/// That no other section has begun: it may refer to threads, as in HAProxy.
fn not_late(line: &Line<'_, '_>, name: &str) -> Parsed {
    if !line.surroundings.after_sections {
        return Ok(());
    }
    let problem = mistake(line.span, format!("'{name}' comes too late"));
    Err(Box::new(problem.help("it stands in a global section before all other sections")))
}

inventory::submit! {
    Directive::new("nbthread", "<number>", Sections::GLOBAL, "worker threads; by default one for each CPU", |line| {
        not_late(line, "nbthread")?;
        let number = line.args.number(1..=MOST_THREADS, "worker threads")?;
        line.section.set(NbThread(number));
        Ok(())
    })
}

inventory::submit! {
    Directive::new("thread-groups", "1", Sections::GLOBAL, "groups of worker threads; there is one", |line| {
        not_late(line, "thread-groups")?;
        match line.args.number(1..=MOST_GROUPS, "groups of threads")? {
            1 => Ok(()),
            _ => Err(mistake(line.args.last(), "more than one thread group is not supported yet")),
        }
    })
}
