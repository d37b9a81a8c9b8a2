//! A record of an exchange for tests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proto_core::address::Address;
use proto_core::info::ConnectionInfo;
use proxy_rules::record::{Concurrent, QueuePositions, Record, Timers};

/// A record. The default is a successful exchange.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) is_http: bool,
    pub(crate) is_early: bool,
    pub(crate) line: &'static [u8],
    pub(crate) status: Option<u16>,
    pub(crate) timers: Timers,
    pub(crate) redispatched: bool,
    pub(crate) termination: [u8; 2],
    pub(crate) server: Option<Address>,
    pub(crate) own: Option<Address>,
    pub(crate) client_info: Option<ConnectionInfo>,
    pub(crate) server_info: Option<ConnectionInfo>,
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

impl Default for Told {
    fn default() -> Told {
        let address = |text: &str| text.parse().ok().map(Address::Inet);
        Told {
            is_http: true,
            is_early: false,
            line: b"GET /a\"b\\]?x=1 HTTP/1.1",
            status: Some(200),
            timers: Timers {
                handshake: millis(1),
                idle: Some(millis(20)),
                request: Some(millis(10)),
                queue: Some(millis(0)),
                connect: Some(millis(30)),
                response: Some(millis(69)),
                active: millis(139),
            },
            redispatched: false,
            termination: *b"--",
            server: address("203.0.113.9:8080"),
            own: address("203.0.113.1:51000"),
            client_info: None,
            server_info: None,
        }
    }
}

impl Told {
    /// Returns a request that has failed.
    pub(crate) fn failed() -> Told {
        Told {
            line: b"",
            status: None,
            timers: Timers { active: millis(5), ..Timers::default() },
            termination: *b"CR",
            server: None,
            own: None,
            ..Told::default()
        }
    }

    /// Returns a session of mode tcp.
    pub(crate) fn session() -> Told {
        let timers = Told::default().timers;
        Told {
            is_http: false,
            line: b"",
            status: None,
            timers: Timers { handshake: millis(0), idle: None, request: None, response: None, ..timers },
            ..Told::default()
        }
    }
}

impl Record for Told {
    fn is_http(&self) -> bool {
        self.is_http
    }

    fn accepted(&self) -> SystemTime {
        self.began() - millis(21)
    }

    fn began(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(1_796_033_868_027)
    }

    fn timers(&self) -> Timers {
        self.timers
    }

    fn bytes_from_client(&self) -> u64 {
        47
    }

    fn bytes_to_client(&self) -> u64 {
        2750
    }

    fn termination(&self) -> [u8; 2] {
        self.termination
    }

    fn status(&self) -> Option<u16> {
        self.status
    }

    fn retries(&self) -> u32 {
        2
    }

    fn is_redispatched(&self) -> bool {
        self.redispatched
    }

    fn concurrent(&self) -> Concurrent {
        Concurrent { process: 5, frontend: 4, backend: 3, server: 2 }
    }

    fn queue_positions(&self) -> QueuePositions {
        QueuePositions { server: 7, backend: 8 }
    }

    fn server_address(&self) -> Option<&Address> {
        self.server.as_ref()
    }

    fn own_address(&self) -> Option<&Address> {
        self.own.as_ref()
    }

    fn request_line(&self) -> &[u8] {
        self.line
    }

    fn is_early(&self) -> bool {
        self.is_early
    }

    fn log_count(&self) -> u64 {
        11
    }

    fn number(&self) -> u32 {
        31
    }

    fn client_info(&self) -> Option<&ConnectionInfo> {
        self.client_info.as_ref()
    }

    fn server_info(&self) -> Option<&ConnectionInfo> {
        self.server_info.as_ref()
    }
}
