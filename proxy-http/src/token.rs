//! Tokens: the form of methods and field names (RFC 9110, section 5.6.2).

/// The bytes of a token besides letters and digits.
pub const MARKS: &str = "!#$%&'*+-.^_`|~";

/// For each byte that is allowed in a token, the byte in lower case; 0 for the others.
pub(crate) const LOWER: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() || is_mark(byte) {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

const fn is_mark(byte: u8) -> bool {
    let mut at = 0;
    while at < MARKS.len() {
        if MARKS.as_bytes()[at] == byte {
            return true;
        }
        at += 1;
    }
    false
}

/// Returns whether a byte is allowed in a token.
pub const fn is_token_byte(byte: u8) -> bool {
    LOWER[byte as usize] != 0
}

/// Returns whether a text is a token: a method or the name of a field.
pub fn is_token(text: impl AsRef<[u8]>) -> bool {
    let text = text.as_ref();
    !text.is_empty() && text.iter().all(|byte| is_token_byte(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_letters_digits_and_marks() {
        assert!(is_token("x-Forwarded-For2") && is_token(MARKS));
        assert!(!is_token("") && !is_token("a b") && !is_token(b"caf\xe9"));
        let count = (0..=u8::MAX).filter(|byte| is_token_byte(*byte)).count();
        assert_eq!(count, 26 + 26 + 10 + MARKS.len());
        for separator in *b"\"(),/:;<=>?@[\\]{}\x7f\t" {
            assert!(!is_token_byte(separator), "{separator}");
        }
    }
}
