//! `nbthread`, `thread-groups`: the number of workers.

use proxy_config::{Diagnostic, Directive, Line, Sections, inventory, mistake};

/// The number of worker threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NbThread(pub(crate) usize);

/// HAProxy's limit, on machines of 64 bits.
const MOST_THREADS: usize = 1024;
/// HAProxy's limit.
const MOST_GROUPS: u32 = 32;

/// Reports a line after another section, which may refer to threads, as in HAProxy.
fn not_late(line: &mut Line<'_, '_>, name: &str) {
    if line.surroundings.after_sections {
        let problem = Diagnostic::alert(line.span, format!("'{name}' comes too late"));
        let problem = problem.help("it stands in a global section before all other sections");
        line.surroundings.diagnostics.push(problem);
    }
}

inventory::submit! {
    Directive::new("nbthread", "<number>", Sections::GLOBAL, "worker threads; by default one for each CPU", |line| {
        not_late(line, "nbthread");
        let number = line.args.number(1..=MOST_THREADS, "worker threads")?;
        line.section.set(NbThread(number));
        Ok(())
    })
}

inventory::submit! {
    Directive::new("thread-groups", "1", Sections::GLOBAL, "groups of worker threads; there is one", |line| {
        not_late(line, "thread-groups");
        match line.args.number(1..=MOST_GROUPS, "groups of threads")? {
            1 => Ok(()),
            _ => Err(mistake(line.args.last(), "more than one thread group is not supported yet")),
        }
    })
}
