//! Rate limits: the token bucket filter (`tbf`) as the queue of an interface.

use std::time::Duration;

use crate::error::{Context, Result};
use crate::link::Interface;
use crate::netlink::{Message, Netlink, REPLACE, text};

// `include/uapi/linux/rtnetlink.h`, `pkt_sched.h`.
const TCA_KIND: u16 = 1;
const TCA_OPTIONS: u16 = 2;
const TCA_TBF_PARMS: u16 = 1;
const TCA_TBF_RATE64: u16 = 4;
const TCA_TBF_BURST: u16 = 6;
const TC_H_ROOT: u32 = 0xffff_ffff;
const TC_LINKLAYER_ETHERNET: u8 = 1;

/// The smallest bucket, in bytes: about ten full frames, or a slow link would not even pass a few in a row.
const BURST_FLOOR: u64 = 16 * 1024;
/// The bucket of a fast link, as time at its rate.
const BURST_TIME: Duration = Duration::from_millis(2);
/// The queue in front of the link, as time at its rate: that of a small router.
const QUEUE_TIME: Duration = Duration::from_millis(50);

/// A rate of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    bits_per_second: u64,
}

impl Rate {
    /// Returns a rate in megabits (10^6) per second.
    pub const fn mbit(megabits: u32) -> Self {
        Self { bits_per_second: megabits as u64 * 1_000_000 }
    }

    /// Returns the time that a number of bytes takes.
    pub fn time_for(self, bytes: usize) -> Duration {
        Duration::from_nanos((bytes as u64 * 8).saturating_mul(1_000_000_000) / self.bits_per_second.max(1))
    }

    fn bytes_per_second(self) -> u64 {
        self.bits_per_second / 8
    }

    fn bytes_in(self, time: Duration) -> u64 {
        self.bytes_per_second() * time.as_millis() as u64 / 1000
    }
}

impl Interface {
    /// Limits what the interface sends, replacing an earlier limit. What arrives is limited at the other end.
    pub fn set_rate(&self, rate: Rate) -> Result<()> {
        let burst = rate.bytes_in(BURST_TIME).max(BURST_FLOOR) as u32;
        let limit = burst + rate.bytes_in(QUEUE_TIME).max(BURST_FLOOR) as u32;
        let message = self.queue_message(libc::RTM_NEWQDISC, REPLACE).attribute(TCA_KIND, &text("tbf")).nest(
            TCA_OPTIONS,
            |options| {
                options
                    .attribute(TCA_TBF_PARMS, &tbf_options(rate, limit))
                    .attribute(TCA_TBF_RATE64, &rate.bytes_per_second().to_ne_bytes())
                    .attribute(TCA_TBF_BURST, &burst.to_ne_bytes())
            },
        );
        Netlink::route(self.namespace())?.request(message).context("limit the rate of", self)
    }

    /// Removes the limit.
    pub fn clear_rate(&self) -> Result<()> {
        let message = self.queue_message(libc::RTM_DELQDISC, 0);
        Netlink::route(self.namespace())?.request(message).context("free the rate of", self)
    }

    /// Makes a message that begins with a `struct tcmsg` for the root queue.
    fn queue_message(&self, kind: u16, flags: u16) -> Message {
        let mut header = [0; 20];
        header[4..8].copy_from_slice(&self.index().to_ne_bytes());
        header[12..16].copy_from_slice(&TC_H_ROOT.to_ne_bytes());
        Message::new(kind, flags, &header)
    }
}

/// Makes a `struct tc_tbf_qopt`: two `struct tc_ratespec` (rate, peak rate) of 12 bytes, limit, buffer, mtu.
///
/// The link layer is set so that the kernel needs no rate table; a rate and a bucket beyond 32 bits are in attributes
/// of their own, which override these.
fn tbf_options(rate: Rate, limit: u32) -> [u8; 36] {
    let mut options = [0; 36];
    options[1] = TC_LINKLAYER_ETHERNET;
    let narrow = u32::try_from(rate.bytes_per_second()).unwrap_or(u32::MAX);
    options[8..12].copy_from_slice(&narrow.to_ne_bytes());
    options[24..28].copy_from_slice(&limit.to_ne_bytes());
    options
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::time::Instant;

    use crate::topology::TwoPaths;
    use crate::{lab, tc::Rate};

    #[test]
    fn a_transfer_takes_the_time_of_its_rate() {
        let Some(lab) = lab!(Rate, Mptcp) else { return };
        let net = TwoPaths::new(&lab).unwrap();
        let path = &net.paths[0];
        let size = 2_000_000;
        let transfer = || {
            let listener =
                net.server.run(|| std::net::TcpListener::bind((path.server.v4, 0)).unwrap()).unwrap();
            let address = listener.local_addr().unwrap();
            let sender = net.client.run(move || std::net::TcpStream::connect(address).unwrap()).unwrap();
            let start = Instant::now();
            let sending = std::thread::spawn(move || (&sender).write_all(&vec![0; size]).unwrap());
            let mut received = Vec::new();
            listener.accept().unwrap().0.read_to_end(&mut received).unwrap();
            sending.join().unwrap();
            assert_eq!(received.len(), size);
            start.elapsed()
        };
        let rate = Rate::mbit(20);
        path.set_rate(rate).unwrap();
        let (limited, ideal) = (transfer(), rate.time_for(size));
        assert!(limited > ideal.mul_f64(0.8) && limited < ideal.mul_f64(3.0), "{limited:?} for {ideal:?}");
        path.client_end.clear_rate().unwrap();
        let free = transfer();
        assert!(free < ideal.mul_f64(0.8), "{free:?} without a limit");
    }
}
