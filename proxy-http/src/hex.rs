//! Hexadecimal digits, in upper case.

/// Returns the digit of the four lowest bits.
pub const fn upper_digit(bits: u8) -> u8 {
    b"0123456789ABCDEF"[(bits & 15) as usize]
}
