//! A link in user space with delay, loss and rate, for kernels without `netem`.
//!
//! Two TUN interfaces, one in each namespace, and a thread that carries packets between them. Each direction
//! is a bounded queue and a sender of limited rate, then a wire that is long (delay) and noisy (loss).
//! The seed alone decides which packets are lost.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{Context, Result};
use crate::link::Interface;
use crate::ns::Namespace;
use crate::sys;
use crate::tc::Rate;

const DEVICE: &str = "/dev/net/tun";
/// Larger than the interfaces' MTU of 1500 bytes.
const PACKET: usize = 2048;
/// The most packets on the wire of one direction, whatever the settings: 24 MB, a second at 200 Mbit/s.
const WIRE_CAPACITY: usize = 16 * 1024;
/// The most packets taken from one side before the other side has its turn.
const BATCH: usize = 64;

/// The share of packets that a link loses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss(f64);

impl Loss {
    /// Nothing is lost.
    pub const NONE: Self = Self(0.0);
    /// Everything is lost: a dead link that looks alive to both ends.
    pub const ALL: Self = Self(1.0);

    /// Loses this many packets of a hundred.
    pub const fn percent(percent: f64) -> Self {
        Self(percent / 100.0)
    }
}

/// The delay, loss and rate of a link, in each direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The delay of a packet; the round trip takes twice that.
    pub delay: Duration,
    /// The share of packets that are lost.
    pub loss: Loss,
    /// The rate at which it sends; `None` for as fast as the thread can.
    pub rate: Option<Rate>,
    /// How long a packet may wait to be sent before it is dropped. Matters only with a rate.
    pub queue: Duration,
}

impl Default for Quality {
    fn default() -> Self {
        Self { delay: Duration::ZERO, loss: Loss::NONE, rate: None, queue: Duration::from_millis(50) }
    }
}

