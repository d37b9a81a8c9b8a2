//! The encoding: runs of one byte, and literal bytes.
//!
//! | first byte | what follows |
//! | --- | --- |
//! | 0 to 127, n | n + 1 literal bytes |
//! | 128 to 255, n | one byte, which is repeated n - 125 times |

/// The shortest run that is worth its two bytes.
const SHORTEST: usize = 3;
const LONGEST_RUN: usize = 130;
const LONGEST_LITERAL: usize = 128;

/// Packs bytes and appends them to `packed`.
pub(super) fn pack(mut bytes: &[u8], packed: &mut Vec<u8>) {
    let mut literal: &[u8] = &[];
    let whole = bytes;
    let mut literal_begins = 0;
    while let Some(&first) = bytes.first() {
        let run = bytes.iter().take(LONGEST_RUN).take_while(|byte| **byte == first).count();
        let at = whole.len() - bytes.len();
        if run < SHORTEST {
            bytes = &bytes[run..];
            literal = &whole[literal_begins..at + run];
            continue;
        }
        push_literal(literal, packed);
        literal = &[];
        literal_begins = at + run;
        packed.extend([(run + 125) as u8, first]);
        bytes = &bytes[run..];
    }
    push_literal(literal, packed);
}

fn push_literal(bytes: &[u8], packed: &mut Vec<u8>) {
    for part in bytes.chunks(LONGEST_LITERAL) {
        packed.push((part.len() - 1) as u8);
        packed.extend_from_slice(part);
    }
}

/// Unpacks a whole piece. Returns `None` if it is malformed, or would be longer than `most` bytes.
pub(super) fn unpack(mut packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some((&first, rest)) = packed.split_first() {
        if first < 128 {
            let (literal, rest) = rest.split_at_checked(usize::from(first) + 1)?;
            bytes.extend_from_slice(literal);
            packed = rest;
        } else {
            let (&byte, rest) = rest.split_first()?;
            bytes.resize(bytes.len() + usize::from(first) - 125, byte);
            packed = rest;
        }
        if bytes.len() > most {
            return None;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        pack(bytes, &mut packed);
        packed
    }

    #[test]
    fn runs_are_shortened_and_the_rest_is_literal() {
        assert_eq!(packed(b""), b"");
        assert_eq!(packed(b"abc"), b"\x02abc");
        assert_eq!(packed(b"aaa"), [128, b'a']);
        assert_eq!(packed(b"abbbbc"), [0, b'a', 129, b'b', 0, b'c']);
        assert_eq!(packed(&[7; 131]), [255, 7, 0, 7]);
        assert_eq!(packed(b"aabb"), b"\x03aabb");
    }

    #[test]
    fn unpacking_restores_what_was_packed() {
        for seed in 0..200_u64 {
            let random = |n: u64| n.wrapping_mul(seed * 2 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
            let bytes: Vec<u8> =
                (0..seed * 7).map(|n| (random(n / (1 + random(n / 40) % 9)) % 5) as u8).collect();
            assert_eq!(unpack(&packed(&bytes), bytes.len()).as_ref(), Some(&bytes), "seed {seed}");
        }
    }

    #[test]
    fn a_malformed_piece_is_none() {
        assert_eq!(unpack(&[2, b'a', b'b'], 9), None, "a byte is missing");
        assert_eq!(unpack(&[200], 900), None, "the byte of a run is missing");
        assert_eq!(unpack(&[255, b'a'], 129), None, "it is longer than allowed");
        assert_eq!(unpack(&[255, b'a'], 130).map(|bytes| bytes.len()), Some(130));
    }
}
