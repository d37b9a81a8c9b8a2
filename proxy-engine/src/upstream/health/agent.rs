//! The answers of agents: what they change about a server, and the result of the check that follows.

use std::sync::Arc;

use proxy_health::agent::{AgentMode, AgentReply, AgentWeight};
use proxy_health::{CheckResult, CheckSource, Status};

use crate::policy::MAX_WEIGHT;
use crate::upstream::backend::Backend;
use crate::upstream::state::Admin;

/// Why a weight is refused, in the words of HAProxy.
const STATIC: &str = "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.";

impl Backend {
    /// Carries out the answer of an agent about a server, and returns the result of the check. A check without an answer
    /// keeps its own result.
    pub(super) fn follow_agent(
        self: &Arc<Self>,
        index: usize,
        result: CheckResult,
        response: &[u8],
    ) -> CheckResult {
        let reply = (result.status == Status::Checked).then(|| AgentReply::parse(response)).flatten();
        let (Some(reply), Some(server)) = (reply, self.servers().get(index)) else { return result };
        // Before the mode: a server that leaves maintenance is as its agent says.
        if let Some(agent) = server.health().checks().results.get_mut(CheckSource::Agent) {
            reply.apply(&mut agent.tally);
        }
        match reply.mode {
            Some(AgentMode::Ready) => {
                self.clear_admin(index, Admin::FORCED_DRAIN);
                self.clear_admin(index, Admin::FORCED_MAINT);
            }
            Some(AgentMode::Drain) => {
                self.set_admin(index, Admin::FORCED_DRAIN, "");
                self.clear_admin(index, Admin::FORCED_MAINT);
            }
            Some(AgentMode::Maintenance) => {
                self.set_admin(index, Admin::FORCED_MAINT, "");
                self.clear_admin(index, Admin::FORCED_DRAIN);
            }
            None => {}
        }
        let refused = match reply.weight {
            Some(Ok(weight)) => self.follow_weight(index, weight).err(),
            _ => None,
        };
        if let Some(Ok(maxconn)) = reply.maxconn {
            self.set_server_maxconn(index, usize::try_from(maxconn).unwrap_or(usize::MAX));
        }
        CheckResult { duration: result.duration, ..reply.result(refused) }
    }

    /// Sets the weight that an agent says.
    fn follow_weight(self: &Arc<Self>, index: usize, weight: AgentWeight) -> Result<(), &'static str> {
        let initial = self.servers()[index].config().weight;
        let weight = match weight {
            AgentWeight::Percent(percent) => {
                u16::try_from(u32::from(initial) * percent / 100).unwrap_or(MAX_WEIGHT).min(MAX_WEIGHT)
            }
            AgentWeight::Absolute(weight) => weight,
        };
        if weight > 0 && weight != initial && !self.follows_weights() {
            return Err(STATIC);
        }
        self.set_user_weight(index, weight);
        Ok(())
    }
}
