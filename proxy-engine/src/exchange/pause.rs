//! A pause of reading while memory is scarce. What a peer sends stays in the kernel's buffer, and nothing tells a worker
//! that memory was freed, perhaps by another one, or that the peer ends its direction. So it looks again after a while.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use proto_core::stream::Stream;
use proxy_relay::Budget;
use tokio::task::coop::unconstrained;
use tokio::time::{Sleep, sleep};

/// How long nothing is read before the next look.
const LENGTH: Duration = Duration::from_secs(1);

/// A pause; it has memory while it lasts.
#[derive(Debug, Default)]
pub(crate) struct Pause(Option<Pin<Box<Sleep>>>);

impl Pause {
    /// Is ready while bytes that nobody waits for may be read from a stream: memory is not scarce, or no more of them will
    /// come, and what is read tells how the peer has ended.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, budget: Budget, stream: &dyn Stream) -> Poll<()> {
        while budget.is_scarce() {
            // The look at the stream is a system call, and the task is polled for other reasons, too.
            if self.0.is_none() && stream.has_ended() {
                break;
            }
            let sleep = self.0.get_or_insert_with(|| Box::pin(sleep(LENGTH)));
            // A task that has used up its turn would be woken for the pause again and again.
            ready!(pin!(unconstrained(sleep.as_mut())).poll(cx));
            self.0 = None;
        }
        self.0 = None;
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use proto_core::address::{Address, UnixAddress};
    use proto_core::memory::pair;
    use proxy_relay::MemoryLimit;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_ends_when_memory_is_no_longer_scarce() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let allocated = || if ASKED.fetch_add(1, Relaxed) < 4 { 701 } else { 700 };
        let budget = Budget::new(Some(MemoryLimit { most: 800, allocated }));
        let (stream, _peer) = pair(Address::Unix(UnixAddress::Unnamed), Address::Unix(UnixAddress::Unnamed));
        let (mut pause, begun) = (Pause::default(), Instant::now());
        poll_fn(|cx| pause.poll(cx, budget, &stream)).await;
        assert_eq!(begun.elapsed().as_secs(), 2);
        assert!(pause.0.is_none());
    }
}
