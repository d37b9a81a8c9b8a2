//! Checks by a command (`option external-check`): a process for each run.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use proto_core::address::Address;
use proxy_health::CheckResult;
use proxy_health::command::{CommandEnd, CommandFacts, not_executed, not_started};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

use super::config::ExternalCheck;
use super::sys::{isolate, terminate};
use crate::upstream::backend::Backend;
use crate::upstream::server::Server;

/// How long a command that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// Runs the command about a server once, for at most `limit`, and returns the result.
pub(super) async fn run(
    check: &ExternalCheck,
    backend: &Backend,
    server: &Server,
    limit: Duration,
) -> CheckResult {
    let begun = Instant::now();
    let mut child = match start(check, backend, server) {
        Ok(child) => child,
        // HAProxy notices in the new process that there is no such command.
        Err(error) => {
            let is_scarce = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory);
            let result = if is_scarce { not_started(&error) } else { not_executed(&error) };
            return result.took(begun.elapsed());
        }
    };
    let end = match timeout(limit, child.wait()).await {
        Ok(Ok(status)) => end_of(status),
        Ok(Err(error)) => return not_started(&error).took(begun.elapsed()),
        Err(_) => {
            tokio::task::spawn_local(end(child));
            CommandEnd::TimedOut
        }
    };
    end.result(begun.elapsed())
}

fn start(check: &ExternalCheck, backend: &Backend, server: &Server) -> io::Result<Child> {
    let listener = backend.listener();
    let address = server.address();
    let facts = CommandFacts {
        proxy: backend.name(),
        proxy_id: backend.id(),
        listener: listener.filter(|address| matches!(address, Address::Inet(_) | Address::Unix(_))),
        server: server.name(),
        server_id: server.id(),
        address: &address,
        maxconn: server.maxconn().unwrap_or(0),
        sessions: server.counters().current() as u64,
        has_tls: false,
        protocol: if backend.http().is_some() { "h1" } else { "tcp" },
    };
    let mut command = std::process::Command::new(&check.command);
    if !check.keeps_environment {
        command.env_clear();
    }
    command.args(facts.arguments()).envs(facts.environment(&check.path));
    isolate(&mut command, check.files);
    Command::from(command).kill_on_drop(true).spawn()
}

fn end_of(status: ExitStatus) -> CommandEnd {
    status.code().map_or(CommandEnd::Killed, CommandEnd::Exited)
}

/// Ends a command that takes too long, and waits for it, so that nothing of it is left.
async fn end(mut child: Child) {
    if let Some(id) = child.id() {
        terminate(id);
    }
    if timeout(GRACE, child.wait()).await.is_err() {
        // A failure means that it has ended.
        let _ = child.kill().await;
    }
}
