//! `server-state-file`, `server-state-base`, `load-server-state-from-file`, `server-state-file-name`: the states of
//! servers that are read at the start.

use proxy_config::inventory;
use proxy_config::{Directive, Kind, Sections};

use crate::policy::{StateFileName, StateFiles, StateSource};

inventory::submit! {
    Directive::new("server-state-file", "<file>", Sections::GLOBAL, "the file with the states of all servers", |line| {
        let file = line.args.word("the name of a file")?.text.clone();
        line.section.get_mut::<StateFiles>().file = Some(file);
        Ok(())
    })
}

inventory::submit! {
    Directive::new(
        "server-state-base",
        "<directory>",
        Sections::GLOBAL,
        "the directory of files with states of servers",
        |line| {
            let base = line.args.word("the name of a directory")?.text.clone();
            line.section.get_mut::<StateFiles>().base = Some(base);
            Ok(())
        },
    )
}

const SOURCES: [(&str, StateSource); 3] =
    [("global", StateSource::Global), ("local", StateSource::Local), ("none", StateSource::None)];

inventory::submit! {
    Directive::new(
        "load-server-state-from-file",
        "global|local|none",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "which file has the states that servers start with",
        |line| {
            let source = line.args.one_of(&SOURCES)?;
            line.section.set(source);
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}

inventory::submit! {
    Directive::new(
        "server-state-file-name",
        "[use-backend-name|<file>]",
        Sections::BACKEND.union(Sections::DEFAULTS),
        "the file of 'load-server-state-from-file local'; without it the name of the section",
        |line| {
            let name = match line.args.is_empty() {
                true => None,
                false => Some(line.args.word("the name of a file")?.text.clone()),
            };
            line.section.set(StateFileName(name.filter(|name| name != "use-backend-name")));
            Ok(())
        },
    )
    .idle_in(Sections::only(Kind::Frontend))
}
