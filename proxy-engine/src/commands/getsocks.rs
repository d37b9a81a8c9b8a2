//! `_getsocks`: passes the listening sockets to a successor, such as a HAProxy that was started with `-x`.
//!
//! HAProxy finds out by itself which socket has which address; of each it is told the namespace and the interface.

use std::sync::Arc;

use proxy_admin::{Answer, Call, Command, CommandResult, Level, Passed};

use super::Handle;

inventory::submit! {
    Command::new(&["_getsocks"], "", Level::User, "", getsocks)
}

fn getsocks(call: &mut Call<'_>) -> CommandResult {
    if !call.client.exposes_listeners {
        call.client.quit = true;
        return Ok(Answer::Nothing);
    }
    let sockets = Arc::clone(&call.get::<Handle>()?.sockets);
    let passed = sockets.duplicates().into_iter().map(|socket| {
        let mut about = Vec::new();
        [socket.namespace, socket.interface].iter().for_each(|name| push(&mut about, name.as_deref()));
        // Once these were options of the listener.
        about.extend([0; size_of::<i32>()]);
        Passed { descriptor: socket.descriptor, about }
    });
    let passed = passed.collect();
    call.pass(passed, move || sockets.hand_over())
}

/// Appends the length of a name, and the name. Names of both kinds have fewer than 256 bytes.
fn push(about: &mut Vec<u8>, name: Option<&str>) {
    let name = name.unwrap_or_default();
    if let Ok(length) = u8::try_from(name.len()) {
        about.push(length);
        about.extend_from_slice(name.as_bytes());
    } else {
        about.push(0);
    }
}
