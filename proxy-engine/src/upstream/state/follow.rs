//! Servers of backends that track others, and are tracked.

use std::sync::{Arc, Weak};

use super::admin::Admin;
use super::operational::Operational;
use super::tracking::{Tracked, Tracker};
use super::view::StateView;
use crate::upstream::backend::Backend;
use crate::upstream::server::Server;

/// A server of a backend that tracks another one.
#[derive(Debug)]
struct Follower {
    backend: Weak<Backend>,
    index: usize,
}

impl Tracked for Server {
    fn view(&self) -> StateView {
        Server::view(self)
    }
}

impl Tracker for Follower {
    fn inherit(&self, reason: Admin, cause: &str) {
        if let Some(backend) = self.backend.upgrade() {
            backend.set_admin(self.index, reason, cause);
        }
    }

    fn disinherit(&self, reason: Admin) {
        if let Some(backend) = self.backend.upgrade() {
            backend.clear_admin(self.index, reason);
        }
    }

    fn follow(&self, operational: Operational) {
        if let Some(backend) = self.backend.upgrade() {
            backend.set_operational(self.index, operational, "");
        }
    }
}

impl Backend {
    /// Has a server track one of a backend, which is not tracked in a circle. It is then in maintenance or drained as
    /// the other one is.
    pub fn track(self: &Arc<Self>, index: usize, of: &Arc<Backend>, tracked: usize) {
        let (Some(own), Some(other)) = (self.servers().get(index), of.servers().get(tracked)) else { return };
        let name = format!("{}/{}", of.name(), other.name());
        own.state().tracking.track(name, Arc::clone(other) as Arc<dyn Tracked>);
        other.state().tracking.add(Arc::new(Follower { backend: Arc::downgrade(self), index }));
        let admin = other.view().admin;
        if admin.intersects(Admin::MAINT | Admin::CONFIGURED_MAINT) {
            self.set_admin(index, Admin::INHERITED_MAINT, "");
        }
        if admin.is_drained() {
            self.set_admin(index, Admin::INHERITED_DRAIN, "");
        }
    }
}
