//! The state that the request of a check tells the server (`http-check send-state`).

use proxy_health::StateField;
use proxy_health::lines::ServerName;

use super::record::condition;
use crate::policy::WEIGHT_SCALE;
use crate::upstream::backend::Backend;
use crate::upstream::server::Server;
use crate::upstream::state::Operational;

/// Returns the value of the field. `node` is the name of this machine.
pub(super) fn state(backend: &Backend, server: &Server, node: &str) -> Box<str> {
    let view = server.view();
    let usable = (0..backend.servers().len()).filter(|index| backend.serves_all(*index));
    let all: u32 = usable.map(|index| u32::from(backend.servers()[index].view().effective_weight)).sum();
    let of_scale = |weight: u32| weight.div_ceil(WEIGHT_SCALE);
    let is_starting = view.operational == Operational::Starting;
    let full = u32::from(server.weight()) * WEIGHT_SCALE;
    let share =
        |weight: u16| (u32::from(weight) * 100).checked_div(full).and_then(|part| u8::try_from(part).ok());
    let tally = server.health().checks().results.health().map(|check| check.tally);
    let (own, of_backend) = (server.counters(), backend.counters());
    let field = StateField {
        name: ServerName { backend: backend.name(), server: server.name(), backup: server.config().backup },
        address: &server.address(),
        node,
        condition: condition(view.operational),
        tally,
        weight: (of_scale(view.effective_weight.into()), of_scale(all)),
        sessions: (own.current() as u64, of_backend.current().saturating_sub(of_backend.queued()) as u64),
        queued: own.queued() as u64,
        throttle: share(view.effective_weight).filter(|_| is_starting),
    };
    field.to_string().into()
}
