//! `show backend`: the names of backends.

use proxy_admin::{Answer, Command, Level};

use super::Handle;

inventory::submit! {
    Command::new(&["show", "backend"], "", Level::User, "names of backends", |call| {
        let names = call.get::<Handle>()?.backends.iter().map(|backend| format!("{}\n", backend.name()));
        Ok(Answer::Data(std::iter::once("# name\n".to_owned()).chain(names).collect()))
    })
}
