//! Weights of servers, with their sums: a binary indexed tree (Fenwick 1994). A change, the sum of those before a server,
//! and the server at a position of the total take the logarithm of their number.

/// The weights of servers by index; 0 for one that cannot be chosen.
#[derive(Debug, Default)]
pub(super) struct Weights {
    own: Vec<u32>,
    /// At `i`, the sum of the weights of as many servers up to `i` as the lowest bit of `i + 1` says.
    sums: Vec<u64>,
    total: u64,
    /// The number of servers with a weight.
    members: usize,
}

impl Weights {
    /// Returns the weight of a server.
    pub(super) fn of(&self, index: usize) -> u32 {
        self.own.get(index).copied().unwrap_or(0)
    }

    /// Returns the sum of all weights.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Returns the number of servers with a weight.
    pub(super) fn members(&self) -> usize {
        self.members
    }

    /// Sets the weight of a server. There are `count` servers.
    pub(super) fn set(&mut self, index: usize, weight: u32, count: usize) {
        if self.own.len() < count {
            self.grow(count);
        }
        let before = std::mem::replace(&mut self.own[index], weight);
        self.members = self.members - usize::from(before > 0) + usize::from(weight > 0);
        let by = u64::from(weight).wrapping_sub(before.into());
        self.total = self.total.wrapping_add(by);
        let mut at = index;
        while let Some(sum) = self.sums.get_mut(at) {
            *sum = sum.wrapping_add(by);
            at |= at + 1;
        }
    }

    fn grow(&mut self, count: usize) {
        self.own.resize(count, 0);
        self.sums = self.own.iter().map(|weight| u64::from(*weight)).collect();
        for at in 0..count {
            let above = at | (at + 1);
            if above < count {
                self.sums[above] += self.sums[at];
            }
        }
    }

    /// Returns the sum of the weights of all servers before this one.
    pub(super) fn before(&self, index: usize) -> u64 {
        let (mut sum, mut rest) = (0, index);
        while rest > 0 {
            sum += self.sums[rest - 1];
            rest &= rest - 1;
        }
        sum
    }

    /// Returns the server whose part of the total a position, which is below the total, falls in.
    pub(super) fn at(&self, mut position: u64) -> usize {
        let mut index = 0;
        let mut step = self.sums.len().checked_ilog2().map_or(0, |bits| 1 << bits);
        while step > 0 {
            if let Some(sum) = self.sums.get(index + step - 1)
                && *sum <= position
            {
                position -= sum;
                index += step;
            }
            step /= 2;
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_part_of_the_total() {
        for count in 1..40_usize {
            let mut weights = Weights::default();
            let of = |index: usize| (index * 7 % 5) as u32;
            (0..count).for_each(|index| weights.set(index, 3, count));
            (0..count).rev().for_each(|index| weights.set(index, of(index), count));
            let all: Vec<usize> =
                (0..count).flat_map(|index| std::iter::repeat_n(index, of(index) as usize)).collect();
            assert_eq!(weights.total(), all.len() as u64);
            assert_eq!(weights.members(), (0..count).filter(|index| of(*index) > 0).count());
            for (position, index) in all.iter().enumerate() {
                assert_eq!(weights.at(position as u64), *index, "{position} of {count}");
            }
            for index in 0..count {
                assert_eq!(weights.before(index), all.iter().filter(|other| **other < index).count() as u64);
            }
        }
    }
}
