//! `show cli level`, `show cli sockets`.

use proto_core::address::Address;

use crate::answer::Answer;
use crate::command::Command;
use crate::level::Level;

inventory::submit! {
    Command::new(&["show", "cli", "level"], "", Level::User, "level of this connection", |call| {
        Ok(Answer::info(call.client.level))
    })
}

inventory::submit! {
    Command::new(&["show", "cli", "sockets"], "", Level::User, "sockets that accept commands", |call| {
        let mut text = "# socket lvl processes\n".to_owned();
        for (address, level) in call.sockets {
            // There is one process, so it serves every socket.
            text.push_str(&format!("{} {level} all\n", show(address)));
        }
        Ok(Answer::Data(text))
    })
}

/// Formats an address with its prefix, as HAProxy shows it.
fn show(address: &Address) -> String {
    match address {
        Address::Inet(inet) if inet.is_ipv4() => format!("ipv4@{inet}"),
        Address::Inet(inet) => format!("ipv6@{inet}"),
        Address::Unix(_) | Address::Other(_) => address.to_string(),
    }
}
