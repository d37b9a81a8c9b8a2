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

/// Modes that are known, and not here.
const HAPROXY: [&str; 4] = ["http", "log", "spop", "haterm"];

inventory::submit! {
    Directive::new("mode", "tcp", Sections::PROXY.or(Sections::DEFAULTS), "what is carried", |line| {
        if let Some(word) = line.args.peek()
            && HAPROXY.contains(&word.text.as_str())
        {
            let message = format!("HAProxy mode '{}' is not supported yet", word.text);
            return Err(Box::new(mistake(word.span, message).help("only 'tcp' is")));
        }
        line.section.set(line.args.one_of(&[("tcp", Mode::Tcp)])?);
        Ok(())
    })
}
