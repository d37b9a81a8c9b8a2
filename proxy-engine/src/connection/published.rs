//! What the program has published for services: the values that they show.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use proxy_config::Values;
use tokio::sync::Notify;
use tokio::time::timeout;

/// The longest wait of a service for values. A program takes milliseconds to start.
const LONGEST: Duration = Duration::from_secs(5);

/// The values that the program publishes once it has started. All workers share them.
#[derive(Clone, Default)]
pub(crate) struct Published(Arc<Inner>);

#[derive(Default)]
struct Inner {
    values: OnceLock<Values>,
    /// Notified when there are values.
    set: Notify,
}

impl Published {
    /// Publishes the values. Only the first ones count.
    pub(crate) fn set(&self, values: Values) {
        let _ = self.0.values.set(values);
        self.0.set.notify_waiters();
    }

    /// Returns the values. Workers serve before the program has started completely, so there may be none yet: they are
    /// waited for.
    pub(crate) async fn wait(&self) -> Option<&Values> {
        let mut set = pin!(self.0.set.notified());
        // From here on a notification is not missed.
        set.as_mut().enable();
        if self.0.values.get().is_none() {
            let _ = timeout(LONGEST, set).await;
        }
        self.0.values.get()
    }
}

impl fmt::Debug for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Published").field(&self.0.values.get().is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn values_are_waited_for() {
        let published = Published::default();
        assert!(published.wait().await.is_none(), "not forever");
        let later = published.clone();
        let publish = async {
            tokio::time::sleep(LONGEST / 2).await;
            later.set(Values::default());
        };
        let (found, ()) = tokio::join!(published.wait(), publish);
        assert!(found.is_some() && published.wait().await.is_some());
    }
}
