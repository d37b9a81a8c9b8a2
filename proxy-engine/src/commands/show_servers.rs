//! `show servers state` and `show servers conn`, in the forms that HAProxy's state files and tools have.

use std::fmt::Write as _;
use std::sync::Arc;

use proto_core::address::Address;
use proxy_admin::{Answer, Call, Command, CommandResult, Level, Refusal};
use proxy_health::CheckSource;

use super::Handle;
use crate::{Backend, CheckNumbers, CheckTarget, Server, ServerPort};

/// The version of the form of states, and the names of its columns.
const STATE_HEAD: &str = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight \
                          srv_iweight srv_time_since_last_change srv_check_status srv_check_result \
                          srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn \
                          srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr \
                          srv_agent_port\n";

inventory::submit! {
    Command::asynchronous(
        &["show", "servers", "state"],
        "[<backend>]",
        Level::User,
        "states of servers, in the form of a state file",
        |call| Box::pin(states(call)),
    )
}

inventory::submit! {
    Command::asynchronous(
        &["show", "servers", "conn"],
        "[<backend>]",
        Level::User,
        "sessions and idle connections of servers",
        |call| Box::pin(connections(call)),
    )
}

async fn states(call: Call<'_>) -> CommandResult {
    let backends = selected(&call)?;
    call.send(STATE_HEAD.to_owned()).await;
    for backend in backends {
        for server in backend.servers() {
            call.send(state_line(backend, server)).await;
        }
    }
    Ok(Answer::Nothing)
}

async fn connections(call: Call<'_>) -> CommandResult {
    let backends = selected(&call)?;
    let workers = call.get::<Handle>()?.inquirer.workers().len();
    let head = format!(
        "# bkname/svname bkid/svid addr port - purge_delay served used_cur used_max need_est idle_sess unsafe_nb \
         safe_nb idle_lim idle_cur idle_per_thr[{workers}]\n"
    );
    call.send(head).await;
    for backend in backends {
        for server in backend.servers() {
            call.send(connections_line(backend, server, workers)).await;
        }
    }
    Ok(Answer::Nothing)
}

/// Returns the backends to show: one, or all in the order of the configuration.
fn selected<'c>(call: &Call<'c>) -> Result<&'c [Arc<Backend>], Refusal> {
    let backends = &call.get::<Handle>()?.backends[..];
    let name = call.argument(0);
    if name.is_empty() {
        return Ok(backends);
    }
    let at = backends.iter().position(|backend| backend.name() == name);
    let at = at.ok_or_else(|| Refusal::new("Can't find backend."))?;
    Ok(&backends[at..=at])
}

pub(super) fn state_line(backend: &Backend, server: &Server) -> String {
    let (config, view) = (server.config(), server.view());
    let (address, port) = address_and_port(server);
    let record = config.resolution.as_ref().and_then(|resolution| resolution.service.as_ref());
    let CheckNumbers { status, result, health, state } = server.check_numbers(CheckSource::Health);
    let agent_state = server.check_numbers(CheckSource::Agent).state;
    let (check_address, check_port) = target(server, CheckSource::Health);
    let (agent_address, agent_port) = target(server, CheckSource::Agent);
    format!(
        "{} {} {} {} {address} {} {} {} {} {} {status} {result} {health} {state} {agent_state} {} {} {} {port} {} 0 \
         {check_port} {check_address} {agent_address} {agent_port}\n",
        backend.id(),
        backend.name(),
        server.id(),
        server.name(),
        view.operational as u8,
        view.admin.bits(),
        server.weight(),
        config.weight,
        server.since().as_secs(),
        u8::from(backend.is_id_given()),
        u8::from(config.is_id_given),
        server.host().as_deref().unwrap_or("-"),
        record.map_or("-", |service| service.as_str()),
    )
}

/// Returns the address and the port of a check, of those that are its own.
fn target(server: &Server, source: CheckSource) -> (String, u16) {
    let CheckTarget { address, port } = server.check_target(source);
    let ip = address.as_ref().and_then(Address::inet).map(|inet| inet.ip().to_canonical());
    (ip.map_or_else(|| "-".to_owned(), |ip| ip.to_string()), port.unwrap_or(0))
}

/// Formats the connections of a server. Those in use are its sessions; idle ones may be used by all clients.
fn connections_line(backend: &Backend, server: &Server, workers: usize) -> String {
    let (counters, idle) = (server.counters(), server.idle());
    let pool = &server.config().pool;
    let (address, port) = address_and_port(server);
    let limit = pool.most.map_or_else(|| "-1".to_owned(), |most| most.to_string());
    let mut line = format!(
        "{}/{} {}/{} {address} {port} - {} {current} {current} {} {current} 0 0 {idle} {limit} {idle}",
        backend.name(),
        server.name(),
        backend.id(),
        server.id(),
        pool.purge_delay.as_millis(),
        counters.peak(),
        current = counters.current(),
    );
    for worker in 0..workers {
        let _ = write!(line, " {}", server.idle_counts().of(worker));
    }
    line.push('\n');
    line
}

/// Returns the address as states show it, and the port or its offset.
fn address_and_port(server: &Server) -> (String, i32) {
    let config = server.config();
    match server.address().inet() {
        Some(inet) => {
            let may_be_unknown = config.unresolved || config.resolution.is_some();
            let is_unknown = may_be_unknown && inet.ip().is_unspecified();
            let ip = if is_unknown { "-".to_owned() } else { inet.ip().to_canonical().to_string() };
            match config.port {
                ServerPort::Fixed => (ip, inet.port().into()),
                ServerPort::Offset(offset) => (ip, offset),
            }
        }
        None => ("-".to_owned(), 0),
    }
}
