//! `show version`.

use crate::answer::Answer;
use crate::command::Command;
use crate::level::Level;

inventory::submit! {
    Command::new(&["show", "version"], "", Level::User, "version of this process", |call| {
        Ok(Answer::info(call.state.info().version))
    })
}
