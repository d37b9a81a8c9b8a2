//! The servers of a section that SRV records define.

use std::sync::Arc;

use proxy_resolve::{DomainName, Key, Requester, Service};

use super::config::{NameResolution, ResolverSection};
use crate::upstream::backend::Backend;

/// A service of a backend.
#[derive(Debug)]
pub(super) struct BackendService {
    pub(super) backend: Arc<Backend>,
    pub(super) name: DomainName,
    pub(super) service: Service,
    pub(super) key: Option<Key>,
}

/// Returns the services of these backends that a section resolves.
pub(super) fn services(section: &Arc<ResolverSection>, backends: &[Arc<Backend>]) -> Vec<BackendService> {
    let mut all: Vec<BackendService> = Vec::new();
    for backend in backends {
        for (index, server) in backend.servers().iter().enumerate() {
            let Some(NameResolution { section: of, service: Some(name), .. }) = &server.config().resolution
            else {
                continue;
            };
            if !Arc::ptr_eq(of, section) {
                continue;
            }
            let same =
                |known: &&mut BackendService| known.backend.id() == backend.id() && known.name == *name;
            match all.iter_mut().find(same) {
                Some(known) => known.service.add(index),
                None => {
                    let mut service = Service::default();
                    service.add(index);
                    let (backend, name) = (Arc::clone(backend), name.clone());
                    all.push(BackendService { backend, name, service, key: None });
                }
            }
        }
    }
    all
}

/// Returns the requester that a server is.
pub(super) fn requester(backend: &Backend, index: usize) -> Requester {
    Requester::Server { backend: backend.id(), index }
}