/// A link between two namespaces that lasts as long as this value.
#[derive(Debug)]
pub struct TunLink {
    /// The end in the first namespace.
    pub a: Interface,
    /// The end in the second namespace.
    pub b: Interface,
    quality: Arc<Mutex<Quality>>,
    /// Closing it ends the thread. Always `Some` until the drop.
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl TunLink {
    /// Joins two namespaces with interfaces that are both called `name`, on, and without addresses.
    pub fn join(a: &Namespace, b: &Namespace, name: &str, quality: Quality, seed: u64) -> Result<Self> {
        let devices = [attach(a, name)?, attach(b, name)?];
        let ends = (Interface::find(a, name)?, Interface::find(b, name)?);
        let quality = Arc::new(Mutex::new(quality));
        let (stopped, stop) = io::pipe().context("make pipe for", name)?;
        let carrier = Carrier {
            devices,
            directions: [Direction::new(seed), Direction::new(!seed)],
            quality: Arc::clone(&quality),
            stopped,
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(|| carrier.run());
        let thread = Some(thread.context("start thread of", name)?);
        ends.0.up()?;
        ends.1.up()?;
        Ok(Self { a: ends.0, b: ends.1, quality, stop: Some(stop), thread })
    }

    /// Changes the link for the packets sent from now on.
    pub fn set_quality(&self, quality: Quality) {
        *lock(&self.quality) = quality;
    }
}

impl Drop for TunLink {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Opens the device from which a TUN interface is made; the interface belongs to the namespace of the calling thread.
pub(crate) fn open_device() -> Result<File> {
    let open = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(DEVICE);
    open.context("open", DEVICE)
}

fn attach(namespace: &Namespace, name: &str) -> Result<File> {
    namespace.run(|| {
        let file = open_device()?;
        sys::attach_tun(&file, name).context("make TUN interface", format_args!("{name} in {namespace}"))?;
        Ok(file)
    })?
}

fn lock(quality: &Mutex<Quality>) -> MutexGuard<'_, Quality> {
    quality.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread's state. Direction `i` reads from device `i` and writes to the other one.
struct Carrier {
    devices: [File; 2],
    directions: [Direction; 2],
    quality: Arc<Mutex<Quality>>,
    stopped: PipeReader,
}

impl Carrier {
    /// Runs until the link is dropped, or its namespaces are.
    fn run(mut self) {
        loop {
            let now = Instant::now();
            for (direction, to) in self.directions.iter_mut().zip(self.devices.iter().rev()) {
                direction.deliver(now, to);
            }
            let next = self.directions.iter().filter_map(Direction::next_arrival).min();
            let timeout = next.map(|at| at.saturating_duration_since(now));
            let sources = [self.devices[0].as_fd(), self.devices[1].as_fd(), self.stopped.as_fd()];
            let [first, second, stopped] = match sys::wait_readable(sources, timeout) {
                Ok(readable) => readable,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            if stopped {
                return;
            }
            let quality = *lock(&self.quality);
            for (i, _) in [first, second].into_iter().enumerate().filter(|(_, readable)| *readable) {
                if take(&self.devices[i], &mut self.directions[i], quality).is_err() {
                    return;
                }
            }
        }
    }
}

/// Reads the packets that wait at a device.
fn take(mut from: &File, direction: &mut Direction, quality: Quality) -> io::Result<()> {
    let mut packet = [0; PACKET];
    for _ in 0..BATCH {
        match from.read(&mut packet) {
            Ok(length) => direction.send(Instant::now(), &packet[..length], quality),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// One direction of the link.
struct Direction {
    /// The packets on the wire, in the order of their arrival.
    wire: VecDeque<(Instant, Vec<u8>)>,
    /// When the sender has sent all it has.
    sender_free: Option<Instant>,
    random: Random,
}

impl Direction {
    fn new(seed: u64) -> Self {
        Self { wire: VecDeque::new(), sender_free: None, random: Random(seed) }
    }

    fn send(&mut self, now: Instant, packet: &[u8], quality: Quality) {
        // Drawn for each packet, so that what happens to the n-th one depends on nothing but n.
        let lost = self.random.fraction() < quality.loss.0;
        let start = self.sender_free.map_or(now, |free| free.max(now));
        if start - now > quality.queue || self.wire.len() >= WIRE_CAPACITY {
            return;
        }
        let sent = start + quality.rate.map_or(Duration::ZERO, |rate| rate.time_for(packet.len()));
        self.sender_free = Some(sent);
        if !lost {
            // A shorter delay than before does not let packets overtake.
            let arrival =
                self.wire.back().map_or(sent + quality.delay, |(last, _)| (sent + quality.delay).max(*last));
            self.wire.push_back((arrival, packet.to_vec()));
        }
    }

    fn next_arrival(&self) -> Option<Instant> {
        self.wire.front().map(|(at, _)| *at)
    }

    fn deliver(&mut self, now: Instant, mut to: &File) {
        while let Some((_, packet)) = self.wire.pop_front_if(|(at, _)| *at <= now) {
            // An interface that is off or full refuses: the packet is lost, as on any link.
            drop(to.write(&packet));
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): any seed will do, and the same seed gives the same numbers.
struct Random(u64);

impl Random {
    /// Returns a number in `0.0..1.0`.
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use super::*;
    use crate::address::Cidr;
    use crate::lab;

    const QUIET: Duration = Duration::from_millis(500);

    /// Makes a link, and a socket at each end that is connected to the other.
    fn link(lab: &crate::skip::Lab, quality: Quality) -> (TunLink, UdpSocket, UdpSocket) {
        let (a, b) = (lab.namespace("a").unwrap(), lab.namespace("b").unwrap());
        let link = TunLink::join(&a, &b, "wire", quality, 1).unwrap();
        let (one, two) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        link.a.add_address(Cidr { address: one.into(), prefix: 24 }).unwrap();
        link.b.add_address(Cidr { address: two.into(), prefix: 24 }).unwrap();
        let first = a.run(|| UdpSocket::bind((one, 0)).unwrap()).unwrap();
        let second = b.run(|| UdpSocket::bind((two, 0)).unwrap()).unwrap();
        first.connect(second.local_addr().unwrap()).unwrap();
        second.connect(first.local_addr().unwrap()).unwrap();
        first.set_read_timeout(Some(QUIET)).unwrap();
        second.set_read_timeout(Some(QUIET)).unwrap();
        (link, first, second)
    }

    /// Sends `count` packets, and returns how many arrive.
    fn arrivals(from: &UdpSocket, to: &UdpSocket, count: usize) -> usize {
        for _ in 0..count {
            from.send(&[0; 100]).unwrap();
        }
        std::iter::from_fn(|| to.recv(&mut [0; 200]).ok()).count()
    }

    #[test]
    fn the_round_trip_takes_twice_the_delay() {
        let Some(lab) = lab!(Tun) else { return };
        let delay = Duration::from_millis(20);
        let (_link, first, second) = link(&lab, Quality { delay, ..Quality::default() });
        let start = Instant::now();
        first.send(b"ping").unwrap();
        second.recv(&mut [0; 10]).unwrap();
        second.send(b"pong").unwrap();
        first.recv(&mut [0; 10]).unwrap();
        assert!(start.elapsed() >= delay * 2, "{:?}", start.elapsed());
    }

    #[test]
    fn packets_are_lost_at_the_rate_and_always_the_same() {
        let Some(lab) = lab!(Tun) else { return };
        let quality = Quality { loss: Loss::percent(30.0), ..Quality::default() };
        let counts = [0; 2].map(|_| {
            let (link, first, second) = link(&lab, quality);
            let count = arrivals(&first, &second, 100);
            link.set_quality(Quality { loss: Loss::ALL, ..quality });
            assert_eq!(arrivals(&first, &second, 10), 0);
            count
        });
        assert_eq!(counts[0], counts[1]);
        assert!((55..=85).contains(&counts[0]), "{}", counts[0]);
    }

    #[test]
    fn a_full_queue_drops() {
        let Some(lab) = lab!(Tun) else { return };
        // A packet of 128 bytes takes 1 ms, so about ten wait and the rest is dropped.
        let rate = Some(Rate::mbit(1));
        let quality = Quality { rate, queue: Duration::from_millis(10), ..Quality::default() };
        let (_link, first, second) = link(&lab, quality);
        let count = arrivals(&first, &second, 200);
        assert!((5..150).contains(&count), "{count}");
    }
}
