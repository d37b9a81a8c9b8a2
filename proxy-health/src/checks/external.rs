//! `option external-check`, `external-check command` and `path`, and `external-check` in the global section: a command
//! checks the servers.

use proxy_config::{
    Check, Configuration, Diagnostic, Diagnostics, Directive, Line, Parsed, Section, Sections, Spanned,
};

use super::entry::{IDLE, SECTIONS, check};
use crate::plan::{CheckPlan, Choice};

check!("external-check", "", "check servers with a command", choose);

fn choose(line: &mut Line<'_, '_>) -> Parsed<Choice> {
    line.section.get_mut::<ExternalCommand>().option = Some(line.span);
    Ok(Choice::External)
}

/// The command that checks the servers of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalCommand {
    /// The command: the path of a file, or a name that is looked for in `path`.
    pub command: Option<Spanned<String>>,
    /// The directories in which commands are looked for, as in the environment variable `PATH`.
    pub path: Option<String>,
    /// The place of the option.
    option: Option<proxy_config::Span>,
}

inventory::submit! {
    Directive::new("external-check command", "<command>", SECTIONS, "the command of 'option external-check'", |line| {
        let word = line.args.word("a command")?;
        let command = Spanned { value: word.text.clone(), span: word.span };
        line.section.get_mut::<ExternalCommand>().command = Some(command);
        Ok(())
    })
    .idle_in(IDLE)
}

inventory::submit! {
    Directive::new("external-check path", "<path>", SECTIONS, "where that command is looked for", |line| {
        let path = line.args.word("the value of PATH")?.text.clone();
        line.section.get_mut::<ExternalCommand>().path = Some(path);
        Ok(())
    })
    .idle_in(IDLE)
}

/// Whether commands may check servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExternalChecks {
    /// Whether they may at all (`external-check`).
    pub allowed: bool,
    /// Whether they get the environment of the process besides that of the check (`preserve-env`).
    pub preserve_env: bool,
}

inventory::submit! {
    Directive::new("external-check", "[preserve-env]", Sections::GLOBAL, "allow commands that check servers", |line| {
        let preserve_env = match line.args.is_empty() {
            true => false,
            false => line.args.one_of(&[("preserve-env", true)])?,
        };
        let checks = line.section.get_mut::<ExternalChecks>();
        (checks.allowed, checks.preserve_env) = (true, preserve_env);
        Ok(())
    })
}

inventory::submit! { Check { name: "commands that check servers", run: check_commands } }

fn check_commands(configuration: &Configuration, diagnostics: &mut Diagnostics) {
    let global: ExternalChecks = configuration.global.get_or_default();
    let uses = |section: &Section| {
        section.get::<CheckPlan>().is_some_and(|plan| matches!(plan.choice(), Some(Choice::External)))
    };
    for section in configuration.backends().filter(|section| uses(section)) {
        let command: ExternalCommand = section.values.get_or_default();
        let place = command.option.unwrap_or(section.span());
        if !global.allowed {
            let problem = Diagnostic::alert(place, "'option external-check' needs 'external-check'");
            diagnostics.push(problem.help("add it to the global section: a command can do anything"));
        }
        if command.command.is_none() && !section.has_refused("external-check command") {
            let problem = Diagnostic::alert(place, "'option external-check' needs 'external-check command'");
            diagnostics.push(problem.help(format!("add it to {} '{}'", section.kind, section.name)));
        }
    }
}
