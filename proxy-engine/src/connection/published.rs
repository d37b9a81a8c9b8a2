//! What the program has published for services: the values that they show.

use std::fmt;
use std::sync::{Arc, OnceLock};

use proxy_config::Values;

/// The values that the program publishes once it has started. All workers share them.
#[derive(Clone, Default)]
pub(crate) struct Published(Arc<OnceLock<Values>>);

impl Published {
    /// Publishes the values. Only the first ones count.
    pub(crate) fn set(&self, values: Values) {
        let _ = self.0.set(values);
    }

    /// Returns the values, once there are any.
    pub(crate) fn get(&self) -> Option<&Values> {
        self.0.get()
    }
}

impl fmt::Debug for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Published").field(&self.0.get().is_some()).finish()
    }
}
