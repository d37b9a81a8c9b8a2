//! `daemon`, `quiet`, `zero-warning`, `pidfile`: how the process starts.

use std::path::PathBuf;

use proxy_config::{Directive, Sections, inventory};

/// How the process starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modes {
    /// Whether it goes into the background.
    pub(crate) daemon: bool,
    /// Whether it prints only errors.
    pub(crate) quiet: bool,
    /// Whether it refuses to start if there is a warning.
    pub(crate) zero_warning: bool,
}

/// The file for the id of a process in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pidfile(pub(crate) PathBuf);

inventory::submit! {
    Directive::new("daemon", "", Sections::GLOBAL, "run in the background, as with -D", |line| {
        line.section.get_mut::<Modes>().daemon = true;
        Ok(())
    })
}

inventory::submit! {
    Directive::new("quiet", "", Sections::GLOBAL, "print nothing while starting, as with -q", |line| {
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
    Directive::new("pidfile", "<path>", Sections::GLOBAL, "where a daemon writes its process id", |line| {
        let path = PathBuf::from(&line.args.word("a path")?.text);
        match line.section.get::<Pidfile>() {
            Some(_) => super::said_before(line, "'pidfile'"),
            None => line.section.set(Pidfile(path)),
        }
        Ok(())
    })
}
