//! The commands of the runtime socket that show and change the engine, one file for each group. Each file submits its
//! entries; [`Handle`] is the value that they work on.

mod set_server;

use std::sync::Arc;

use crate::{Backend, Frontend};

/// The running engine, as its commands see it. The program passes one to the runtime socket.
#[derive(Clone, Debug)]
pub struct Handle {
    /// In the order of the configuration.
    pub frontends: Vec<Arc<Frontend>>,
    /// All of the configuration, also those that no frontend leads to.
    pub backends: Vec<Arc<Backend>>,
}

impl Handle {
    /// A backend by its name.
    pub fn backend(&self, name: &str) -> Option<&Arc<Backend>> {
        self.backends.iter().find(|backend| backend.name() == name)
    }
}
