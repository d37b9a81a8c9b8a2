//! The reason of a result, as lines have it.

use std::fmt::{self, Display, Write};

use crate::result::CheckResult;

/// The reason of a result: `, reason: Layer7 wrong status, code: 503, info: "..", check duration: 2ms`.
#[derive(Clone, Copy, Debug)]
pub struct Reason<'a>(pub &'a CheckResult);

impl Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CheckResult { status, code, info, duration } = self.0;
        write!(f, ", reason: {}", status.text())?;
        if status.has_code() {
            write!(f, ", code: {code}")?;
        }
        if !info.is_empty() {
            write!(f, ", info: \"{}\"", Printable(info))?;
        }
        match duration {
            Some(duration) => write!(f, ", check duration: {}ms", duration.as_millis()),
            None => Ok(()),
        }
    }
}

/// Bytes in which all but printable ASCII characters are written as `<0A>`, as are quotes and angle brackets.
struct Printable<'a>(&'a [u8]);

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            match byte {
                b'<' | b'>' | b'"' => write!(f, "<{byte:02X}>")?,
                b' '..=b'~' => f.write_char(char::from(byte))?,
                _ => write!(f, "<{byte:02X}>")?,
            }
        }
        Ok(())
    }
}
