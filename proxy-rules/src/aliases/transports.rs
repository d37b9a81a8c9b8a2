//! `%transports`: what the connections of both sides really are, if that differs from a plain connection. HAProxy has
//! no such alias.
//!
//! ```text
//!  client=mptcpv4/native/2 server=mptcpv4/fallback:peer/1
//! ```
//!
//! A side has a word unless it is a plain connection: TCP, or a UNIX socket. The word consists of the layers and the
//! protocol that were configured, the state of the connection, and its number of paths: `client=lz+mptcpv4/native/2`.
//! Each word is preceded by a space, so that a line about plain connections is identical to HAProxy's.

use std::io::Write as _;

use proto_core::info::ConnectionInfo;

use super::simple::alias;

alias!(
    "transports",
    Record,
    "what connections of other transports than TCP really are",
    |context, field| {
        let Some(record) = context.record else { return };
        let sides = [("client", record.client_info()), ("server", record.server_info())];
        let words =
            sides.into_iter().filter_map(|(side, info)| Some((side, info.filter(|info| !info.is_plain())?)));
        if !field.plain(|to| words.clone().for_each(|(side, info)| write(side, info, to))) {
            let mut all = Vec::new();
            words.for_each(|(side, info)| write(side, info, &mut all));
            field.text(all.trim_ascii_start());
        }
    },
    at_end
);

fn write(side: &str, info: &ConnectionInfo, to: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = write!(to, " {side}={}/{}/{}", info.carriers_word(), info.state.name(), info.paths.len());
}

#[cfg(test)]
mod tests {
    use proto_core::info::{FallbackReason, State};

    use super::*;

    fn suffix(info: &ConnectionInfo) -> String {
        let mut line = Vec::new();
        if !info.is_plain() {
            write("server", info, &mut line);
        }
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn only_what_is_not_plain_has_a_word() {
        let mut info = ConnectionInfo::ordinary("tcpv4");
        assert_eq!(suffix(&info), "");
        info.transport = "mptcpv4";
        info.path_limit = Some(3);
        assert_eq!(suffix(&info), " server=mptcpv4/native/0");
        info.layers = vec!["lz", "pack"];
        assert_eq!(suffix(&info), " server=lz+pack+mptcpv4/native/0");
        info.layers.clear();
        info.path_limit = None;
        info.state = State::Fallback(FallbackReason::Peer);
        assert_eq!(suffix(&info), " server=mptcpv4/fallback:peer/0");
    }
}
