//! Runs commands without sockets, for the tests of the crates that register them.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use proto_core::Registry;
use proxy_config::{EntriesError, Values};
use tokio::sync::mpsc;

use crate::client::Client;
use crate::command::Commands;
use crate::execute::{self, Shared};
use crate::level::Level;
use crate::limits::AdminLimits;
use crate::request::Request;
use crate::settings::ClientSettings;
use crate::uptime::Uptime;

/// Executes a command as a client of this level, with all commands that are linked. Returns its answer as it would
/// be sent, without the empty line that ends it.
///
/// # Errors
/// Returns an error if the entries of the commands contradict each other.
pub async fn ask(command: &str, level: Level, facts: Values) -> Result<String, EntriesError> {
    let limits = AdminLimits::default();
    let mut client = Client::new(ClientSettings { level, ..ClientSettings::default() }, limits.timeout);
    let (commands, uptime) = (Commands::linked(&Registry::default())?, Uptime::new(|| Duration::ZERO));
    let shared = Shared { commands, facts, uptime, sockets: Vec::new(), limits };
    let request = Request { commands: vec![command.as_bytes().to_vec()], payload: None };
    let (sender, mut pieces) = mpsc::channel::<String>(1);
    let mut text = String::new();
    let end = {
        let mut answer = pin!(execute::answer(&mut client, &request, 0, &shared, &sender));
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(end) = answer.as_mut().poll(cx) {
                    return Poll::Ready(end);
                }
                match pieces.poll_recv(cx) {
                    Poll::Ready(Some(piece)) => text.push_str(&piece),
                    Poll::Ready(None) | Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    };
    while let Ok(piece) = pieces.try_recv() {
        text.push_str(&piece);
    }
    text.push_str(&String::from_utf8_lossy(&end));
    text.truncate(text.len() - 1);
    Ok(text)
}
