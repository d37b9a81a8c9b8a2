//! A binary heap of servers by keys that change: the server with the least key is at hand, and a change takes the
//! logarithm of their number.

/// A place that is none.
const NOWHERE: u32 = u32::MAX;

/// The servers with their keys; those with equal keys are in the order in which they got them.
#[derive(Debug, Default)]
pub(super) struct Heap {
    order: Vec<u32>,
    servers: Vec<Place>,
    tickets: u64,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The index in `order`.
    at: u32,
    key: (u64, u64),
}

impl Heap {
    /// Returns the key of a server that is in the heap.
    pub(super) fn key(&self, index: usize) -> Option<u64> {
        self.servers.get(index).filter(|place| place.at != NOWHERE).map(|place| place.key.0)
    }

    /// Returns the server with the least key.
    pub(super) fn least(&self) -> Option<usize> {
        self.order.first().map(|index| *index as usize)
    }

    /// Adds a server, or changes its key. It comes after others with the same key.
    pub(super) fn set(&mut self, index: usize, key: u64) {
        self.tickets += 1;
        self.put(index, (key, self.tickets));
    }

    /// Puts a server that was taken out back in its place.
    pub(super) fn put_back(&mut self, (index, key): (usize, (u64, u64))) {
        self.put(index, key);
    }

    /// Takes a server out. Returns what puts it back.
    pub(super) fn take(&mut self, index: usize) -> Option<(usize, (u64, u64))> {
        let place = self.servers.get_mut(index).filter(|place| place.at != NOWHERE)?;
        let (at, key) = (place.at as usize, place.key);
        place.at = NOWHERE;
        self.order.swap_remove(at);
        if let Some(moved) = self.order.get(at).copied() {
            self.servers[moved as usize].at = at as u32;
            self.settle(at);
        }
        Some((index, key))
    }

    fn put(&mut self, index: usize, key: (u64, u64)) {
        if self.servers.len() <= index {
            self.servers.resize(index + 1, Place { at: NOWHERE, key: (0, 0) });
        }
        let place = &mut self.servers[index];
        place.key = key;
        if place.at == NOWHERE {
            place.at = self.order.len() as u32;
            self.order.push(index as u32);
        }
        let at = self.servers[index].at as usize;
        self.settle(at);
    }

    fn key_at(&self, at: usize) -> (u64, u64) {
        self.servers[self.order[at] as usize].key
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.order.swap(one, other);
        self.servers[self.order[one] as usize].at = one as u32;
        self.servers[self.order[other] as usize].at = other as u32;
    }

    /// Moves the server at a place up or down to where it belongs.
    fn settle(&mut self, mut at: usize) {
        while at > 0 && self.key_at(at) < self.key_at((at - 1) / 2) {
            self.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
        loop {
            let children = [2 * at + 1, 2 * at + 2];
            let least =
                children.into_iter().filter(|at| *at < self.order.len()).min_by_key(|at| self.key_at(*at));
            match least {
                Some(child) if self.key_at(child) < self.key_at(at) => {
                    self.swap(at, child);
                    at = child;
                }
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_at_hand_whatever_changes() {
        let mut heap = Heap::default();
        let mut keys = [None::<(u64, u64)>; 50];
        let (mut state, mut tickets) = (7_u64, 0);
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (index, key) = ((state >> 33) as usize % keys.len(), state >> 60);
            if key < 3 {
                assert_eq!(heap.take(index).map(|(_, key)| key), keys[index].take());
            } else {
                tickets += 1;
                heap.set(index, key);
                keys[index] = Some((key, tickets));
            }
            let least =
                (0..keys.len()).filter(|index| keys[*index].is_some()).min_by_key(|index| keys[*index]);
            assert_eq!(heap.least(), least);
            assert_eq!(heap.key(index), keys[index].map(|(key, _)| key));
        }
        while let Some(index) = heap.least() {
            heap.take(index);
            keys[index] = None;
        }
        assert_eq!(keys, [None; 50]);
    }
}
