//! Hexadecimal digits, in upper case.

/// The digit of the four lowest bits.
pub const fn upper_digit(bits: u8) -> u8 {
    b"0123456789ABCDEF"[(bits & 15) as usize]
}
