//! What a meter counts at the end of a session or exchange, in the counters of its worker.

use std::time::Duration;

use tokio::time::Instant;

use super::Meter;
use crate::observe::tally::{Count, PHASES, Tally};
use crate::observe::termination::{Cause, Stage, Termination};

impl Meter {
    /// Counts an attempt to connect.
    pub(super) fn tally_connect(&self) {
        if let Some(tally) = self.back_tally() {
            tally.add(Count::Connects);
        }
    }

    /// Counts how it went, at its frontend, its server and its backend.
    pub(super) fn tally(&mut self) {
        let connected = self.connected.filter(|_| self.service.is_none());
        let times = connected.map(|connected| self.phase_times(connected));
        let class = self.http.as_ref().map(|_| Count::of_status(self.status));
        if let Some(class) = class
            && let Some(tally) = self.view.tally(&self.ingress.frontend.tallies)
        {
            tally.add(class);
        }
        if let Some(tally) = self.back_tally() {
            if let Some(class) = class {
                tally.add(Count::Requests);
                tally.add(class);
            }
            if let Some(times) = times {
                tally.took(times);
            }
            if self.server.is_some() {
                tally.add(Count::Balanced);
            }
            if self.is_reuse {
                tally.add(Count::Reuses);
            }
        }
        if self.termination != Termination::NORMAL {
            self.tally_end();
        }
    }

    /// Counts an end that was not in order.
    fn tally_end(&self) {
        let Termination { cause, stage } = self.termination;
        let is_refused = self.is_denied || !self.is_exchange();
        let count = match (cause, stage) {
            (Cause::Internal, _) => Count::InternalErrors,
            (Cause::Local, Stage::Request) => Count::Intercepted,
            (Cause::Proxy, Stage::Request | Stage::Tarpit) if is_refused => Count::DeniedRequests,
            (Cause::Proxy, Stage::Headers | Stage::Data) if is_refused => Count::DeniedResponses,
            // A client that has sent nothing has not tried to request anything.
            (Cause::Client | Cause::ClientTimeout, Stage::Request) if self.bytes.0 == 0 => return,
            (Cause::Client | Cause::ClientTimeout | Cause::Proxy, Stage::Request) => Count::RequestErrors,
            (Cause::Client, Stage::Queue | Stage::Connect | Stage::Headers | Stage::Data) => {
                Count::ClientAborts
            }
            (Cause::Server, Stage::Data) => Count::ServerAborts,
            (Cause::Server | Cause::ServerTimeout | Cause::Proxy, Stage::Headers) => Count::ResponseErrors,
            _ => return,
        };
        let front = [&self.ingress.frontend.tallies, &self.ingress.listener.tallies];
        front.into_iter().filter_map(|tallies| self.view.tally(tallies)).for_each(|tally| tally.add(count));
        if let Some(tally) = self.back_tally() {
            tally.add(count);
        }
    }

    /// Returns the counters of its server, or of its backend without one. A backend sums up those of its servers.
    fn back_tally(&self) -> Option<&Tally> {
        let tallies = match (&self.server, self.backend()) {
            (Some(server), _) => &server.tallies,
            (None, Some(backend)) => &backend.tallies,
            (None, None) => return None,
        };
        self.view.tally(tallies)
    }

    /// Returns how long its phases took until now, which is when it has ended, in milliseconds.
    fn phase_times(&mut self, connected: Instant) -> [u32; PHASES] {
        let now = *self.ended.insert(Instant::now());
        let total = milliseconds(now.saturating_duration_since(self.began.since));
        // No phase takes longer than all of them.
        if total == 0 {
            return [0; PHASES];
        }
        let queue = self.queued.unwrap_or_default();
        let connect = connected.saturating_duration_since(self.wanted).saturating_sub(queue);
        let response =
            self.answered.map_or_else(Duration::default, |at| at.saturating_duration_since(connected));
        [milliseconds(queue), milliseconds(connect), milliseconds(response), total]
    }
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs())
        .unwrap_or(u32::MAX)
        .saturating_mul(1000)
        .saturating_add(time.subsec_millis())
}
