//! `daemon`, `quiet`, `zero-warning`, `pidfile`: how the process starts.

use std::path::PathBuf;

use proxy_config::{Directive, Sections, inventory};

/// How the process starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modes {
    /// In the background.
    pub(crate) daemon: bool,
    /// Saying nothing.
    pub(crate) quiet: bool,
    /// Not at all if there is a warning.
    pub(crate) zero_warning: bool,
}

/// Where the number of a process in the background is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pidfile(pub(crate) PathBuf);

inventory::submit! {
    Directive::new("daemon", "", Sections::GLOBAL, "run in the background, as with -D", |line| {
        line.section.get_mut::<Modes>().daemon = true;
        Ok(())
    })
}

inventory::submit! {
    Directive::new("quiet", "", Sections::GLOBAL, "say nothing while starting, as with -q", |line| {
        line.section.get_mut::<Modes>().quiet = true;
        Ok(())
    })
}

inventory::submit! {
    Directive::new("zero-warning", "", Sections::GLOBAL, "do not start with warnings, as with -dW", |line| {
        line.section.get_mut::<Modes>().zero_warning = true;
        Ok(())
    })
}

inventory::submit! {
    Directive::new("pidfile", "<path>", Sections::GLOBAL, "where a daemon writes its number", |line| {
        let path = PathBuf::from(&line.args.word("a path")?.text);
        match line.section.get::<Pidfile>() {
            Some(_) => super::said_before(line, "'pidfile'"),
            None => line.section.set(Pidfile(path)),
        }
        Ok(())
    })
}
