//! `show schema json`: the form of the answers in JSON.

use proxy_admin::{Answer, Command, Level};

use crate::forms::schema;

inventory::submit! {
    Command::new(&["show", "schema", "json"], "", Level::User, "JSON schema of 'show info' and 'show stat'", |_| {
        Ok(Answer::Data(schema::schema()))
    })
}
