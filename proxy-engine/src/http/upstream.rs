//! How an exchange comes by a connection to its server: its client's own, an idle one, one that another worker has idle,
//! or a new one.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use proto_core::address::Address;
use proto_core::stream::Stream;

use super::exchange::BackExchange;
use super::pool::{Idle, Which};
use crate::policy::HttpPolicy;
use crate::policy::Reuse;
use crate::reach::Access;
use crate::server::Server;
use crate::worker::Worker;

/// A connection to a server, for an exchange.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) back: Box<dyn BackExchange>,
    /// Exchanges that it has carried.
    pub(crate) exchanges: u32,
}

impl Link {
    /// Whether it has been used before: its server may close it at any moment.
    pub(crate) fn is_used(&self) -> bool {
        self.exchanges > 0
    }
}

/// Where an exchange looks.
pub(crate) struct Links<'a> {
    pub(crate) worker: &'a Worker,
    /// Of the backend.
    pub(crate) config: &'a HttpPolicy,
    /// Its client has made a request before.
    pub(crate) is_known: bool,
    /// The connection that is its client's own.
    pub(crate) own: &'a mut Option<(Arc<Server>, Idle)>,
    /// Nothing that was used before is of use: it may end before it has answered.
    pub(crate) only_new: bool,
}

impl Links<'_> {
    fn which(&self) -> Option<Which> {
        match self.config.reuse {
            Reuse::Never => None,
            Reuse::Safe if !self.is_known => None,
            Reuse::Aggressive if !self.is_known => Some(Which::Proven),
            Reuse::Safe | Reuse::Aggressive | Reuse::Always => Some(Which::Any),
        }
    }
}

impl Access for Links<'_> {
    type Link = Link;

    async fn existing(&mut self, server: &Arc<Server>, address: &Address) -> Option<Link> {
        if self.only_new {
            return None;
        }
        let http = &self.worker.http;
        let mut idle = match self.own.take() {
            Some((owner, mut idle)) if Arc::ptr_eq(&owner, server) && idle.address == *address => {
                poll_fn(|cx| Poll::Ready(idle.back.is_quiet(cx))).await.then_some(idle)
            }
            _ => None,
        };
        if idle.is_none()
            && let Some(which) = self.which()
        {
            idle = poll_fn(|cx| Poll::Ready(http.pool.take(server, address, which, cx))).await;
            if idle.is_none() && self.config.tuning.shared_pools {
                idle = http.takeover(self.worker.index, server, address, which, self.config).await;
            }
        }
        let Idle { mut back, exchanges, .. } = idle?;
        back.wake(&http.buffers);
        Some(Link { back, exchanges })
    }

    fn made(&mut self, _: &Arc<Server>, stream: Box<dyn Stream>) -> Link {
        let mut back = (self.worker.http.codecs.back)(stream, self.config);
        back.wake(&self.worker.http.buffers);
        Link { back, exchanges: 0 }
    }

    fn make_room(&mut self) -> bool {
        self.worker.http.pool.drop_one()
    }
}
