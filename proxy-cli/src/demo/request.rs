//! The head of a request, parsed strictly: what could be understood in two ways is refused.

use proxy_http::token::is_token;

/// The longest head, in bytes.
pub(crate) const HEAD_MAX: usize = 8 << 10;

/// A request that is answered with the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The length of the head in bytes, with the empty line.
    pub(crate) length: usize,
    /// Whether the response has a body.
    pub(crate) wants_body: bool,
    /// Whether another request may follow.
    pub(crate) keep_alive: bool,
}

/// A request that is refused. The connection ends after the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Malformed,
    Method,
    TooLong,
    Version,
}

/// Reads a head from the beginning of `bytes`; `None` while it is incomplete.
///
/// # Errors
/// Returns why the request is refused.
pub(crate) fn read(bytes: &[u8]) -> Result<Option<Head>, Refused> {
    let whole = bytes.windows(4).take(HEAD_MAX - 3).position(|window| window == b"\r\n\r\n");
    let Some(end) = whole else {
        return if bytes.len() >= HEAD_MAX { Err(Refused::TooLong) } else { Ok(None) };
    };
    // Field values may contain any bytes above 0x7f (RFC 9110, 5.5); none of them matters here.
    let text = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = text.split("\r\n");
    let start = lines.next().unwrap_or_default();
    let [method, target, version] = start.split(' ').collect::<Vec<_>>()[..] else {
        return Err(Refused::Malformed);
    };
    let minor = minor_version(version)?;
    let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_token(method) || !(target.starts_with('/') || target.starts_with("http://")) || !visible(target) {
        return Err(Refused::Malformed);
    }
    let (mut hosts, mut body, mut close) = (0, false, false);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Refused::Malformed)?;
        let control = |c: char| c.is_ascii_control() && c != '\t';
        if !is_token(name) || value.contains(control) {
            return Err(Refused::Malformed);
        }
        match name.to_ascii_lowercase().as_str() {
            "host" => hosts += 1,
            "transfer-encoding" => body = true,
            "content-length" => body |= value.trim() != "0",
            "connection" => {
                close |= value.split(',').any(|option| option.trim().eq_ignore_ascii_case("close"));
            }
            _ => {}
        }
    }
    if hosts > 1 || (hosts == 0 && minor > 0) {
        return Err(Refused::Malformed);
    }
    let wants_body = match method {
        "GET" => true,
        "HEAD" => false,
        _ => return Err(Refused::Method),
    };
    // A body is not read, so nothing can follow it.
    Ok(Some(Head { length: end + 4, wants_body, keep_alive: minor > 0 && !close && !body }))
}

fn minor_version(version: &str) -> Result<u8, Refused> {
    match version.strip_prefix("HTTP/").map(str::as_bytes) {
        Some(b"1.0") => Ok(0),
        Some(b"1.1") => Ok(1),
        Some([major, b'.', minor]) if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Err(Refused::Version)
        }
        _ => Err(Refused::Malformed),
    }
}
