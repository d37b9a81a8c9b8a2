//! SOCKS4, as a client: the request to connect to an IPv4 address, and the response.
//!
//! ```text
//! request:  4  1 (connect)  port (2)  address (4)  user, closed by 0
//!! answer:   0  90 (granted) or 91 to 93  port (2)  address (4)
//! ```
//!
//! SOCKS4 has no IPv6. HAProxy sends the first 32 bits of an IPv6 address that are not zero, as if they were an
//! IPv4 address; here a request for an IPv6 target cannot be made.

use std::net::SocketAddrV4;

use crate::code::{ErrorCode, Refused};
use crate::progress::Progress;

/// The length of a request in bytes.
pub const REQUEST: usize = 16;
/// The length of a response in bytes.
pub const ANSWER: usize = 8;
const VERSION: u8 = 4;
const CONNECT: u8 = 1;
const GRANTED: u8 = 90;
/// The user name that HAProxy sends. A proxy may check it, so it is part of the protocol with that proxy.
const USER: &[u8; 8] = b"HAProxy\0";

/// Returns the request to connect to `target`.
pub fn request(target: SocketAddrV4) -> [u8; REQUEST] {
    let [high, low] = target.port().to_be_bytes();
    let [a, b, c, d] = target.ip().octets();
    let [s, t, u, v, w, x, y, z] = *USER;
    [VERSION, CONNECT, high, low, a, b, c, d, s, t, u, v, w, x, y, z]
}

/// Reads the response. Only its second byte is checked.
///
/// # Errors
/// Returns [`ErrorCode::Socks4Deny`] unless the request was granted.
pub fn parse(bytes: &[u8]) -> Result<Progress<()>, Refused> {
    match bytes.first_chunk::<ANSWER>() {
        None => Ok(Progress::need(ANSWER - bytes.len())),
        Some([_, GRANTED, ..]) => Ok(Progress::Done { length: ANSWER, header: () }),
        Some(_) => Err(ErrorCode::Socks4Deny.into()),
    }
}

/// Returns why a connection is refused that ended before the response was complete.
pub fn ended() -> Refused {
    ErrorCode::Socks4Recv.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_port_address_and_user() {
        let request = request("192.0.2.1:8080".parse().unwrap());
        assert_eq!(request, *b"\x04\x01\x1f\x90\xc0\x00\x02\x01HAProxy\0");
    }

    #[test]
    fn an_answer_is_granted_by_its_second_byte_alone() {
        let granted = [7, 90, 1, 2, 3, 4, 5, 6, b'x'];
        for length in 0..ANSWER {
            assert_eq!(parse(&granted[..length]), Ok(Progress::NeedMore { at_least: ANSWER - length }));
        }
        assert_eq!(parse(&granted), Ok(Progress::Done { length: 8, header: () }));
        for code in (0..=255).filter(|code| *code != 90) {
            let denied = parse(&[0, code, 0, 0, 0, 0, 0, 0]);
            assert_eq!(denied, Err(ErrorCode::Socks4Deny.into()), "{code}");
        }
        assert_eq!(ended().code.map(ErrorCode::number), Some(40));
    }
}
