//! Hash functions of keys. They are simple ones on purpose: what matters is that each gives the same numbers as in
//! other proxies in front of the same servers.

/// Returns the hash of the sdbm database library.
pub fn sdbm(key: &[u8]) -> u32 {
    polynomial(key, 0, 65_599)
}

/// Returns the hash of D. J. Bernstein.
pub fn djb2(key: &[u8]) -> u32 {
    polynomial(key, 5381, 33)
}

fn polynomial(key: &[u8], start: u32, factor: u32) -> u32 {
    key.iter().fold(start, |hash, byte| hash.wrapping_mul(factor).wrapping_add(u32::from(*byte)))
}

/// Returns HAProxy's wt6: two halves that mix in each byte, are rotated, and change places. The upper 16 bits of the
/// result give the next rotation, 5 bits for each half.
pub fn wt6(key: &[u8]) -> u32 {
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

/// Returns the 32-bit hash of the xxHash family.
pub fn xxh32(key: &[u8], seed: u32) -> u32 {
    twox_hash::XxHash32::oneshot(seed, key)
}

/// The remainders of all bytes for a polynomial, whose bits are reversed.
type Remainders = [u32; 256];

const fn remainders(polynomial: u32) -> Remainders {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let (mut remainder, mut bit) = (byte as u32, 0);
        while bit < 8 {
            remainder = (remainder >> 1) ^ if remainder & 1 == 1 { polynomial } else { 0 };
            bit += 1;
        }
        table[byte] = remainder;
        byte += 1;
    }
    table
}

/// Returns the CRC-32 of ISO-HDLC, which gzip and Ethernet have.
pub fn crc32(key: &[u8]) -> u32 {
    static TABLE: Remainders = remainders(0xedb8_8320);
    crc(&TABLE, key)
}

/// Returns the CRC-32C (RFC 4960, appendix B).
pub fn crc32c(key: &[u8]) -> u32 {
    static TABLE: Remainders = remainders(0x82f6_3b78);
    crc(&TABLE, key)
}

fn crc(table: &Remainders, key: &[u8]) -> u32 {
    !key.iter().fold(u32::MAX, |crc, byte| table[usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
}

/// Spreads 32 bits over 32 bits so that each input bit changes about half of the output: a full-avalanche function of
/// Bob Jenkins (<https://burtleburtle.net/bob/hash/integer.html>), then a multiplication by an odd number near three
/// quarters of 2^32. It is a bijection.
pub fn avalanche(mut bits: u32) -> u32 {
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
    fn checksums_are_the_usual_ones() {
        // The check values in catalogues of CRCs.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
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
            let [sdbm, djb2, wt6, crc32] = [sdbm, djb2, wt6, crc32].map(|function| function(key));
            assert_eq!([sdbm, djb2, wt6, crc32, avalanche(sdbm)], expected, "{}", key.escape_ascii());
        }
    }
}
