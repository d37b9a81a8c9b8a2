//! `show version`.

use proxy_admin::{Answer, Command, Level};
use proxy_config::inventory;

use proxy_stats::Process;

inventory::submit! {
    Command::new(&["show", "version"], "", Level::User, "version of this process", |call| {
        Ok(Answer::info(call.get::<Process>()?.version))
    })
}
