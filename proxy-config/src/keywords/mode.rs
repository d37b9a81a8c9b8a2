//! `mode`.

use crate::diagnostic::mistake;
use crate::directive::Directive;
use crate::section::Sections;

/// What a proxy understands of what it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    #[default]
    Tcp,
}

inventory::submit! {
    Directive::new("mode", "tcp", Sections::PROXY.or(Sections::DEFAULTS), "what is carried", |line| {
        let choices = [("tcp", Some(Mode::Tcp)), ("http", None), ("log", None), ("spop", None), ("health", None)];
        match line.args.one_of(&choices)? {
            Some(mode) => line.section.set(mode),
            None => return Err(mistake(line.args.last(), "this mode is not supported yet")),
        }
        Ok(())
    })
}
