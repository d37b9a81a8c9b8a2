//! `chroot`, `user`, `uid`, `group`, `gid`, `setcap`: what the process gives up before it serves, and what it keeps.

use std::io;
use std::path::PathBuf;

use proxy_config::{
    Diagnostic, Directive, Line, Mistake, Parsed, Sections, Severity, Values, Word, inventory,
};

use crate::process::{Capability, Confinement, Gid, Jail, Uid, group_by_name, user_by_name};

/// Returns the values of these keywords.
pub(crate) fn confinement(global: &Values) -> Confinement {
    global.get_or_default()
}

/// The highest id, HAProxy's.
const HIGHEST: u32 = i32::MAX as u32;

fn set_user(line: &mut Line<'_, '_>, user: Uid) {
    match line.section.get_mut::<Confinement>().user {
        Some(_) => super::said_before(line, "'user' or 'uid'"),
        ref mut unset => *unset = Some(user),
    }
}

fn set_group(line: &mut Line<'_, '_>, group: Gid) {
    match line.section.get_mut::<Confinement>().group {
        Some(_) => super::said_before(line, "'group' or 'gid'"),
        ref mut unset => *unset = Some(group),
    }
}

/// Looks up a name while the files of the system are visible, which they are not from a jail.
fn look_up<T>(word: &Word, what: &str, by_number: &str, found: io::Result<Option<T>>) -> Parsed<T> {
    let problem = |message: String| -> Mistake {
        Box::new(Diagnostic::alert(word.span, message).help(format!("'{by_number}' takes a number instead")))
    };
    match found {
        Ok(Some(id)) => Ok(id),
        Ok(None) => Err(problem(format!("this system has no {what} '{}'", word.text))),
        Err(error) => Err(problem(format!("cannot look up the {what} '{}': {error}", word.text))),
    }
}

inventory::submit! {
    Directive::new("setcap", "<name>[,<name>...]", Sections::GLOBAL, "what a user that is not root may still do", |line| {
        let word = line.args.word("names of capabilities")?;
        for name in word.text.split(',') {
            let Some(capability) = Capability::named(name) else {
                let names: Vec<&str> = Capability::names().collect();
                let problem = Diagnostic::alert(word.span, format!("unsupported capability '{name}'"));
                return Err(Box::new(problem.expected(format!("one of {}", names.join(", ")))));
            };
            line.section.get_mut::<Confinement>().capabilities.push(capability);
        }
        Ok(())
    })
}

inventory::submit! {
    Directive::new("user", "<name>", Sections::GLOBAL, "the user that the process becomes", |line| {
        let word = line.args.word("the name of a user")?;
        let user = look_up(word, "user", "uid", user_by_name(word))?;
        set_user(line, user);
        Ok(())
    })
}

inventory::submit! {
    Directive::new("uid", "<number>", Sections::GLOBAL, "the user that the process becomes, by number", |line| {
        let user = line.args.number(0..=HIGHEST, "the number of a user")?;
        set_user(line, Uid(user));
        Ok(())
    })
}

inventory::submit! {
    Directive::new("group", "<name>", Sections::GLOBAL, "the group that the process becomes", |line| {
        let word = line.args.word("the name of a group")?;
        let group = look_up(word, "group", "gid", group_by_name(word))?;
        set_group(line, group);
        Ok(())
    })
}

inventory::submit! {
    Directive::new("gid", "<number>", Sections::GLOBAL, "the group that the process becomes, by number", |line| {
        let group = line.args.number(0..=HIGHEST, "the number of a group")?;
        set_group(line, Gid(group));
        Ok(())
    })
}

inventory::submit! {
    Directive::new("chroot", "<directory>|auto", Sections::GLOBAL, "the part of the file system that it sees", |line| {
        let word = line.args.word("a directory, or 'auto' for an empty one without a name")?;
        let jail = match word.text.as_str() {
            "auto" => Jail::Nameless,
            path => Jail::Directory(PathBuf::from(path)),
        };
        if let Jail::Directory(path) = &jail
            && !path.is_dir()
        {
            // Only a warning: the directory may be made before the process really starts.
            let message = format!("'{}' is no directory that can be seen from here", word.text);
            line.surroundings.diagnostics.push(Diagnostic::new(Severity::Diagnosis, word.span, message));
        }
        match line.section.get_mut::<Confinement>().jail {
            Some(_) => super::said_before(line, "'chroot'"),
            ref mut unset => *unset = Some(jail),
        }
        Ok(())
    })
}
