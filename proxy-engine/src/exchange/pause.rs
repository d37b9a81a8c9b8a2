//! A pause of reading while memory is scarce: what a peer sends stays in the kernel's buffer, and with it whether it leaves.
//! Nothing tells a worker that memory was freed, perhaps by another one, so it looks again after a while.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::task::coop::unconstrained;
use tokio::time::{Sleep, sleep};

/// How long nothing is read before the next look at the memory.
const LENGTH: Duration = Duration::from_secs(1);

/// A pause; it has memory while it lasts.
#[derive(Debug, Default)]
pub(crate) struct Pause(Option<Pin<Box<Sleep>>>);

impl Pause {
    /// Begins a pause unless it has begun, and is ready at its end.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep(LENGTH)));
        ready!(pin!(unconstrained(sleep.as_mut())).poll(cx));
        self.0 = None;
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_pause_has_its_length() {
        let (mut pause, begun) = (Pause::default(), Instant::now());
        for count in 1..=2 {
            poll_fn(|cx| pause.poll(cx)).await;
            assert_eq!(begun.elapsed().as_secs(), count);
        }
    }
}
