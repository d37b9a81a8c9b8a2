//! Hash functions of keys. They are simple ones on purpose: what matters is that each gives the same numbers as in
//! other proxies in front of the same servers.

use crate::policy::HashFunction;

impl HashFunction {
    /// Returns the hash of a key.
    pub fn of(self, key: &[u8]) -> u32 {
        match self {
            HashFunction::Sdbm => polynomial(key, 0, 65_599),
            HashFunction::Djb2 => polynomial(key, 5381, 33),
            HashFunction::Wt6 => wt6(key),
            HashFunction::Crc32 => crc32(key),
            HashFunction::None => number(key),
        }
    }
}

fn polynomial(key: &[u8], start: u32, factor: u32) -> u32 {
    key.iter().fold(start, |hash, byte| hash.wrapping_mul(factor).wrapping_add(u32::from(*byte)))
}

/// HAProxy's wt6: two halves that mix in each byte, are rotated, and change places. The upper 16 bits of the result
/// give the next rotation, 5 bits for each half.
fn wt6(key: &[u8]) -> u32 {
    let (mut one, mut other): (u32, u32) = (0xa53c_965a, 0x5ca6_953a);
    let (mut turn, mut other_turn): (u32, u32) = (6, 18);
    for byte in key {
        let byte = u32::from(*byte);
        let mixed = !(one ^ byte);
        one = (!other.wrapping_add(byte)).rotate_left(turn);
        other = mixed.rotate_left(other_turn);
        let bits = ((one >> 16) ^ other) & 0xffff;
        (turn, other_turn) = (bits & 31, bits >> 11);
    }
    one ^ other
}

/// The polynomial of CRC-32, bits reversed.
const CRC32: u32 = 0xedb8_8320;

fn crc32(key: &[u8]) -> u32 {
    let shift = |crc: u32, _| (crc >> 1) ^ if crc & 1 == 1 { CRC32 } else { 0 };
    !key.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), shift))
}

/// Reads an optional sign and digits, up to the first other character. A value that 64 bits cannot hold is clamped.
fn number(key: &[u8]) -> u32 {
    let (negative, digits) = match key {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, key),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| i64::from(byte - b'0'));
    let value = digits.fold(0_i64, |value, digit| {
        let signed = if negative { -digit } else { digit };
        value.saturating_mul(10).saturating_add(signed)
    });
    // The lowest bits, of negative numbers too.
    value as u32
}

/// Spreads 32 bits over 32 bits so that each input bit changes about half of the output: a full-avalanche function of
/// Bob Jenkins (<https://burtleburtle.net/bob/hash/integer.html>), then a multiplication by an odd number near three
/// quarters of 2^32. It is a bijection.
pub(super) fn avalanche(mut bits: u32) -> u32 {
    bits = bits.wrapping_add(0x7ed5_5d16).wrapping_add(bits << 12);
    bits = (bits ^ 0xc761_c23c) ^ (bits >> 19);
    bits = bits.wrapping_add(0x1656_67b1).wrapping_add(bits << 5);
    bits = bits.wrapping_add(0xd3a2_646c) ^ (bits << 9);
    bits = bits.wrapping_add(0xfd70_46c5).wrapping_add(bits << 3);
    bits = (bits ^ 0xb55a_4f09) ^ (bits >> 16);
    bits.wrapping_mul(0xc000_0001)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_is_the_usual_one() {
        // The check value in catalogues of CRCs.
        assert_eq!(HashFunction::Crc32.of(b"123456789"), 0xcbf4_3926);
    }

    /// The results of HAProxy 3.5 for the same keys: sdbm, djb2, wt6, crc32, and sdbm with avalanche.
    #[test]
    fn all_give_the_known_numbers() {
        let golden: [(&[u8], [u32; 5]); 6] = [
            (b"a", [97, 177_670, 1_900_802_597, 3_904_355_907, 1_830_748_055]),
            (b"ab", [6_363_201, 5_863_208, 314_091_001, 2_659_403_885, 3_352_188_731]),
            (b"/index.html", [858_007_926, 3_776_231_887, 822_151_038, 3_928_116_034, 4_217_574_924]),
            (b"haproxy.1wt.eu", [3_573_640_649, 1_429_640_482, 1_353_059_386, 317_446_440, 2_076_999_512]),
            (
                b"0123456789abcdef0123456789abcdef",
                [3_123_714_704, 552_514_569, 1_095_674_149, 2_002_367_758, 338_496_399],
            ),
            (b"\xe9\xff\x80", [1_941_658_538, 193_639_277, 470_446_359, 669_928_559, 1_082_321_366]),
        ];
        for (key, expected) in golden {
            let [sdbm, djb2, wt6, crc32] =
                [HashFunction::Sdbm, HashFunction::Djb2, HashFunction::Wt6, HashFunction::Crc32]
                    .map(|function| function.of(key));
            assert_eq!([sdbm, djb2, wt6, crc32, avalanche(sdbm)], expected, "{}", key.escape_ascii());
        }
    }

    #[test]
    fn numbers_are_taken_as_they_are() {
        for (key, value) in [
            ("", 0),
            ("x1", 0),
            ("42", 42),
            ("42x", 42),
            ("+9", 9),
            ("-7", u32::MAX - 6),
            ("4294967295", u32::MAX),
            ("4294967297", 1),
            ("99999999999999999999", u32::MAX),
            ("-99999999999999999999", 0),
        ] {
            assert_eq!(HashFunction::None.of(key.as_bytes()), value, "{key}");
        }
    }
}
