//! The statuses that have an error message, and the default messages.

use std::sync::{Arc, LazyLock};

use crate::answer::{Answer, Head};

/// A status that has an error message. The set is HAProxy's: what it refuses as unknown is refused here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorStatus(usize);

/// The number of statuses.
pub(super) const COUNT: usize = TEXTS.len();

/// A message: the status, its reason, a sentence for the user, and whether the connection is closed.
struct Text(u16, &'static str, &'static str, bool);

/// The reasons are those that HAProxy sends with error messages, which differ from those of its other replies.
const TEXTS: [Text; 21] = [
    Text(200, "OK", "The service is up.", false),
    Text(400, "Bad request", "The request could not be understood.", true),
    Text(401, "Unauthorized", "A valid user name and password are needed here.", false),
    Text(403, "Forbidden", "The rules of this site do not allow this request.", false),
    Text(404, "Not Found", "There is nothing at this address.", false),
    Text(405, "Method Not Allowed", "What is at this address cannot be used with this method.", false),
    Text(407, "Unauthorized", "The proxy asks for a valid user name and password.", false),
    Text(408, "Request Time-out", "The request did not become complete in time.", true),
    Text(410, "Gone", "What was at this address is gone for good.", false),
    Text(413, "Payload Too Large", "The body of the request is larger than allowed.", false),
    Text(414, "URI Too Long", "The address in the request is longer than allowed.", false),
    Text(421, "Misdirected Request", "This server does not speak for the host that was asked for.", false),
    Text(422, "Unprocessable Content", "The content of the request makes no sense to the server.", false),
    Text(425, "Too Early", "The request came before it was safe to take it.", false),
    Text(429, "Too Many Requests", "There were too many requests in too short a time.", false),
    Text(431, "Request Header Fields Too Large", "The fields of the request are larger than allowed.", false),
    Text(500, "Internal Server Error", "Something went wrong inside of the server.", false),
    Text(501, "Not Implemented", "The server is not able to do what the request asks for.", false),
    Text(502, "Bad Gateway", "The response that came from behind the proxy was broken.", false),
    Text(503, "Service Unavailable", "There is no server now that could take this request.", false),
    Text(504, "Gateway Time-out", "No response came from behind the proxy in time.", false),
];

static MESSAGES: LazyLock<[Arc<Answer>; COUNT]> = LazyLock::new(|| TEXTS.each_ref().map(made));

impl ErrorStatus {
    /// Returns all statuses.
    pub fn all() -> impl Iterator<Item = ErrorStatus> {
        (0..COUNT).map(ErrorStatus)
    }

    /// Returns a status if it has a message.
    pub fn of(status: u16) -> Option<ErrorStatus> {
        TEXTS.iter().position(|text| text.0 == status).map(ErrorStatus)
    }

    /// Returns the status whose message is sent for a status: 500 for one that has none.
    pub fn standing_for(status: u16) -> ErrorStatus {
        ErrorStatus::of(status).or_else(|| ErrorStatus::of(500)).unwrap_or(ErrorStatus(0))
    }

    /// Returns the status as a number.
    pub fn code(self) -> u16 {
        TEXTS[self.0].0
    }

    /// Returns the default message.
    pub fn default_answer(self) -> &'static Arc<Answer> {
        &MESSAGES[self.0]
    }

    pub(super) fn index(self) -> usize {
        self.0
    }
}

fn made(Text(status, reason, sentence, close): &Text) -> Arc<Answer> {
    let body = format!("<html><body><h1>{status} {reason}</h1>\n{sentence}\n</body></html>\n");
    let mut head = Head::with_reason(*status, reason.as_bytes());
    head.field(b"content-length", body.len().to_string().as_bytes());
    head.field(b"cache-control", b"no-cache");
    head.field(b"content-type", b"text/html");
    if *close {
        head.close();
    }
    Arc::new(head.answer(*status, body.into_bytes().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The replies of HAProxy 3.5-dev5 when requests were denied with each status: the status line, and whether it
    /// closed.
    const SEEN: [(&str, bool); 21] = [
        ("200 OK", false),
        ("400 Bad request", true),
        ("401 Unauthorized", false),
        ("403 Forbidden", false),
        ("404 Not Found", false),
        ("405 Method Not Allowed", false),
        ("407 Unauthorized", false),
        ("408 Request Time-out", true),
        ("410 Gone", false),
        ("413 Payload Too Large", false),
        ("414 URI Too Long", false),
        ("421 Misdirected Request", false),
        ("422 Unprocessable Content", false),
        ("425 Too Early", false),
        ("429 Too Many Requests", false),
        ("431 Request Header Fields Too Large", false),
        ("500 Internal Server Error", false),
        ("501 Not Implemented", false),
        ("502 Bad Gateway", false),
        ("503 Service Unavailable", false),
        ("504 Gateway Time-out", false),
    ];

    #[test]
    fn every_status_has_a_message_like_haproxys() {
        for (status, (line, close)) in ErrorStatus::all().zip(SEEN) {
            let answer = status.default_answer();
            let message = answer.message.as_ref().unwrap();
            let head = &message.head;
            let said = format!("{} {}", head.status(), String::from_utf8_lossy(head.reason()));
            assert_eq!((&*said, message.close, answer.status), (line, close, status.code()));
            let fields: Vec<_> =
                head.fields().iter().map(|field| String::from_utf8_lossy(field.name)).collect();
            assert_eq!(fields, ["content-length", "cache-control", "content-type"]);
            let length = head.fields().get(b"content-length").unwrap();
            assert_eq!(length, message.body.len().to_string().as_bytes());
            let body = std::str::from_utf8(&message.body).unwrap();
            let sentence = body.strip_prefix(&format!("<html><body><h1>{line}</h1>\n")).unwrap();
            let sentence = sentence.strip_suffix("\n</body></html>\n").unwrap();
            assert!(sentence.ends_with('.') && sentence.lines().count() == 1, "{sentence}");
        }
        assert_eq!(ErrorStatus::all().count(), SEEN.len());
    }

    #[test]
    fn a_status_without_a_message_gets_that_of_500() {
        assert_eq!(ErrorStatus::of(418), None);
        assert_eq!(ErrorStatus::standing_for(418).code(), 500);
        assert_eq!(ErrorStatus::standing_for(429).code(), 429);
    }
}
